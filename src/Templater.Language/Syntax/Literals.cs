using System.Globalization;
using System.Numerics;
using System.Text;

namespace Templater.Language;

/// <summary>The values of literals.</summary>
internal static class Literals
{
    /// <summary>The text of a quoted literal, without its quotes.</summary>
    /// <param name="text">The source.</param>
    /// <param name="token">The literal; a mistake is shown at its beginning.</param>
    /// <param name="start">Where its text begins, after the quote.</param>
    /// <param name="end">Where its text ends.</param>
    /// <param name="isInterpolated">Whether <c>{</c> has a meaning in it, and so an escape.</param>
    /// <param name="diagnostics">Takes the mistakes.</param>
    public static string Unescape(string text, Token token, int start, int end, bool isInterpolated, DiagnosticBag diagnostics)
    {
        if (text.IndexOf('\\', start, end - start) < 0)
            return text[start..end];
        var result = new StringBuilder(end - start);
        for (var i = start; i < end; i++)
        {
            if (text[i] != '\\' || i + 1 >= end)
            {
                result.Append(text[i]);
                continue;
            }
            i++;
            var digits = text[i] is 'x' ? 2 : text[i] is 'u' ? 4 : 0;
            if (digits > 0)
            {
                i = AppendCode(text, i, end, digits, result, diagnostics);
                continue;
            }
            // A backslash before a line break joins the lines.
            if (text[i] == '\r' && i + 1 < end && text[i + 1] == '\n')
                i++;
            else if (text[i] is not ('\r' or '\n'))
                AppendSimple(text, i, token, isInterpolated, result, diagnostics);
        }
        return result.ToString();
    }

    private static int AppendCode(string text, int at, int end, int digits, StringBuilder result, DiagnosticBag diagnostics)
    {
        var length = Math.Min(digits, end - at - 1);
        var code = text.AsSpan(at + 1, length);
        if (length == digits && ushort.TryParse(code, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            result.Append((char)value);
        else
            diagnostics.BadEscape(new TextSpan(at + 1 + CountHexDigits(code), 1), $"\\{text[at]}{code}");
        return at + length;
    }

    private static int CountHexDigits(ReadOnlySpan<char> code)
    {
        var count = 0;
        while (count < code.Length && char.IsAsciiHexDigit(code[count]))
            count++;
        return count;
    }

    private static void AppendSimple(string text, int at, Token token, bool isInterpolated, StringBuilder result, DiagnosticBag diagnostics)
    {
        switch (text[at])
        {
            case '\\' or '\'' or '"':
            case '{' when isInterpolated:
                result.Append(text[at]);
                break;
            case 'n':
                result.Append('\n');
                break;
            case 'r':
                result.Append('\r');
                break;
            case 't':
                result.Append('\t');
                break;
            case 'b':
                result.Append('\b');
                break;
            case 'f':
                result.Append('\f');
                break;
            case 'v':
                result.Append('\v');
                break;
            case '0':
                result.Append('\0');
                break;
            default:
                diagnostics.BadEscape(token.Span, $"\\{text[at]}");
                break;
        }
    }

    /// <summary>The value of a number as written.</summary>
    public static bool TryParseNumber(string written, TokenKind kind, out TemplateValue value)
    {
        var text = written.Replace("_", "", StringComparison.Ordinal);
        value = TemplateValue.Null;
        return kind switch
        {
            TokenKind.HexInteger => TryParseHex(text, out value),
            TokenKind.BinaryInteger => TryParseBinary(text, out value),
            TokenKind.Integer => TryParseInteger(text, out value),
            _ => TryParseFloat(text, out value),
        };
    }

    private static bool TryParseInteger(string text, out TemplateValue value)
    {
        value = TemplateValue.Null;
        var exponent = text.IndexOfAny(['e', 'E']);
        var digits = exponent < 0 ? text : text[..exponent];
        if (!BigInteger.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        if (exponent >= 0)
        {
            if (!int.TryParse(text.AsSpan(exponent + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power) || power is < 0 or > RenderLimits.NumberDigits)
                return false;
            // An integer with an exponent is as long as it says: 1e400 has 401 digits.
            number *= BigInteger.Pow(10, power);
        }
        value = TemplateValue.From(number);
        return true;
    }

    private static bool TryParseFloat(string text, out TemplateValue value)
    {
        var suffix = char.ToLowerInvariant(text[^1]);
        var digits = suffix is 'f' or 'd' or 'm' ? text[..^1] : text;
        var style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (suffix == 'm')
        {
            var isDecimal = decimal.TryParse(digits, style, CultureInfo.InvariantCulture, out var exact);
            value = TemplateValue.From(exact);
            return isDecimal;
        }
        var isNumber = double.TryParse(digits, style, CultureInfo.InvariantCulture, out var number);
        value = suffix == 'f' ? TemplateValue.FromSingle(number) : TemplateValue.From(number);
        return isNumber && double.IsFinite(number);
    }

    /// <summary>A double that is written without a suffix as a decimal, if it fits; any other value as it is.</summary>
    public static TemplateValue AsDecimal(TemplateValue value, string written)
    {
        return value.NumberKind == NumberKind.Double && TryParseFloat(written.Replace("_", "", StringComparison.Ordinal) + 'm', out var exact) ? exact : value;
    }

    // Without "u" the bits of a 32-bit number are taken as they are, so 0xFFFFFFFF is -1.
    private static bool TryParseHex(string text, out TemplateValue value)
    {
        var isUnsigned = text[^1] is 'u' or 'U';
        var digits = isUnsigned ? text[2..^1] : text[2..];
        var isNumber = BigInteger.TryParse("0" + digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number);
        value = TemplateValue.From(Wrap(number, isUnsigned));
        return isNumber;
    }

    private static BigInteger Wrap(BigInteger number, bool isUnsigned)
    {
        if (isUnsigned)
            return number;
        if (number > int.MaxValue && number <= uint.MaxValue)
            return (int)(uint)number;
        return number > long.MaxValue && number <= ulong.MaxValue ? (long)(ulong)number : number;
    }

    private static bool TryParseBinary(string text, out TemplateValue value)
    {
        var suffix = char.ToLowerInvariant(text[^1]);
        var digits = suffix is 'u' or 'f' or 'd' ? text[2..^1] : text[2..];
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        // Without the 0 the first digit would be the sign.
        if (!BigInteger.TryParse("0" + digits.Replace(".", "", StringComparison.Ordinal), NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out var number))
        {
            value = TemplateValue.Null;
            return false;
        }
        if (point < 0 && suffix is not ('f' or 'd'))
        {
            value = TemplateValue.From(Wrap(number, suffix == 'u'));
            return true;
        }
        var scaled = (double)number / Math.Pow(2, point < 0 ? 0 : digits.Length - point - 1);
        value = suffix == 'f' ? TemplateValue.FromSingle(scaled) : TemplateValue.From(scaled);
        return double.IsFinite(scaled);
    }
}
