using System.Collections.Immutable;

namespace Templater.Pipeline.Certificates;

/// <summary>
/// A pair whose files are there and cannot be used: cut off, unreadable, not matching. It says that its names are meant to be
/// served by https, so that they are not served in plain text because a renewal went wrong.
/// </summary>
public sealed record UnusablePair
{
    /// <summary>Name by which labels choose it: file or directory name without suffix.</summary>
    public required string Name { get; init; }

    /// <summary>Path of the chain as Templater sees it.</summary>
    public required string ChainPath { get; init; }

    /// <summary>True when it lies in the folder that HAProxy loads as a whole.</summary>
    public bool IsInHAProxyFolder { get; init; }

    /// <summary>
    /// Names it was valid for at last or would be valid for, lower case, ordinal order; where its certificate cannot be read and
    /// never could, the one that the file is called by.
    /// </summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>What is wrong with it: a sentence with the file's name.</summary>
    public required string Problem { get; init; }

    /// <summary>What to do about it, as a sentence; null when only another file helps.</summary>
    public string? Remedy { get; init; }
}
