namespace Templater.Language.Conformance;

/// <summary>What the original prints for a value inside <c>$"…"</c> that has no text of its own: the name of its class.</summary>
/// <remarks>An accident of the original, which the language does not share: only the comparison knows these names.</remarks>
internal static class OriginalNames
{
    /// <summary>The name, or null for a value that is printed as itself.</summary>
    public static string? Of(TemplateValue value) => value switch
    {
        { Kind: ValueKind.List } => value.Reference is TemplateRange ? "Scriban.Runtime.ScriptRange" : "Scriban.Runtime.ScriptArray",
        { Reference: DefinedFunction function } => "Scriban.Runtime.DynamicCustomFunction+Function" + Signature(function.Definition),
        _ => null,
    };

    // The original has a class for each list of types that a function takes and gives.
    private static string Signature(FunctionDefinition function)
    {
        var types = function.Parameters.Select(parameter => parameter.Type);
        return string.Join('_', types.Prepend(function.Result?.Invoke([.. types]) ?? new TemplateType.Any()).Select(NameOf));
    }

    private static string NameOf(TemplateType type) => type switch
    {
        TemplateType.Text => "string",
        TemplateType.Boolean => "bool",
        TemplateType.Number => "int",
        TemplateType.ListOf => "IEnumerable",
        _ => "object",
    };
}
