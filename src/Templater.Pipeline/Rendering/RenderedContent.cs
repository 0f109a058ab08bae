using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Templater.Language;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Rendering;

/// <summary>From a rendered text to bytes, generation id and owners of lines. Pure.</summary>
internal static class RenderedContent
{
    private const int GenerationDigits = 16;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>UTF-8 without byte order mark; what is not valid Unicode becomes U+FFFD.</summary>
    public static byte[] Encode(string text) => Utf8.GetBytes(text);

    /// <summary>The id of an encoded text that was rendered with zeros for it, and of the pairs it refers to.</summary>
    public static string Generation(ReadOnlySpan<byte> content, ImmutableArray<CertificatePair> pairs)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(content);
        foreach (var pair in pairs)
            hash.AppendData(Encode($"\0{pair.ChainPath}\0{pair.ContentDigest}"));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..GenerationDigits];
    }

    /// <summary>Writes the id over the zeros.</summary>
    /// <param name="content">The encoded text.</param>
    /// <param name="text">The text.</param>
    /// <param name="places">Where the zeros begin in the text, ascending.</param>
    /// <param name="generation">The id.</param>
    public static void Stamp(Span<byte> content, string text, ImmutableArray<int> places, string generation)
    {
        var (character, at) = (0, 0);
        foreach (var place in places)
        {
            at += Utf8.GetByteCount(text.AsSpan(character..place));
            character = place;
            Utf8.GetBytes(generation, content[at..]);
        }
    }

    /// <summary>Turns stretches of text into ranges of lines; neighbours of the same owner become one.</summary>
    public static ImmutableArray<LineOwner> Lines(RenderResult result, Func<TemplateObject?, ImmutableArray<ContainerId>> containersBehind)
    {
        var lines = ImmutableArray.CreateBuilder<LineOwner>();
        var text = result.Text!;
        var (line, at) = (1, 0);
        foreach (var span in result.Provenance)
        {
            line += Breaks(text, at, span.Start);
            // A break at the end belongs to the line that it ends.
            var inside = Math.Max(0, span.Length - 1);
            var last = line + Breaks(text, span.Start, span.Start + inside);
            var containers = containersBehind(span.Owner);
            at = span.Start;
            if (containers.Length > 0 && span.Length > 0)
                Append(lines, new LineOwner(line, last, containers));
        }

        return lines.ToImmutable();
    }

    private static void Append(ImmutableArray<LineOwner>.Builder lines, LineOwner next)
    {
        if (lines.Count > 0 && lines[^1] is var before && next.FirstLine <= before.LastLine + 1 && before.Containers.SequenceEqual(next.Containers))
            lines[^1] = before with { LastLine = Math.Max(before.LastLine, next.LastLine) };
        else
            lines.Add(next);
    }

    private static int Breaks(string text, int from, int to) => text.AsSpan(from, to - from).Count('\n');
}
