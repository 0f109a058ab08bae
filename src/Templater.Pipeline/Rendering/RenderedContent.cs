using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Templater.Language;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering.Model;

namespace Templater.Pipeline.Rendering;

/// <summary>What a render gave, as bytes.</summary>
internal sealed class RenderedContent
{
    private const int GenerationDigits = 16;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private RenderedContent(byte[] bytes, ImmutableArray<int>? stamps, ImmutableArray<LineOwner> lines) => (Bytes, Stamps, Lines) = (bytes, stamps, lines);

    /// <summary>UTF-8 without byte order mark; what is not valid Unicode is U+FFFD.</summary>
    public byte[] Bytes { get; }

    /// <summary>Where in the bytes the id begins, ascending; null when the template did more with it than print it.</summary>
    public ImmutableArray<int>? Stamps { get; }

    /// <summary>Which lines come from which containers.</summary>
    public ImmutableArray<LineOwner> Lines { get; }

    /// <summary>Encodes the output of a render.</summary>
    /// <param name="text">The output.</param>
    /// <param name="result">The places in it.</param>
    public static RenderedContent Of(ReadOnlySpan<char> text, RenderResult result)
    {
        var bytes = new byte[Utf8.GetByteCount(text)];
        Utf8.GetBytes(text, bytes);
        return new RenderedContent(bytes, result.Stamps is { } places ? PlacesInBytes(text, places) : null, LinesOf(text, result.Provenance));
    }

    /// <summary>The id of a content that was rendered with zeros for it, and of the pairs it refers to.</summary>
    /// <param name="pairs">The pairs, in a stable order.</param>
    /// <param name="authorities">Other files that it refers to, path and digest, in a stable order.</param>
    /// <param name="files">What was rendered beside it, in a stable order.</param>
    public string Generation(ImmutableArray<CertificatePair> pairs, ImmutableArray<KeyValuePair<string, string>> authorities, ImmutableArray<FurtherFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Bytes);
        return Finish(hash, pairs, static pair => pair.ContentDigest, authorities, files);
    }

    /// <summary>The same without what HAProxy can be told while it runs: what stands in the slots of servers, exact names of hosts, and the certificates of pairs; null where there is none of it.</summary>
    /// <param name="pairs">The pairs, in a stable order.</param>
    /// <param name="authorities">Other files that it refers to, path and digest, in a stable order.</param>
    /// <param name="files">The group's further files.</param>
    /// <param name="pairsComeAndGo">True when pairs can also come and go while it runs.</param>
    public string? ReloadGeneration(
        ImmutableArray<CertificatePair> pairs, ImmutableArray<KeyValuePair<string, string>> authorities, ImmutableArray<FurtherFile> files, bool pairsComeAndGo)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var isTold = ServerSlots.AppendWithoutThem(hash, Bytes) | pairsComeAndGo | pairs.Any(static pair => pair.IsToldAtRunTime);
        var fixedPairs = pairsComeAndGo ? pairs.RemoveAll(static pair => pair.IsToldAtRunTime) : pairs;
        return isTold ? Finish(hash, fixedPairs, static pair => pair.IsToldAtRunTime ? "" : pair.ContentDigest, authorities, files) : null;
    }

    private static string Finish(
        IncrementalHash hash, ImmutableArray<CertificatePair> pairs, Func<CertificatePair, string> digest, ImmutableArray<KeyValuePair<string, string>> authorities, ImmutableArray<FurtherFile> files)
    {
        foreach (var file in files)
        {
            hash.AppendData(Utf8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\0{file.Name}\0{file.Content.Length}\0")));
            hash.AppendData(file.Content.Span);
        }

        foreach (var pair in pairs)
            hash.AppendData(Utf8.GetBytes($"\0{pair.ChainPath}\0{digest(pair)}"));
        foreach (var file in authorities)
            hash.AppendData(Utf8.GetBytes($"\0{file.Key}\0{file.Value}"));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..GenerationDigits];
    }

    /// <summary>Writes the id over the zeros.</summary>
    /// <param name="generation">The id.</param>
    public void Stamp(string generation)
    {
        foreach (var place in Stamps ?? [])
            Utf8.GetBytes(generation, Bytes.AsSpan(place));
    }

    private static ImmutableArray<int> PlacesInBytes(ReadOnlySpan<char> text, ImmutableArray<int> places)
    {
        var found = ImmutableArray.CreateBuilder<int>(places.Length);
        var (character, at) = (0, 0);
        foreach (var place in places)
        {
            at += Utf8.GetByteCount(text[character..place]);
            character = place;
            found.Add(at);
        }

        return found.MoveToImmutable();
    }

    /// <summary>Turns stretches of text into ranges of lines; neighbours of the same owner become one.</summary>
    private static ImmutableArray<LineOwner> LinesOf(ReadOnlySpan<char> text, ImmutableArray<ProvenanceSpan> provenance)
    {
        var lines = ImmutableArray.CreateBuilder<LineOwner>();
        var owned = new LineRange(0, 0, []);
        var (line, at) = (1, 0);
        foreach (var span in provenance)
        {
            line += Breaks(text[at..span.Start]);
            // A break at the end belongs to the line that it ends.
            var inside = Math.Max(0, span.Length - 1);
            var last = line + Breaks(text.Slice(span.Start, inside));
            var containers = ModelScope.ContainersBehind(span.Owner);
            at = span.Start;
            if (containers.IsEmpty || span.Length == 0)
                continue;
            if (line <= owned.Last + 1 && owned.Containers.SequenceEqual(containers))
            {
                owned.Last = Math.Max(owned.Last, last);
                continue;
            }

            Append(lines, owned);
            owned = new LineRange(line, last, containers);
        }

        Append(lines, owned);
        return lines.ToImmutable();
    }

    private static void Append(ImmutableArray<LineOwner>.Builder lines, LineRange range)
    {
        if (range.First > 0)
            lines.Add(new LineOwner(range.First, range.Last, range.Containers));
    }

    private static int Breaks(ReadOnlySpan<char> text) => text.Count('\n');

    /// <summary>Lines that may go on.</summary>
    private struct LineRange(int first, int last, ImmutableArray<ContainerId> containers)
    {
        public readonly int First = first;
        public readonly ImmutableArray<ContainerId> Containers = containers;
        public int Last = last;
    }
}
