using System.Globalization;

namespace Templater.Cli.Options;

/// <summary>Where a value came from, weakest first.</summary>
internal enum SettingLayer
{
    Default,
    Compat,
    File,
    Environment,
    Flag,
}

/// <summary>The text of a setting and where it was written.</summary>
/// <param name="Text">The text; empty means not set.</param>
/// <param name="Layer">Kind of source.</param>
/// <param name="Source">The source in words: a flag, a variable, or file, line and column.</param>
internal sealed record SettingValue(string Text, SettingLayer Layer, string Source);

/// <summary>A place in the settings file.</summary>
internal readonly record struct FilePlace(string Path, long Line, long Column)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Path}:{Line}:{Column}");
}
