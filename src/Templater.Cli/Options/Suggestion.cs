using Templater.Language;

namespace Templater.Cli.Options;

/// <summary>What somebody probably meant, as messages of the command say it.</summary>
internal static class Suggestion
{
    /// <summary>" Did you mean X?" or nothing.</summary>
    public static string Question(string name, IEnumerable<string> candidates) =>
        NearestName.Find(name, candidates) is { } nearest ? $" Did you mean {nearest}?" : "";
}
