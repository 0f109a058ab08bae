using System.Text;

namespace Templater.Language.Conformance;

/// <summary>How the original prints what has no text of its own: by the name of its class, or as its tree.</summary>
/// <remarks>Accidents of the original, which the language does not share: only the comparison knows them.</remarks>
internal sealed class OriginalForms : IValueForms
{
    public static readonly OriginalForms Instance = new();

    public string? Interpolated(TemplateValue value) => value switch
    {
        { IsDate: true } => value.ToDate().ToString(System.Globalization.CultureInfo.InvariantCulture),
        { Kind: ValueKind.List } => value.Reference is TemplateRange ? "Scriban.Runtime.ScriptRange" : "Scriban.Runtime.ScriptArray",
        { Reference: DefinedFunction function } => "Scriban.Runtime.DynamicCustomFunction+Function" + Signature(function.Definition),
        _ => null,
    };

    // As it was written, but without blanks around operators.
    public string? Code(string code)
    {
        var source = new SourceText("", code);
        using var tokens = Lexer.ReadScript(source, new DiagnosticBag(source));
        var result = new StringBuilder(code.Length);
        var (end, isTight) = (0, true);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            var isOperator = SyntaxFacts.Binary(token.Kind).Precedence > 0;
            if (!isOperator && !isTight && token.Start > end)
                result.Append(code, end, token.Start - end);
            result.Append(code, token.Start, token.End - token.Start);
            (end, isTight) = (token.End, isOperator);
        }
        return result.ToString();
    }

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
