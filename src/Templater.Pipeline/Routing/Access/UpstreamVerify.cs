namespace Templater.Pipeline.Routing;

/// <summary>How the certificate of an upstream's servers is verified.</summary>
/// <param name="File">Name of the file with the authorities; null = those of the proxy's system.</param>
public sealed record UpstreamVerify(string? File)
{
    /// <summary>Where the file lies, as Templater sees it; null = the system's.</summary>
    public string? Path { get; init; }

    /// <summary>Digest of the file; empty for the system's.</summary>
    public string Digest { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => File ?? "true";
}
