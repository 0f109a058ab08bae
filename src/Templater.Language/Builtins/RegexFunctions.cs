using System.Collections.Immutable;
using System.Text.RegularExpressions;
using static Templater.Language.Define;

namespace Templater.Language;

/// <summary>The functions of <c>regex</c>: .NET syntax, with a time limit. Options: i, m, s, x.</summary>
internal static class RegexFunctions
{
    private const int MostKept = 200;

    private static FunctionParameter TextIn => In("text", Text);
    private static FunctionParameter PatternIn => In("pattern", Text);
    private static FunctionParameter OptionsIn => Maybe("options", Text);

    public static ImmutableArray<FunctionDefinition> All { get; } =
    [
        TextOf("regex.escape", "The text with everything escaped that has a meaning in a pattern.", c => Regex.Escape(c.Text(0)), PatternIn),
        TextOf("regex.unescape", "The opposite of escape.", Unescape, PatternIn),
        Texts("regex.match", "The groups of the first match, the whole match first; an empty list if there is none.", Match, TextIn, PatternIn, OptionsIn),
        Texts("regex.matches", "The groups of each match.", Matches, TextIn, PatternIn, OptionsIn),
        TextOf("regex.replace", "The text with each match replaced; $1 stands for a group.", ReplaceAll, TextIn, PatternIn, In("replace", Text), OptionsIn),
        Texts("regex.split", "The parts of the text between matches.", Split, TextIn, PatternIn, OptionsIn),
    ];

    private static FunctionDefinition Texts(string name, string documentation, Func<FunctionCall, TemplateValue> body, params FunctionParameter[] parameters) => new()
    {
        Name = name,
        Documentation = documentation,
        Parameters = [.. parameters],
        Body = body,
        Flow = TaintFlow.Explicit,
        Result = CheckedTypes.DerivedTexts,
    };

    private static T Run<T>(FunctionCall call, string pattern, int optionsIndex, Func<Regex, FunctionCall, T> use)
    {
        if (call[0].IsNull || call[1].IsNull)
            throw call.Error(call[0].IsNull ? "the text is null" : "the pattern is null", "write ?? '' after it if it may be missing");
        try
        {
            return use(Get(call, pattern, call.Text(optionsIndex)), call);
        }
        catch (RegexMatchTimeoutException)
        {
            throw RuntimeErrors.RegexTime(call.Span, call.Context.Limits.RegexTime);
        }
        catch (RegexParseException broken)
        {
            throw call.Error($"the pattern is not a regular expression ({broken.Error} at {broken.Offset})");
        }
    }

    private static Regex Get(FunctionCall call, string pattern, string letters)
    {
        var known = call.Context.Expressions;
        var key = (letters, pattern);
        if (known.TryGetValue(key, out var expression))
            return expression;
        var options = RegexOptions.CultureInvariant;
        foreach (var letter in letters)
        {
            options |= letter switch
            {
                'i' => RegexOptions.IgnoreCase,
                'm' => RegexOptions.Multiline,
                's' => RegexOptions.Singleline,
                'x' => RegexOptions.IgnorePatternWhitespace,
                _ when call.Context.Options.Strict => throw call.Error("the options are letters of i, m, s, x"),
                _ => RegexOptions.None,
            };
        }
        if (known.Count >= MostKept)
            known.Clear();
        return known[key] = new Regex(pattern, options, call.Context.Limits.RegexTime);
    }

    private static string ReplaceAll(FunctionCall call)
    {
        if (!call[0].IsText || !call[1].IsText)
            return Run(call, call.Text(1), 3, Replace);
        var key = new ReplacementMemo.Key(call.Text(0), call.Text(1), call.Text(2), call.Text(3));
        if (call.Context.Replacements.Find(key) is { } known)
            return known;
        var result = Run(call, key.Pattern, 3, Replace);
        call.Context.Replacements.Keep(key, result);
        return result;
    }

    private static string Replace(Regex expression, FunctionCall call)
    {
        // Longer results are rare; they go the long way.
        const int longest = 200;
        var (text, by) = (call.Text(0), call.Text(2));
        if (by.Contains('$', StringComparison.Ordinal))
            return expression.Replace(text, by);
        Span<char> replaced = stackalloc char[longest];
        var (from, length) = (0, 0);
        foreach (var match in expression.EnumerateMatches(text))
        {
            var kept = match.Index - from;
            if (length + kept + by.Length > longest)
                return expression.Replace(text, by);
            text.AsSpan(from, kept).CopyTo(replaced[length..]);
            by.CopyTo(replaced[(length + kept)..]);
            length += kept + by.Length;
            from = match.Index + match.Length;
        }
        var rest = text.AsSpan(from);
        if (from == 0 && length == 0)
            return text;
        if (length + rest.Length > longest)
            return expression.Replace(text, by);
        rest.CopyTo(replaced[length..]);
        return call.Context.Texts.Get(replaced[..(length + rest.Length)]);
    }

    private static string Unescape(FunctionCall call)
    {
        try
        {
            return Regex.Unescape(call.Text(0));
        }
        catch (RegexParseException)
        {
            throw call.Error("the text has an unknown escape");
        }
    }

    private static TemplateValue Groups(Match match, Taint taint)
    {
        return TemplateValue.From(new TemplateList([.. match.Groups.Cast<Group>().Select(g => TemplateValue.FromText(g.Value, taint))], isOwned: true));
    }

    private static TemplateValue Match(FunctionCall call)
    {
        var taint = TaintRules.Changed(call.ArgumentTaint());
        var match = Run(call, call.Text(1), 2, static (r, c) => r.Match(c.Text(0)));
        return match.Success ? Groups(match, taint) : TemplateValue.From(new TemplateList());
    }

    private static TemplateValue Matches(FunctionCall call)
    {
        var taint = TaintRules.Changed(call.ArgumentTaint());
        var found = Run(call, call.Text(1), 2, static (r, c) => r.Matches(c.Text(0)).ToList());
        call.Context.CountIterations(found.Count, call.Span);
        return TemplateValue.From(new TemplateList([.. found.Select(m => Groups(m, taint))], isOwned: true));
    }

    private static TemplateValue Split(FunctionCall call)
    {
        var taint = TaintRules.Changed(call.ArgumentTaint());
        var parts = Run(call, call.Text(1), 2, static (r, c) => r.Split(c.Text(0)));
        call.Context.CountIterations(parts.Length, call.Span);
        return TemplateValue.From(new TemplateList([.. parts.Select(p => TemplateValue.FromText(p, taint))], isOwned: true));
    }
}
