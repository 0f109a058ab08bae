using System.Buffers;
using System.Globalization;
using System.Text;

namespace Templater.Language;

/// <summary>How a render wants its values.</summary>
/// <param name="Limit">Most characters.</param>
/// <param name="DatePattern">How dates look.</param>
/// <param name="Depth">How deep they may be nested.</param>
internal readonly record struct TextRules(int Limit, string DatePattern, int Depth = RenderLimits.ValueDepth);

/// <summary>How values look as text.</summary>
internal static class ValueText
{
    private const int ShortestDescription = 40;

    public static string Of(TemplateValue value) => Of(value, new TextRules(RenderLimits.Default.StringCharacters, DateFormat.Default));

    public static string Of(TemplateValue value, TextRules rules)
    {
        if (value.AsText() is { } text)
            return text;
        if (value.IsNull)
            return "";
        if (value.Reference is ScalarTag or BigNumber or DecimalNumber)
            return OfScalar(value, rules.DatePattern);
        var result = new StringBuilder();
        Append(result, value, rules.Depth, rules, isNested: false);
        return result.ToString();
    }

    /// <summary>What kind of value it is, for messages. Never shows text that came from outside.</summary>
    public static string Describe(TemplateValue value)
    {
        switch (value.Kind)
        {
            case ValueKind.Null:
                return "null";
            case ValueKind.Boolean or ValueKind.Number:
                return OfScalar(value, DateFormat.Default);
            case ValueKind.Text:
                var text = value.AsText()!;
                return value.Taint == Taint.Clean && text.Length <= ShortestDescription ? Quote(text) : "a text";
            case ValueKind.List:
                return value.Reference is TemplateRange ? "a range" : "a list";
            case ValueKind.Function:
                return "a function";
            case ValueKind.Date:
                return "a date";
            case ValueKind.Duration:
                return "a duration";
            default:
                return value.AsObject()!.TypeName is "object" ? "an object" : value.AsObject()!.TypeName;
        }
    }

    private static string OfScalar(TemplateValue value, string datePattern) => value.Kind switch
    {
        ValueKind.Boolean => value.Bits != 0 ? "true" : "false",
        ValueKind.Date => DateFormat.Format(value.ToDate(), datePattern),
        ValueKind.Duration => value.ToDuration().ToString("c", CultureInfo.InvariantCulture),
        _ => value.NumberKind switch
        {
            NumberKind.Integer => value.Bits.ToString(CultureInfo.InvariantCulture),
            NumberKind.Big => value.ToBig().ToString(CultureInfo.InvariantCulture),
            NumberKind.Single => ((float)value.ToDouble()).ToString(CultureInfo.InvariantCulture),
            NumberKind.Decimal => Convert.ToDecimal(value).ToString(CultureInfo.InvariantCulture),
            _ => value.ToDouble().ToString(CultureInfo.InvariantCulture),
        },
    };

    private static void Append(StringBuilder result, TemplateValue value, int depth, TextRules rules, bool isNested)
    {
        if (depth == 0 && value.Kind is ValueKind.List or ValueKind.Object)
            throw RuntimeErrors.ValueTooDeep(rules.Depth);
        if (result.Length > rules.Limit)
            throw RuntimeErrors.StringTooLong(rules.Limit, null);
        switch (value.Reference)
        {
            case null:
                result.Append(isNested ? "null" : "");
                break;
            case string text:
                if (text.Length > rules.Limit - result.Length)
                    throw RuntimeErrors.StringTooLong(rules.Limit, null);
                result.Append(isNested && !value.IsUnquoted ? Quote(text) : text);
                break;
            case TemplateList list:
                AppendList(result, list.Items, depth, rules);
                break;
            case TemplateRange range:
                AppendRange(result, range, rules);
                break;
            case TemplateFunction:
                result.Append("<function>");
                break;
            case EmptyObject:
                result.Append(isNested ? "null" : "");
                break;
            case TemplateObject members:
                AppendMembers(result, members, depth, rules);
                break;
            default:
                result.Append(OfScalar(value, rules.DatePattern));
                break;
        }
    }

    private static void AppendList(StringBuilder result, IReadOnlyList<TemplateValue> items, int depth, TextRules rules)
    {
        result.Append('[');
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                result.Append(", ");
            Append(result, items[i], depth - 1, rules, isNested: true);
        }
        result.Append(']');
    }

    private static void AppendRange(StringBuilder result, TemplateRange range, TextRules rules)
    {
        result.Append('[');
        for (long i = 0; i < range.Length; i++)
        {
            if (i > 0)
                result.Append(", ");
            result.Append(range.At(i));
            if (result.Length > rules.Limit)
                throw RuntimeErrors.StringTooLong(rules.Limit, null);
        }
        result.Append(']');
    }

    private static void AppendMembers(StringBuilder result, TemplateObject members, int depth, TextRules rules)
    {
        result.Append('{');
        var isFirst = true;
        foreach (var (key, value) in members.Members)
        {
            if (!isFirst)
                result.Append(", ");
            isFirst = false;
            var name = key.AsText() ?? Of(key);
            result.Append(IsIdentifier(name) ? name : Quote(name)).Append(": ");
            Append(result, value, depth - 1, rules, isNested: true);
        }
        result.Append('}');
    }

    private static bool IsIdentifier(string name)
    {
        if (name.Length == 0 || !(char.IsLetter(name[0]) || name[0] == '_'))
            return false;
        foreach (var c in name)
            if (!char.IsLetterOrDigit(c) && c != '_')
                return false;
        return true;
    }

    public static string Quote(string text) => $"\"{Escape(text)}\"";

    // Most of what is escaped needs it nowhere; other characters are looked at one by one.
    private static readonly SearchValues<char> NeedNoEscape = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -_.,:;=/*+()[]{}<>@#%&!?|~^$'");

    /// <summary>The text with C-like escapes.</summary>
    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(NeedNoEscape))
            return text;
        var result = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    result.Append('\\').Append(c);
                    break;
                case '\n':
                    result.Append("\\n");
                    break;
                case '\r':
                    result.Append("\\r");
                    break;
                case '\t':
                    result.Append("\\t");
                    break;
                case '\b':
                    result.Append("\\b");
                    break;
                case '\f':
                    result.Append("\\f");
                    break;
                case '\v':
                    result.Append("\\v");
                    break;
                default:
                    if (char.IsControl(c))
                        result.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
                    else
                        result.Append(c);
                    break;
            }
        }
        return result.ToString();
    }
}
