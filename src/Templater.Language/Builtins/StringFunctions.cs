using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using static Templater.Language.Define;

namespace Templater.Language;

/// <summary>The functions of <c>string</c>. All comparisons are by code unit, all case changes by the invariant culture.</summary>
internal static partial class StringFunctions
{
    private static FunctionParameter TextIn => In("text", Text);

    /// <summary>Changes of case and shape.</summary>
    public static ImmutableArray<FunctionDefinition> Case { get; } =
    [
        Joining("string.append", "The text with another one after it.", c => (c[0], c[1]), TextIn, In("with", Text)),
        Joining("string.prepend", "The text with another one before it.", c => (c[1], c[0]), TextIn, In("by", Text)),
        TextOf("string.capitalize", "The first character in upper case.", c => Capitalize(c.Text(0)), TextIn),
        TextOf("string.capitalizewords", "The first character of each word in upper case.", c => CapitalizeWords(c.Text(0)), TextIn),
        TextOrNull("string.downcase", "The text in lower case.", c => c.Text(0).ToLowerInvariant(), TextIn),
        TextOrNull("string.upcase", "The text in upper case.", c => c.Text(0).ToUpperInvariant(), TextIn),
        TextOf("string.handleize", "The text as part of a URL: lower case, other characters become -.", c => c[0].IsNull ? throw c.Error("the text is null") : Handleize(c.Text(0)), TextIn),
        TextOrNull("string.lstrip", "The text without blanks at its start.", c => c.Text(0).TrimStart(), TextIn),
        TextOrNull("string.rstrip", "The text without blanks at its end.", c => c.Text(0).TrimEnd(), TextIn),
        TextOrNull("string.strip", "The text without blanks at both ends.", c => c.Text(0).Trim(), TextIn),
        TextOrNull("string.strip_newlines", "The text without line breaks.", c => StripNewLines(c.Text(0)), TextIn),
        TextOf("string.escape", "The text with C-like escapes.", c => BoundedText.Changed(c, c.Text(0), ValueText.Escape), TextIn),
        TextOrNull("string.literal", "The text as a quoted literal with escapes.", c => $"\"{BoundedText.Changed(c, c.Text(0), ValueText.Escape)}\"", TextIn),
        Value("string.pluralize", "One of two texts: the first for 1, the second for other numbers.", c => CheckedTypes.TextOf(CheckedTypes.TaintOf(c)),
            c => c.Integer(0) == 1 ? c[1] : c[2], In("number", Number), In("singular", Text), In("plural", Text)),
        TextOf("string.pad_left", "The text filled with blanks on the left up to a width.", c => Pad(c, true), TextIn, In("width", Number)),
        TextOf("string.pad_right", "The text filled with blanks on the right up to a width.", c => Pad(c, false), TextIn, In("width", Number)),
    ];

    private static FunctionDefinition Joining(string name, string documentation, Func<FunctionCall, (TemplateValue, TemplateValue)> order, params FunctionParameter[] parameters) => new()
    {
        Name = name,
        Documentation = documentation,
        Parameters = [.. parameters],
        Flow = TaintFlow.Explicit,
        Result = CheckedTypes.WrittenText,
        Body = call =>
        {
            var (first, second) = order(call);
            var text = call.Context.ToText(first) + call.Context.ToText(second);
            return TemplateValue.FromText(call.Context.CheckLength(text, call.Span), TaintRules.Joined(Taints.OfText(first), Taints.OfText(second)));
        },
    };

    private static string Capitalize(string text) =>
        text.Length == 0 || char.IsUpper(text[0]) ? text : string.Concat(char.ToUpperInvariant(text[0]).ToString(), text.AsSpan(1));

    private static string CapitalizeWords(string text)
    {
        var result = new StringBuilder(text.Length);
        var atStart = true;
        foreach (var c in text)
        {
            result.Append(atStart ? char.ToUpperInvariant(c) : c);
            atStart = char.IsWhiteSpace(c);
        }
        return result.ToString();
    }

    private static string Handleize(string text)
    {
        var result = new StringBuilder(text.Length);
        var last = '\0';
        foreach (var c in text)
        {
            var next = char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-';
            if (next != '-' || last != '-')
                result.Append(next);
            last = next;
        }
        return result.ToString().TrimEnd('-');
    }

    private static string StripNewLines(string text) => text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);

    private static string Pad(FunctionCall call, bool isLeft)
    {
        var width = call.Integer(1);
        if (width > call.Context.Limits.StringCharacters)
            throw RuntimeErrors.StringTooLong(call.Context.Limits.StringCharacters, call.Place.Of(call.Definition, 1));
        if (width < 0)
            throw call.Wrong(1, "0 or more");
        return isLeft ? call.Text(0).PadLeft((int)width) : call.Text(0).PadRight((int)width);
    }

    /// <summary>Conversions, hashes, encodings.</summary>
    public static ImmutableArray<FunctionDefinition> Convert { get; } =
    [
        TextOf("string.base64_encode", "The UTF-8 bytes of the text in base 64.", c => System.Convert.ToBase64String(Encoding.UTF8.GetBytes(c.Text(0))), TextIn),
        TextOf("string.base64_decode", "The UTF-8 text of base 64 bytes.", Base64Decode, TextIn),
        TextOf("string.md5", "MD5 of the UTF-8 bytes in hex.", c => Hash(c, HashName.Md5), TextIn),
        TextOf("string.sha1", "SHA-1 of the UTF-8 bytes in hex.", c => Hash(c, HashName.Sha1), TextIn),
        TextOf("string.sha256", "SHA-256 of the UTF-8 bytes in hex.", c => Hash(c, HashName.Sha256), TextIn),
        TextOf("string.sha512", "SHA-512 of the UTF-8 bytes in hex.", c => Hash(c, HashName.Sha512), TextIn),
        TextOf("string.hmac_sha1", "HMAC-SHA-1 with a key, in hex.", c => Hmac(c, HashName.Sha1), TextIn, In("secret_key", Text)),
        TextOf("string.hmac_sha256", "HMAC-SHA-256 with a key, in hex.", c => Hmac(c, HashName.Sha256), TextIn, In("secret_key", Text)),
        TextOf("string.hmac_sha512", "HMAC-SHA-512 with a key, in hex.", c => Hmac(c, HashName.Sha512), TextIn, In("secret_key", Text)),
        Scalar("string.to_int", "The whole number that the text says, or null.", Number, c => ToWhole(c, int.MinValue, int.MaxValue), TextIn),
        Scalar("string.to_long", "The whole number that the text says, or null.", Number, c => ToWhole(c, long.MinValue, long.MaxValue), TextIn),
        Scalar("string.to_float", "The number that the text says, or null.", Number, c => ToFraction(c, true), TextIn),
        Scalar("string.to_double", "The number that the text says, or null.", Number, c => ToFraction(c, false), TextIn),
    ];

    private enum HashName
    {
        Md5,
        Sha1,
        Sha256,
        Sha512,
    }

    private static string Base64Decode(FunctionCall call)
    {
        var bytes = new byte[call.Text(0).Length];
        return System.Convert.TryFromBase64String(call.Text(0), bytes, out var count) ? Encoding.UTF8.GetString(bytes, 0, count) : throw call.Error("the text is not base 64");
    }

#pragma warning disable CA5350, CA5351 // Old hashes are asked for by name, for names and checksums, not for security.
    private static string Hash(FunctionCall call, HashName name)
    {
        var bytes = Encoding.UTF8.GetBytes(call.Text(0));
        return System.Convert.ToHexStringLower(name switch
        {
            HashName.Md5 => System.Security.Cryptography.MD5.HashData(bytes),
            HashName.Sha1 => System.Security.Cryptography.SHA1.HashData(bytes),
            HashName.Sha256 => System.Security.Cryptography.SHA256.HashData(bytes),
            _ => System.Security.Cryptography.SHA512.HashData(bytes),
        });
    }

    private static string Hmac(FunctionCall call, HashName name)
    {
        var (key, bytes) = (Encoding.UTF8.GetBytes(call.Text(1)), Encoding.UTF8.GetBytes(call.Text(0)));
        return System.Convert.ToHexStringLower(name switch
        {
            HashName.Sha1 => System.Security.Cryptography.HMACSHA1.HashData(key, bytes),
            HashName.Sha256 => System.Security.Cryptography.HMACSHA256.HashData(key, bytes),
            _ => System.Security.Cryptography.HMACSHA512.HashData(key, bytes),
        });
    }
#pragma warning restore CA5350, CA5351

    private static TemplateValue ToWhole(FunctionCall call, long lowest, long highest)
    {
        return long.TryParse(call.Text(0), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number >= lowest && number <= highest
            ? TemplateValue.From(number)
            : TemplateValue.Null;
    }

    private static TemplateValue ToFraction(FunctionCall call, bool isSingle)
    {
        if (!double.TryParse(call.Text(0), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number))
            return TemplateValue.Null;
        return isSingle ? TemplateValue.FromSingle(number) : TemplateValue.From(number);
    }
}
