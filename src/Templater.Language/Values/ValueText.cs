using System.Buffers;
using System.Globalization;
using System.Text;

namespace Templater.Language;

/// <summary>How values look as text.</summary>
internal static class ValueText
{
    private const int ShortestDescription = 40;

    public static string Of(TemplateValue value) => Of(value, RenderLimits.Default.StringCharacters);

    public static string Of(TemplateValue value, int limit)
    {
        if (value.AsText() is { } text)
            return text;
        if (value.IsNull)
            return "";
        if (value.Reference is ScalarTag or BigNumber or DecimalNumber)
            return OfScalar(value);
        var result = new StringBuilder();
        Append(result, value, RenderLimits.ValueDepth, limit, isNested: false);
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
                return OfScalar(value);
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

    private static string OfScalar(TemplateValue value) => value.Kind switch
    {
        ValueKind.Boolean => value.Bits != 0 ? "true" : "false",
        ValueKind.Date => DateFormat.Format(value.ToDate(), DateFormat.Default, null),
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

    private static void Append(StringBuilder result, TemplateValue value, int depth, int limit, bool isNested)
    {
        if (depth == 0)
            throw RuntimeErrors.ValueTooDeep();
        if (result.Length > limit)
            throw RuntimeErrors.StringTooLong(limit, null);
        switch (value.Reference)
        {
            case null:
                result.Append(isNested ? "null" : "");
                break;
            case string text:
                result.Append(isNested && !value.IsCharacter ? Quote(text) : text);
                break;
            case TemplateList list:
                AppendList(result, list.Items, depth, limit);
                break;
            case TemplateRange range:
                AppendRange(result, range, limit);
                break;
            case TemplateFunction:
                result.Append("<function>");
                break;
            case EmptyObject:
                result.Append(isNested ? "null" : "");
                break;
            case TemplateObject members:
                AppendMembers(result, members, depth, limit);
                break;
            default:
                result.Append(OfScalar(value));
                break;
        }
    }

    private static void AppendList(StringBuilder result, IReadOnlyList<TemplateValue> items, int depth, int limit)
    {
        result.Append('[');
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                result.Append(", ");
            Append(result, items[i], depth - 1, limit, isNested: true);
        }
        result.Append(']');
    }

    private static void AppendRange(StringBuilder result, TemplateRange range, int limit)
    {
        result.Append('[');
        for (long i = 0; i < range.Length; i++)
        {
            if (i > 0)
                result.Append(", ");
            result.Append(range.At(i));
            if (result.Length > limit)
                throw RuntimeErrors.StringTooLong(limit, null);
        }
        result.Append(']');
    }

    private static void AppendMembers(StringBuilder result, TemplateObject members, int depth, int limit)
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
            Append(result, value, depth - 1, limit, isNested: true);
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

    /// <summary>The text with C-like escapes.</summary>
    // Most of what is escaped needs it nowhere; other characters are looked at one by one.
    private static readonly SearchValues<char> NeedNoEscape = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -_.,:;=/*+()[]{}<>@#%&!?|~^$'");

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
