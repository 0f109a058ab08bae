using System.Buffers.Binary;
using System.Text;
using Templater.Pipeline.Deployment.Checks;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>
/// A configuration as Centauri takes it over the network: one frame of eight letters, a version, a length and the text. The
/// length alone says where it ends, so nothing in the text can begin another one. There is none that Centauri's rules refuse.
/// </summary>
internal sealed class CentauriConfig
{
    /// <summary>Centauri itself has no bound; a larger one would stand in memory once more for each kind of it.</summary>
    public const int MaxPayload = 16 * 1024 * 1024;

    private const int HeaderLength = 16;

    // "No routes" to all versions; a length of 0 is an error to those before 2.6.
    private static readonly byte[] NoRoutes = "# no routes\n"u8.ToArray();

    private CentauriConfig(string content, byte[] frame)
    {
        Content = content;
        Frame = frame;
    }

    /// <summary>SHA-256 of the text, lower-case hex, as the journal has it.</summary>
    public string Content { get; }

    /// <summary>All bytes of the frame: it is written by one writer in one piece.</summary>
    public ReadOnlyMemory<byte> Frame { get; }

    /// <summary>Makes the frame of a text.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="problem">Why there is none; one line, without a full stop.</param>
    public static CentauriConfig? Of(ReadOnlySpan<byte> text, out string problem)
    {
        problem = text.Length > MaxPayload ? $"it is larger than {MaxPayload} bytes"
            : CentauriChecker.Check(text) is var (line, mistake) ? $"line {line}: {mistake}"
            : "";
        if (problem.Length > 0)
            return null;
        var payload = text.IsEmpty ? NoRoutes : text;
        var frame = new byte[HeaderLength + payload.Length];
        Encoding.ASCII.GetBytes("CENTAURI", frame);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(12), (uint)payload.Length);
        payload.CopyTo(frame.AsSpan(HeaderLength));
        return new CentauriConfig(ContentHash.Of(text), frame);
    }
}
