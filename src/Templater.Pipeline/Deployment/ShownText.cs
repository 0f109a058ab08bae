namespace Templater.Pipeline.Deployment;

/// <summary>Text of other programs, made fit for a message: bounded, and without control characters.</summary>
internal static class ShownText
{
    private const int MaxLine = 400;
    private const int MaxBlock = 4000;

    /// <summary>Several lines, kept as such.</summary>
    public static string Block(string text)
    {
        var shown = new string([.. text.Trim().Take(MaxBlock).Select(c => c != '\n' && char.IsControl(c) ? ' ' : c)]);
        return shown.Length < MaxBlock ? shown : shown + " …";
    }

    /// <summary>The same joined to one line.</summary>
    public static string OneLine(string text)
    {
        var parts = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var shown = new string([.. string.Join("; ", parts).Take(MaxLine).Select(c => char.IsControl(c) ? ' ' : c)]);
        return shown.Length < MaxLine ? shown : shown + " …";
    }
}
