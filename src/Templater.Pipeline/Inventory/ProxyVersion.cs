using System.Collections.Immutable;

namespace Templater.Pipeline.Inventory;

/// <summary>How the version of a proxy was found out, in the order in which it is believed.</summary>
public enum VersionSource
{
    /// <summary>The operator says it.</summary>
    Setting,
    /// <summary>The program that checks configurations is of that version, and the proxy's image says nothing older.</summary>
    Checker,
    /// <summary>The environment, a label or the tag of the proxy's image tells.</summary>
    Image,
    /// <summary>Nothing tells: the oldest that is supported is assumed.</summary>
    Default,
}

/// <summary>
/// What else than containers tells about the version of an output's proxy. Part of the snapshot, because what is written depends
/// on it.
/// </summary>
/// <param name="Setting">What the operator says; null = nothing.</param>
/// <param name="Checker">What the program that checks says of itself; null when there is none.</param>
public sealed record ProxyVersion(Version? Setting, Version? Checker)
{
    /// <summary>True when nothing is known.</summary>
    internal bool IsEmpty => Setting is null && Checker is null;

    /// <summary>Only what is known, and null when that is nothing: then nothing is recorded.</summary>
    /// <param name="versions">By output.</param>
    internal static ImmutableSortedDictionary<string, ProxyVersion>? Known(ImmutableSortedDictionary<string, ProxyVersion> versions)
    {
        var known = versions.WithComparers(StringComparer.Ordinal);
        foreach (var (output, version) in versions)
        {
            if (version.IsEmpty)
                known = known.Remove(output);
        }

        return known.IsEmpty ? null : known;
    }
}
