using System.Buffers.Binary;

namespace Templater.Docker;

/// <summary>Takes standard output and standard error of a container apart (Engine API, "Stream format").</summary>
internal static class MultiplexedOutput
{
    private const int HeaderBytes = 8;
    private const byte StandardError = 2;
    private const int ChunkBytes = 16 * 1024;

    /// <summary>Reads to the end.</summary>
    /// <param name="body">The raw stream; bounded by the caller.</param>
    /// <param name="output">Keeps what is wanted of it.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <remarks>
    /// A container with a terminal has one raw stream, and API 1.41 does not tell which it is. Frames begin with a byte 0..2 and
    /// three zeros, which text from a terminal does not; so the first bytes decide.
    /// </remarks>
    public static async Task<CapturedOutput> ReadAsync(Stream body, Capture output, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        var chunk = new byte[ChunkBytes];
        var length = await body.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellationToken);
        if (length > 0 && (length < HeaderBytes || !IsFrame(header)))
        {
            output.Add(false, header.AsSpan(0, length));
            while ((length = await body.ReadAsync(chunk, cancellationToken)) > 0)
                output.Add(false, chunk.AsSpan(0, length));
            return output.Result() with { IsOneStream = true };
        }

        while (length == HeaderBytes && IsFrame(header))
        {
            var left = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4));
            while (left > 0)
            {
                length = await body.ReadAsync(chunk.AsMemory(0, (int)Math.Min(left, ChunkBytes)), cancellationToken);
                if (length == 0)
                    return output.Result();
                output.Add(header[0] == StandardError, chunk.AsSpan(0, length));
                left -= (uint)length;
            }

            length = await body.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellationToken);
        }

        return output.Result();
    }

    private static bool IsFrame(ReadOnlySpan<byte> header) => header[0] <= StandardError && header[1..4].IndexOfAnyExcept((byte)0) < 0;
}
