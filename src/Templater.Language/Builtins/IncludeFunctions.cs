using System.Collections.Immutable;
using System.Diagnostics;

namespace Templater.Language;

/// <summary><c>include</c> and <c>include_join</c>; the evaluator carries them out.</summary>
internal static class IncludeFunctions
{
    public static ImmutableArray<FunctionDefinition> All { get; } =
    [
        Special("include", "The text of another template; further arguments are $1, $2, named ones are $name.", SpecialFunction.Include,
            Define.In("name", Define.Text), Define.Rest("arguments", Define.Any)),
        Special("include_join", "The texts of several templates with a separator between them.", SpecialFunction.IncludeJoin,
            Define.In("names", Define.List), Define.In("separator", Define.Text), Define.Maybe("begin", Define.Text), Define.Maybe("end", Define.Text)),
    ];

    private static FunctionDefinition Special(string name, string documentation, SpecialFunction special, params FunctionParameter[] parameters) => new()
    {
        Name = name,
        Parameters = [.. parameters],
        Documentation = documentation,
        Special = special,
        Body = static _ => throw new UnreachableException("includes are carried out by the evaluator"),
    };
}
