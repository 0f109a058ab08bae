namespace Templater.Cli.Options;

/// <summary>Names of outputs, which labels and file names repeat.</summary>
internal static class OutputNames
{
    private const int MaxLength = 40;

    /// <summary>What a name may be, in words.</summary>
    public const string LegalValues = "at most 40 lower-case letters, digits and hyphens";

    public static bool IsLegal(string name) => name.Length is > 0 and <= MaxLength
        && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
