using System.Collections.Immutable;

namespace Templater.Pipeline.Certificates;

/// <summary>
/// A certificate chain with its key that lies in the certificates directory, was read completely and found to match.
/// Only public facts; key bytes never leave the reader.
/// </summary>
public sealed record CertificatePair
{
    /// <summary>Name by which labels choose it: file or directory name without suffix.</summary>
    public required string Name { get; init; }

    /// <summary>Path of the chain as Templater sees it; templates see it as the proxy does.</summary>
    public required string ChainPath { get; init; }

    /// <summary>Path of the key as Templater sees it; equal to <see cref="ChainPath"/> for a combined file.</summary>
    public required string KeyPath { get; init; }

    /// <summary>True when chain and key are one file, as HAProxy reads it.</summary>
    public bool IsCombined => string.Equals(ChainPath, KeyPath, StringComparison.Ordinal);

    /// <summary>True when it lies in the folder that HAProxy loads as a whole.</summary>
    public bool IsInHAProxyFolder { get; init; }

    /// <summary>DNS names and addresses it is valid for, lower case, ordinal order; wildcards as <c>*.example.com</c>.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>Start of validity.</summary>
    public DateTimeOffset NotBefore { get; init; }

    /// <summary>End of validity.</summary>
    public DateTimeOffset NotAfter { get; init; }

    /// <summary>SHA-256 of the leaf certificate, lower-case hex.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>SHA-256 of the bytes of all files of the pair, lower-case hex; a change of them needs a reload.</summary>
    public required string ContentDigest { get; init; }

    /// <summary>SHA-256 of what follows the first certificate of the chain, lower-case hex; empty when it is not known.</summary>
    public string IssuersDigest { get; init; } = "";

    /// <summary>
    /// True when HAProxy can be given another content while it runs, and be asked for it.
    /// </summary>
    internal bool IsToldAtRunTime => IsInHAProxyFolder && IsCombined && IssuersDigest.Length > 0;
}
