namespace Templater.Pipeline.Inventory;

/// <summary>Takes an image name apart (distribution reference grammar). Never fails: what does not fit is the repository.</summary>
internal static class ImageReferenceParser
{
    private const int DigestHexLength = 64;

    /// <summary>The parts of <paramref name="text"/>, for example <c>registry:5000/my/shop:2@sha256:…</c>.</summary>
    public static ImageReference Parse(string text)
    {
        text = UntrustedText.Bounded(text);
        // An image that lost its name is listed by its id.
        if (text.StartsWith("sha256:", StringComparison.Ordinal) || IsBareId(text))
            return new ImageReference("", text, "", "");

        var digest = "";
        if (text.IndexOf('@', StringComparison.Ordinal) is var at and >= 0)
            (text, digest) = (text[..at], text[(at + 1)..]);

        var tag = "";
        if (text.LastIndexOf(':') is var colon and >= 0 && text.IndexOf('/', colon) < 0)
            (text, tag) = (text[..colon], text[(colon + 1)..]);

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && IsRegistry(text[..slash])
            ? new ImageReference(text[..slash], text[(slash + 1)..], tag, digest)
            : new ImageReference("", text, tag, digest);
    }

    // The first part is a registry exactly when it cannot be a path component of the default registry.
    private static bool IsRegistry(string part) =>
        part.Contains('.', StringComparison.Ordinal) || part.Contains(':', StringComparison.Ordinal) || part == "localhost";

    private static bool IsBareId(string text) =>
        text.Length == DigestHexLength && text.All(char.IsAsciiHexDigitLower);
}
