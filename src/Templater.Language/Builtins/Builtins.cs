using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>The functions of the language itself, one table for each object. Listed by <c>templater model</c> and the documentation.</summary>
public static class Builtins
{
    private static readonly Lazy<ImmutableArray<FunctionDefinition>> Everything = new(static () =>
        [.. Objects.SelectMany(static name => Of(name)).Concat(IncludeFunctions.All).OrderBy(static function => function.Name, StringComparer.Ordinal)]);

    /// <summary>All functions of the language, by name.</summary>
    public static ImmutableArray<FunctionDefinition> All => Everything.Value;

    /// <summary>The objects that have functions.</summary>
    internal static ImmutableArray<string> Objects { get; } = ["array", "date", "html", "math", "object", "regex", "string", "timespan"];

    /// <summary>The functions of one object; those of the others are not made yet, which a start would notice.</summary>
    internal static IEnumerable<FunctionDefinition> Of(string name) => name switch
    {
        "array" => [.. ArrayFunctions.All, .. ArrayFunctions.Callbacks],
        "date" => DateFunctions.All,
        "html" => HtmlFunctions.All,
        "math" => [.. MathFunctions.All, .. ChanceFunctions.All],
        "object" => ObjectFunctions.All,
        "regex" => RegexFunctions.All,
        "string" => [.. StringFunctions.Case, .. StringFunctions.Search, .. StringFunctions.Cut, .. StringFunctions.Convert],
        "timespan" => TimeSpanFunctions.All,
        _ => [],
    };
}

/// <summary>Short forms for the tables of functions.</summary>
internal static class Define
{
    public static readonly TemplateType Text = new TemplateType.Text();
    public static readonly TemplateType Number = new TemplateType.Number();
    public static readonly TemplateType Truth = new TemplateType.Boolean();
    public static readonly TemplateType Any = new TemplateType.Any();
    public static readonly TemplateType Function = new TemplateType.Function();
    public static readonly TemplateType Date = new TemplateType.Date();
    public static readonly TemplateType Duration = new TemplateType.Duration();
    public static readonly TemplateType List = new TemplateType.ListOf(new TemplateType.Any());

    /// <summary>A parameter.</summary>
    public static FunctionParameter In(string name, TemplateType type) => new(name, type);

    /// <summary>A parameter that may be left out.</summary>
    public static FunctionParameter Maybe(string name, TemplateType type) => new(name, type, Optional: true);

    /// <summary>All further arguments.</summary>
    public static FunctionParameter Rest(string name, TemplateType type) => new(name, type, Optional: true) { IsRest = true };

    /// <summary>A function whose result is text made from its arguments.</summary>
    public static FunctionDefinition TextOf(string name, string documentation, Func<FunctionCall, string> body, params FunctionParameter[] parameters) => new()
    {
        Name = name,
        Parameters = [.. parameters],
        Documentation = documentation,
        Body = call => TemplateValue.FromText(body(call)),
        Result = CheckedTypes.DerivedText,
    };

    /// <summary>A function that changes a text: nothing stays nothing.</summary>
    public static FunctionDefinition TextOrNull(string name, string documentation, Func<FunctionCall, string> body, params FunctionParameter[] parameters) =>
        TextOf(name, documentation, body, parameters) with { Body = call => call[0].IsNull ? TemplateValue.Null : TemplateValue.FromText(body(call)) };

    /// <summary>A function whose result is true or false.</summary>
    public static FunctionDefinition Test(string name, string documentation, Func<FunctionCall, bool> body, params FunctionParameter[] parameters) => new()
    {
        Name = name,
        Parameters = [.. parameters],
        Documentation = documentation,
        Body = call => TemplateValue.From(body(call)),
        Flow = TaintFlow.Explicit,
        Result = static _ => Truth,
    };

    /// <summary>A function whose result is a number, a date or a duration: never text.</summary>
    public static FunctionDefinition Scalar(string name, string documentation, TemplateType result, Func<FunctionCall, TemplateValue> body, params FunctionParameter[] parameters) => new()
    {
        Name = name,
        Parameters = [.. parameters],
        Documentation = documentation,
        Body = body,
        Flow = TaintFlow.Explicit,
        Result = _ => result.OrNull(),
    };

    /// <summary>A function that hands on values of its arguments, each with its own taint.</summary>
    public static FunctionDefinition Value(string name, string documentation, Func<IReadOnlyList<TemplateType>, TemplateType>? result, Func<FunctionCall, TemplateValue> body, params FunctionParameter[] parameters) => new()
    {
        Name = name,
        Parameters = [.. parameters],
        Documentation = documentation,
        Body = body,
        Flow = TaintFlow.Explicit,
        Result = result,
    };
}
