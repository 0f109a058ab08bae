using System.Collections.Immutable;
using System.Text.RegularExpressions;
using static Templater.Language.Define;

namespace Templater.Language;

/// <summary>The functions of <c>regex</c>: .NET syntax, with a time limit. Options: i, m, s, x.</summary>
internal static class RegexFunctions
{
    private const int MostKept = 200;
    private const int LongestKept = 1000;

    private static FunctionParameter TextIn => In("text", Text);
    private static FunctionParameter PatternIn => In("pattern", Text);
    private static FunctionParameter OptionsIn => Maybe("options", Text);

    public static ImmutableArray<FunctionDefinition> All { get; } =
    [
        TextOf("regex.escape", "The text with everything escaped that has a meaning in a pattern.", c => Regex.Escape(Pattern(c)), PatternIn),
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
            var result = use(Get(call, pattern, call.Text(optionsIndex)), call);
            // However short the texts are, a match may take long.
            call.Context.CheckUse();
            return result;
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
        if (pattern.Length > RenderLimits.PatternCharacters)
            throw RuntimeErrors.PatternTooLong(call.Place.Of(call.Definition, 1));
        var options = OptionsOf(call, letters);
        var known = call.Context.Expressions;
        if (known.TryGetValue((options, pattern), out var expression))
            return expression;
        expression = new Regex(pattern, options, call.Context.Limits.RegexTime);
        // What is kept for other calls and renders is bounded in number and length.
        if (pattern.Length > LongestKept)
            return expression;
        if (known.Count >= MostKept)
            known.Clear();
        return known[(options, pattern)] = expression;
    }

    private static RegexOptions OptionsOf(FunctionCall call, string letters)
    {
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
        return options;
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
            return ReplaceLong(expression, text, by, call);
        Span<char> replaced = stackalloc char[longest];
        var (from, length) = (0, 0);
        foreach (var match in expression.EnumerateMatches(text))
        {
            call.Context.CheckUse();
            var kept = match.Index - from;
            if (length + kept + by.Length > longest)
                return ReplaceLong(expression, text, by, call);
            text.AsSpan(from, kept).CopyTo(replaced[length..]);
            by.CopyTo(replaced[(length + kept)..]);
            length += kept + by.Length;
            from = match.Index + match.Length;
        }
        var rest = text.AsSpan(from);
        if (from == 0 && length == 0)
            return text;
        if (length + rest.Length > longest)
            return ReplaceLong(expression, text, by, call);
        rest.CopyTo(replaced[length..]);
        return call.Context.Texts.Get(replaced[..(length + rest.Length)]);
    }

    private static string ReplaceLong(Regex expression, string text, string by, FunctionCall call)
    {
        var result = new BoundedText(call);
        var from = 0;
        var parts = ReplacementParts(by);
        for (var match = expression.Match(text); match.Success; match = Next(match, call))
        {
            result.Add(text.AsSpan(from, match.Index - from));
            foreach (var part in parts)
                result.Add(part[0] == '$' && part.Length > 1 ? match.Result(part) : part);
            from = match.Index + match.Length;
        }
        if (from == 0 && result.IsEmpty)
            return text;
        result.Add(text.AsSpan(from));
        return result.ToString();
    }

    // Each part has at most one "$" with a meaning, so that none becomes longer than a text may be.
    private static List<string> ReplacementParts(string by)
    {
        var parts = new List<string>();
        for (var start = 0; start < by.Length;)
        {
            var isDollar = by[start] == '$' && start + 1 < by.Length && by[start + 1] == '$';
            var next = by.IndexOf('$', Math.Min(start + (isDollar ? 2 : 1), by.Length));
            var end = next < 0 ? by.Length : next;
            parts.Add(by[start..end]);
            start = end;
        }
        return parts;
    }

    // A match is a turn of a loop, its groups are work. Each may take as long as an expression may, and there may be millions of them.
    private static Match Next(Match match, FunctionCall call)
    {
        call.Context.CountIteration(call.Span, match.Groups.Count);
        call.Context.CheckUse();
        return match.NextMatch();
    }

    private static string Pattern(FunctionCall call)
    {
        return !call[0].IsNull ? call.Text(0) : throw call.Error("the pattern is null", "write ?? '' after it if it may be missing");
    }

    private static string Unescape(FunctionCall call)
    {
        try
        {
            return Regex.Unescape(Pattern(call));
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
        return Run(call, call.Text(1), 2, (expression, c) =>
        {
            var found = new TemplateList();
            for (var match = expression.Match(c.Text(0)); match.Success; match = Next(match, c))
                found.Add(Groups(match, taint));
            return TemplateValue.From(found);
        });
    }

    // The groups of what divides the text are parts too.
    private static TemplateValue Split(FunctionCall call)
    {
        var taint = TaintRules.Changed(call.ArgumentTaint());
        return Run(call, call.Text(1), 2, (expression, c) =>
        {
            var text = c.Text(0);
            var parts = new TemplateList();
            var from = 0;
            for (var match = expression.Match(text); match.Success; match = Next(match, c))
            {
                parts.Add(TemplateValue.FromText(text[from..match.Index], taint));
                for (var group = 1; group < match.Groups.Count; group++)
                    if (match.Groups[group].Success)
                        parts.Add(TemplateValue.FromText(match.Groups[group].Value, taint));
                from = match.Index + match.Length;
            }
            parts.Add(TemplateValue.FromText(text[from..], taint));
            return TemplateValue.From(parts);
        });
    }
}
