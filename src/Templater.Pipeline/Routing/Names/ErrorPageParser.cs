using System.Globalization;

namespace Templater.Pipeline.Routing.Names;

/// <summary>Reads what is shown instead of an error. Pure.</summary>
internal static class ErrorPageParser
{
    /// <summary>Most pages of one route.</summary>
    public const int MaxPages = 50;

    /// <summary>What is legal as a status, for messages.</summary>
    public const string LegalStatus = "a status from 400 to 599, 4xx or 5xx,";

    /// <summary>What is legal as a page, for messages.</summary>
    public const string Legal = "/path on this container, or container:port/path, of letters, digits and any of -._~/!*(),;:@&=+ with a query of the same,";

    private const int MaxName = 253;

    /// <summary>True for a status, or a class of them.</summary>
    /// <param name="text">The text.</param>
    public static bool IsStatus(string text) => text.Length == 3 && text[0] is '4' or '5'
        && (text.EndsWith("xx", StringComparison.Ordinal) || (char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2]) && text is not "499"));

    /// <summary>Reads a page.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="text">The value of the label.</param>
    /// <param name="page">The page.</param>
    public static bool TryParse(string status, string text, out ErrorPage page)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        page = new ErrorPage(status, slash < 0 ? "" : text[slash..]);
        if (!IsStatus(status) || slash < 0 || !IsPage(page.Path))
            return false;
        if (slash == 0)
            return true;
        var colon = text.LastIndexOf(':', slash - 1);
        if (colon <= 0 || !IsContainerName(text[..colon]) || !int.TryParse(text[(colon + 1)..slash], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            return false;
        page = page with { Container = text[..colon], Port = port };
        return true;
    }

    /// <summary>The pages in the order in which they are looked at: single ones before classes.</summary>
    public static int Compare(ErrorPage left, ErrorPage right) =>
        left.IsClass.CompareTo(right.IsClass) is not 0 and var order ? order : string.CompareOrdinal(left.Status, right.Status);

    /// <summary>True for a path with or without a query. A percent sign or a dollar sign would mean different things to different proxies.</summary>
    internal static bool IsPage(string path)
    {
        var question = path.IndexOf('?', StringComparison.Ordinal);
        return path.Length <= PathPatternParser.MaxLength && IsPlain(question < 0 ? path : path[..question]) && (question < 0 || IsPlain(path[(question + 1)..]));
    }

    private static bool IsPlain(string text)
    {
        foreach (var character in text)
            if (!char.IsAsciiLetterOrDigit(character) && !"-._~/!*(),;:@&=+".Contains(character, StringComparison.Ordinal))
                return false;
        return true;
    }

    // As the engine has it.
    private static bool IsContainerName(string text)
    {
        foreach (var character in text)
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
                return false;
        return text.Length <= MaxName && char.IsAsciiLetterOrDigit(text[0]);
    }
}
