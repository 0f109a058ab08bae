namespace Templater.Pipeline.Rendering.Quoting;

/// <summary>A value made safe for one place of a configuration, or why it cannot be expressed there.</summary>
/// <param name="Text">The text to print; null when there is a problem.</param>
/// <param name="Problem">What is wrong with the value, as the end of a sentence that begins with it; null when it is fine.</param>
internal readonly record struct QuotingResult(string? Text, string? Problem)
{
    /// <summary>A value that can be printed.</summary>
    public static QuotingResult Of(string text) => new(text, null);

    /// <summary>A value that cannot be expressed.</summary>
    public static QuotingResult Refused(string problem) => new(null, problem);
}
