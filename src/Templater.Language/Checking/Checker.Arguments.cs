using System.Collections.Immutable;

namespace Templater.Language;

internal sealed partial class Checker
{
    /// <summary>The arguments of a call as written and what is known of their values.</summary>
    private sealed record GivenArguments(
        ImmutableArray<ArgumentSyntax> Syntax, ExpressionSyntax? Piped, List<TemplateType> Positional, Dictionary<string, TemplateType> Named, TextSpan Name)
    {
        public int Count => Positional.Count + Named.Count;

        public static GivenArguments None(TextSpan name) => new([], null, [], [], name);

        /// <summary>Where a reader looks when the number is wrong: at the first argument that is too much, or at the name of the function that lacks one.</summary>
        public TextSpan Wrong(int most) => Count <= most ? Name : Positional.Count > most ? At(most).Span : Syntax[^1].Span;

        /// <summary>The expression of a positional argument.</summary>
        public ExpressionSyntax At(int index)
        {
            var written = Syntax.Where(static argument => argument.Name is null).Select(static argument => argument.Value);
            return (Piped is null ? written : written.Prepend(Piped)).ElementAt(index);
        }
    }

    private void CheckArguments(FunctionDefinition definition, GivenArguments given)
    {
        if (given.Count < definition.RequiredCount || (!definition.HasRest && given.Count > definition.Parameters.Length))
            ReportCount(definition.Name, [.. definition.Parameters.Select(p => p.IsRest ? $"[{p.Name}...]" : p.Optional ? $"[{p.Name}]" : p.Name)], definition.HasRest ? int.MaxValue : definition.Parameters.Length, given);
        var names = definition.Parameters.Where(static p => !p.IsRest).Select(static p => p.Name).ToArray();
        CheckNames(definition.Name, names, static (parameter, name) =>
            parameter == name || parameter.Replace("_", "", StringComparison.Ordinal).Equals(name, StringComparison.OrdinalIgnoreCase), given);
        if (AreSwapped(definition, given))
            Report(given.At(0).Span, "swapped-arguments", $"{definition.Name} takes a list first and then a text; these two are the other way round", $"it is called as {definition.Signature}", DiagnosticSeverity.Warning);
        for (var i = 0; i < Math.Min(given.Positional.Count, definition.Parameters.Length) && !definition.Parameters[i].IsRest; i++)
            if (WrongKind(definition.Parameters[i].Type, given.Positional[i]) is { } expected)
                Report(given.At(i).Span, "wrong-argument", $"{definition.Name}: \"{definition.Parameters[i].Name}\" must be {expected}, not a {given.Positional[i]}", $"it is called as {definition.Signature}");
        for (var i = 0; i < Math.Min(given.Positional.Count, definition.Parameters.Length); i++)
            if (definition.Parameters[i].IsPrinted)
                CheckPrinted(given.Positional[i], given.At(i).Span);
    }

    private void CheckArguments(FunctionSyntax function, GivenArguments given)
    {
        if (function.Parameters is not { } parameters)
            return;
        var required = parameters.Count(static p => p.Default is null && !p.IsRest);
        var most = parameters.Any(static p => p.IsRest) ? int.MaxValue : parameters.Length;
        if (given.Count < required || given.Count > most)
            ReportCount(function.Name, [.. parameters.Select(p => p.IsRest ? $"[{p.Name}...]" : p.Default is not null ? $"[{p.Name}]" : p.Name)], most, given);
        CheckNames(function.Name, [.. parameters.Where(static p => !p.IsRest).Select(static p => p.Name)], static (parameter, name) => parameter == name, given);
    }

    private void ReportCount(string function, string[] parameters, int most, GivenArguments given)
    {
        var mistake = RuntimeErrors.ArgumentCount(given.Wrong(most), function, string.Join(' ', parameters.Prepend(function)), given.Count);
        var hint = given.Piped is null || parameters.Length == 0 ? mistake.Hint
            : $"it is called as {string.Join(' ', parameters.Skip(1).Prepend($"{parameters[0]} | {function}"))}: what is piped counts as the first argument";
        Report(given.Wrong(most), mistake.Id, mistake.Message, hint);
    }

    private void CheckNames(string function, string[] parameters, Func<string, string, bool> isName, GivenArguments given)
    {
        foreach (var argument in given.Syntax)
        {
            if (_program.Options.Strict && argument.Name is { } name && !Array.Exists(parameters, parameter => isName(parameter, name)))
                Report(RuntimeErrors.UnknownArgument(new TextSpan(argument.Span.Start, name.Length), function, name, parameters));
        }
    }

    // A text may stand for the list of its characters, and a list is written where a text is wanted; both at once is hardly meant.
    private static bool AreSwapped(FunctionDefinition definition, GivenArguments given) =>
        definition.Parameters.Length > 1 && given.Positional.Count > 1 && definition.Parameters[0].Type is TemplateType.ListOf && definition.Parameters[1].Type is TemplateType.Text
        && given.Positional[0] is TemplateType.Text && given.Positional[1] is TemplateType.ListOf;

    // Only what no conversion makes fit; null is an argument left out.
    private static string? WrongKind(TemplateType parameter, TemplateType given) => (parameter, given) switch
    {
        (_, { Nullable: true }) => null,
        (TemplateType.ListOf, TemplateType.Number or TemplateType.Boolean or TemplateType.Date or TemplateType.Duration) => "a list",
        (TemplateType.Number, TemplateType.ListOf or TemplateType.MapOf or TemplateType.ObjectOf or TemplateType.Literal) => "a number",
        (TemplateType.Function, TemplateType.Text or TemplateType.Number or TemplateType.Boolean or TemplateType.ListOf or TemplateType.ObjectOf) => "a function, such as @string.upcase",
        _ => null,
    };
}
