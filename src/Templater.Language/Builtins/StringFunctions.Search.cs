using System.Collections.Immutable;
using System.Text;
using static Templater.Language.Define;

namespace Templater.Language;

internal static partial class StringFunctions
{
    /// <summary>Questions about a text.</summary>
    public static ImmutableArray<FunctionDefinition> Search { get; } =
    [
        Test("string.contains", "Whether the text contains another one.", c => Has(c, (a, b) => a.Contains(b, StringComparison.Ordinal)), TextIn, In("value", Text)),
        Test("string.starts_with", "Whether the text starts with another one.", c => Has(c, (a, b) => a.StartsWith(b, StringComparison.Ordinal)), TextIn, In("value", Text)),
        Test("string.ends_with", "Whether the text ends with another one.", c => Has(c, (a, b) => a.EndsWith(b, StringComparison.Ordinal)), TextIn, In("value", Text)),
        Test("string.equals_ignore_case", "Whether two texts are equal but for case.", c => c[0].IsNull == c[1].IsNull && c.Text(0).Equals(c.Text(1), StringComparison.OrdinalIgnoreCase), TextIn, In("value", Text)),
        Test("string.empty", "Whether the text is empty or null.", c => c.Text(0).Length == 0, TextIn),
        Test("string.whitespace", "Whether the text is empty, null or only white space.", c => string.IsNullOrWhiteSpace(c.Text(0)), TextIn),
        Scalar("string.size", "Number of UTF-16 characters.", Number, c => TemplateValue.From(c.Text(0).Length), TextIn),
        Scalar("string.index_of", "Index of another text in the text, or -1.", Number, IndexOf, TextIn, In("search", Text), Maybe("start_index", Number), Maybe("count", Number), Maybe("string_comparison", Text)),
    ];

    // An empty or null text to look for is found nowhere.
    private static bool Has(FunctionCall call, Func<string, string, bool> test)
    {
        return !call[0].IsNull && call.Text(1) is { Length: > 0 } value && test(Searched(call, value), value);
    }

    // Looking for a long text in a long text that is nearly made of it takes as many steps as their lengths multiply to.
    private static string Searched(FunctionCall call, string value)
    {
        var text = call.Text(0);
        return (long)text.Length * value.Length <= RenderLimits.SearchSteps ? text : throw RuntimeErrors.SearchTooLong(call.Span);
    }

    private static TemplateValue IndexOf(FunctionCall call)
    {
        if (call[0].IsNull)
            throw call.Wrong(0, "a text");
        var text = Searched(call, call.Text(1));
        var start = call[2].IsNull ? 0 : call.Integer(2);
        var count = call[3].IsNull ? text.Length - start : call.Integer(3);
        if (start < 0 || start > text.Length)
            throw call.Wrong(2, $"0 to {text.Length}, the length of the text");
        if (count < 0 || count > text.Length - start)
            throw call.Wrong(3, $"0 to {text.Length - start}, what is left of the text");
        var comparison = call.Text(4, "Ordinal") switch
        {
            "" or "Ordinal" or "InvariantCulture" or "CurrentCulture" => StringComparison.Ordinal,
            "OrdinalIgnoreCase" or "InvariantCultureIgnoreCase" or "CurrentCultureIgnoreCase" => StringComparison.OrdinalIgnoreCase,
            _ => throw call.Wrong(4, "Ordinal or OrdinalIgnoreCase"),
        };
        return TemplateValue.From(text.IndexOf(call.Text(1), (int)start, (int)count, comparison));
    }

    /// <summary>Parts of a text and replacements in it.</summary>
    public static ImmutableArray<FunctionDefinition> Cut { get; } =
    [
        TextOrNull("string.remove", "The text without each occurrence of another one.", c => c.Text(1).Length == 0 ? c.Text(0) : Replaced(c, c.Text(1), ""), TextIn, In("remove", Text)),
        TextOrNull("string.remove_first", "The text without the first occurrence of another one.", c => ReplaceAt(c, Searched(c, c.Text(1)).IndexOf(c.Text(1), StringComparison.Ordinal), ""), TextIn, In("remove", Text)),
        TextOrNull("string.remove_last", "The text without the last occurrence of another one.", c => ReplaceAt(c, Searched(c, c.Text(1)).LastIndexOf(c.Text(1), StringComparison.Ordinal), ""), TextIn, In("remove", Text)),
        TextOrNull("string.replace", "The text with each occurrence of another one replaced.", c => Replaced(c, c.Text(1), c.Text(2)), TextIn, In("match", Text), In("replace", Text)),
        TextOrNull("string.replace_first", "The text with the first (or last) occurrence of another one replaced, ignoring case.", ReplaceFirst, TextIn, In("match", Text), In("replace", Text), Maybe("from_end", Truth)),
        TextOf("string.slice", "The part of the text from an index, negative from the end, of that length.", c => Slice(c, c.Text(0).Length), TextIn, In("start", Number), Maybe("length", Number)),
        TextOf("string.slice1", "The character at an index, or that many.", c => Slice(c, 1), TextIn, In("start", Number), Maybe("length", Number)),
        TextOf("string.truncate", "At most that many characters, the last of them an ellipsis.", Truncate, TextIn, In("length", Number), Maybe("ellipsis", Text)),
        TextOf("string.truncatewords", "At most that many words, followed by an ellipsis.", TruncateWords, TextIn, In("count", Number), Maybe("ellipsis", Text)),
        new FunctionDefinition
        {
            Name = "string.split",
            Documentation = "The parts of the text between separators; empty parts are dropped.",
            Parameters = [TextIn, In("match", Text)],
            Flow = TaintFlow.Explicit,
            Result = CheckedTypes.DerivedTexts,
            Body = Split,
            FirstItem = FirstPart,
        },
    ];

    private static string Replaced(FunctionCall call, string match, string by)
    {
        var text = Searched(call, match);
        if (text.Length == 0)
            return text;
        if (match.Length == 0)
            throw call.Error("the text to look for must not be empty");
        if (by.Length > match.Length && (long)text.Length / match.Length * by.Length > call.Context.Limits.StringCharacters)
        {
            var found = text.AsSpan().Count(match);
            if ((long)text.Length + ((long)found * (by.Length - match.Length)) > call.Context.Limits.StringCharacters)
                throw RuntimeErrors.StringTooLong(call.Context.Limits.StringCharacters, call.Span);
        }
        return call.Context.Texts.Replace(text, match, by);
    }

    private static string ReplaceFirst(FunctionCall call)
    {
        var text = Searched(call, call.Text(1));
        var at = call[3].IsTruthy ? text.LastIndexOf(call.Text(1), StringComparison.OrdinalIgnoreCase) : text.IndexOf(call.Text(1), StringComparison.OrdinalIgnoreCase);
        return ReplaceAt(call, at, call.Text(2));
    }

    private static string ReplaceAt(FunctionCall call, int at, string by)
    {
        var text = call.Text(0);
        return at < 0 || call.Text(1).Length == 0 ? text : string.Concat(text.AsSpan(0, at), by, text.AsSpan(at + call.Text(1).Length));
    }

    private static string Slice(FunctionCall call, int otherwise)
    {
        var text = call.Text(0);
        var start = call.Integer(1);
        var length = call[2].IsNull ? otherwise : call.Integer(2);
        // A negative length takes all the rest.
        if (length < 0)
            length = text.Length;
        if (start < 0)
            start = Math.Max(start, int.MinValue) + text.Length;
        // What would lie before the text is cut off like what would lie behind it.
        if (start < 0)
            (start, length) = (0, start + length);
        if (start >= text.Length || length <= 0)
            return "";
        return text.Substring((int)start, (int)Math.Min(length, text.Length - start));
    }

    private static string Truncate(FunctionCall call)
    {
        var (text, ellipsis) = (call.Text(0), call.Text(2, "..."));
        var most = call.Integer(1);
        return text.Length <= most ? text : string.Concat(text.AsSpan(0, (int)Math.Max(0, Math.Max(0, most) - ellipsis.Length)), ellipsis);
    }

    private static string TruncateWords(FunctionCall call)
    {
        if (call.Text(0).Length == 0)
            return "";
        // White space at the start is an empty word, as in Scriban, which also ignores the ellipsis that it is given.
        var rest = call.Text(0).AsSpan();
        var words = new StringBuilder();
        for (var left = call.Integer(1); left > 0; left--)
        {
            var end = rest.IndexOfAny(" \t\r\n");
            words.Append(end < 0 ? rest : rest[..end]);
            if (end < 0)
                break;
            rest = rest[(end + 1)..];
            if (left > 1)
                words.Append(' ');
        }
        return words.Append(call.Context.Options.Strict ? call.Text(2, "...") : "...").ToString();
    }

    private static TemplateValue FirstPart(FunctionCall call)
    {
        var separator = call.Text(1);
        var text = Searched(call, separator).AsSpan();
        if (separator.Length > 0)
        {
            // Empty parts are dropped.
            while (text.StartsWith(separator, StringComparison.Ordinal))
                text = text[separator.Length..];
            if (text.IndexOf(separator, StringComparison.Ordinal) is var end and >= 0)
                text = text[..end];
        }
        if (text.Length == 0)
            return default;
        call.Context.CountIteration(call.Span);
        return TemplateValue.FromText(call.Context.Texts.Get(text), TaintRules.Changed(call.ArgumentTaint()));
    }

    private static TemplateValue Split(FunctionCall call)
    {
        var taint = TaintRules.Changed(call.ArgumentTaint());
        var separator = call.Text(1);
        var text = Searched(call, separator).AsSpan();
        var parts = new TemplateList(capacity: 2) { IsIterator = true };
        if (separator.Length == 0)
            Add(text);
        else
            foreach (var part in text.Split(separator))
                Add(text[part]);
        return TemplateValue.From(parts);

        void Add(ReadOnlySpan<char> part)
        {
            if (part.Length == 0)
                return;
            call.Context.CountIteration(call.Span);
            parts.Add(TemplateValue.FromText(call.Context.Texts.Get(part), taint));
        }
    }
}
