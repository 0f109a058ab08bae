using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment;

/// <summary>All files of one generation that go live together: the configuration, and the further files that its template wrote.</summary>
/// <param name="Content">The configuration.</param>
/// <param name="Files">The further files by name; empty for an output that is a single file.</param>
internal sealed record OutputSet(ReadOnlyMemory<byte> Content, ImmutableArray<FurtherFile> Files)
{
    private const string Mark = "\0templater set 1\n";
    private const int MaxHeadBytes = FurtherFile.MaxNameLength + 32;

    /// <summary>Where the configuration names the further files, as the proxy sees it; empty when that is not known.</summary>
    public string Directory { get; init; } = "";

    /// <summary>True when there is more than one file.</summary>
    public bool IsGroup => !Files.IsEmpty;

    /// <summary>What was rendered.</summary>
    public static OutputSet Of(RenderedFile file) => new(file.Content, file.Files) { Directory = file.FilesDirectory };

    /// <summary>What <see cref="ToBytes"/> made, or a single file.</summary>
    public static OutputSet Of(byte[] bytes)
    {
        var mark = Encoding.UTF8.GetBytes(Mark);
        if (!bytes.AsSpan().StartsWith(mark))
            return new OutputSet(bytes, []);
        var files = ImmutableArray.CreateBuilder<FurtherFile>();
        ReadOnlyMemory<byte>? content = null;
        for (var rest = bytes.AsMemory(mark.Length); !rest.IsEmpty;)
        {
            if (Next(ref rest) is not { } file)
                return new OutputSet(bytes, []);
            if (content is null)
                content = file.Content;
            else
                files.Add(file);
        }

        return content is { } first ? new OutputSet(first, files.ToImmutable()) : new OutputSet(bytes, []);
    }

    /// <summary>All files as one: for a single file its content, so that what earlier versions kept means the same.</summary>
    public byte[] ToBytes()
    {
        if (!IsGroup)
            return Content.ToArray();
        using var all = new MemoryStream();
        all.Write(Encoding.UTF8.GetBytes(Mark));
        foreach (var file in Files.Insert(0, new FurtherFile("", Content)))
        {
            all.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{file.Name}:{file.Content.Length}\n")));
            all.Write(file.Content.Span);
        }

        return all.ToArray();
    }

    /// <summary>SHA-256 over all files, lower-case hex; for a single file that of its content.</summary>
    public string Digest => ContentHash.Of(IsGroup ? ToBytes() : Content.Span);

    private static FurtherFile? Next(ref Memory<byte> rest)
    {
        var end = rest.Span[..Math.Min(rest.Length, MaxHeadBytes)].IndexOf((byte)'\n');
        if (end < 0)
            return null;
        var head = Encoding.UTF8.GetString(rest.Span[..end]);
        var colon = head.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(head[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > rest.Length - end - 1)
            return null;
        var file = new FurtherFile(head[..colon], rest.Slice(end + 1, length));
        rest = rest[(end + 1 + length)..];
        return file;
    }
}
