namespace Templater.Cli.Options;

/// <summary>Where the state lies when no setting says so.</summary>
internal static class StateDirectories
{
    /// <summary>There once a Templater has used the directory.</summary>
    public const string FormatFile = "format";

    private const string InImage = "/state";
    private const string Elsewhere = "/var/lib/templater";

    public static string Of(Settings settings) =>
        settings.Get(OutputSettings.StateDirectory) is { Length: > 0 } directory ? directory
        : Directory.Exists(InImage) ? InImage
        : Elsewhere;
}
