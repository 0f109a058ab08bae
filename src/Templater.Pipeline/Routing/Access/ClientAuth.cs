namespace Templater.Pipeline.Routing;

/// <summary>Whether clients show a certificate.</summary>
public enum ClientAuthMode
{
    /// <summary>Nobody is asked.</summary>
    Off,
    /// <summary>All are asked; one that is shown must be good.</summary>
    Optional,
    /// <summary>Without a good one nobody comes in.</summary>
    Required,
}

/// <summary>Client certificates of one virtual host.</summary>
/// <param name="Mode">Whether they are needed.</param>
/// <param name="File">Name of the file with the authorities; empty only when <paramref name="Mode"/> is off.</param>
public sealed record ClientAuth(ClientAuthMode Mode, string File)
{
    /// <summary>Where the file lies, as Templater sees it.</summary>
    public string Path { get; init; } = "";

    /// <summary>Digest of the file.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Where the file with revoked certificates lies, as Templater sees it; null = there is none.</summary>
    public string? RevocationsPath { get; init; }

    /// <summary>Digest of that file.</summary>
    public string RevocationsDigest { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Mode == ClientAuthMode.Off ? "off" : $"{Mode.ToString().ToLowerInvariant()} by {File}";
}
