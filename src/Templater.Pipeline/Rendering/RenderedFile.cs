using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Rendering;

/// <summary>The bytes of one output, ready to be deployed.</summary>
public sealed record RenderedFile
{
    /// <summary>Name of the output.</summary>
    public required string Output { get; init; }

    /// <summary>Where it goes; <c>-</c> for standard output.</summary>
    public required string Path { get; init; }

    /// <summary>UTF-8 without byte order mark.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>
    /// 16 hex digits: SHA-256 over the content with the id as zeros, followed by the digests of the certificate files it
    /// refers to. The same inputs give the same id; it is never a counter or a time.
    /// </summary>
    public required string Generation { get; init; }

    /// <summary>
    /// The same without what the proxy can be told while it runs, which therefore needs no reload: this is the id that stands in the
    /// content. Null where it is <see cref="Generation"/> itself.
    /// </summary>
    public string? ReloadGeneration { get; init; }

    /// <summary>True when the content contains its id, so that a proof can read it back.</summary>
    public bool PrintsGeneration { get; init; }

    /// <summary>
    /// True when it only adds to what is live, so that its reload may wait for old workers; false when something that is gone, or
    /// has been closed, would be served meanwhile, or nobody can tell.
    /// </summary>
    public bool MayWait { get; init; }

    /// <summary>The pairs whose content HAProxy can be given while it runs; empty where <see cref="ReloadGeneration"/> is null.</summary>
    public RuntimeCertificates Certificates { get; init; } = new([]);

    /// <summary>What the template writes beside it and goes live together with it, by name.</summary>
    public ImmutableArray<FurtherFile> Files { get; init; } = [];

    /// <summary>The directory under which the content names <see cref="Files"/>, as the proxy sees it; empty without any.</summary>
    public string FilesDirectory { get; init; } = "";

    /// <summary>Files that the content names and that have to lie beside it, by name.</summary>
    public ImmutableArray<SideFile> SideFiles { get; init; } = [];

    /// <summary>Which lines come from which container, ordered by line; lines of nobody are absent.</summary>
    public ImmutableArray<LineOwner> Provenance { get; init; } = [];
}

/// <summary>The pairs of which a running HAProxy can be told.</summary>
/// <param name="Pairs">The pairs.</param>
/// <param name="Folder">The folder whose pairs can also come and go while it runs; null where that takes a reload.</param>
public sealed record RuntimeCertificates(ImmutableArray<RuntimeCertificate> Pairs, RuntimeFolder? Folder = null);

/// <summary>A folder that HAProxy loads as a whole.</summary>
/// <param name="Name">The folder as HAProxy sees it, without a slash at its end, which is what it calls the list of its pairs.</param>
/// <param name="Path">The folder as Templater sees it.</param>
public sealed record RuntimeFolder(string Name, string Path);

/// <summary>A file with a certificate and its key of which a running HAProxy can be told a new content.</summary>
/// <param name="Name">The file as HAProxy sees it, which is what it calls the pair.</param>
/// <param name="File">The file as Templater sees it.</param>
/// <param name="Digest">SHA-256 of its bytes, lower-case hex.</param>
public sealed record RuntimeCertificate(string Name, string File, string Digest);

/// <summary>A range of lines that one or more containers are behind.</summary>
/// <param name="FirstLine">First line, from 1.</param>
/// <param name="LastLine">Last line, inclusive.</param>
/// <param name="Containers">The containers behind these lines, innermost owner.</param>
public sealed record LineOwner(int FirstLine, int LastLine, ImmutableArray<ContainerId> Containers);
