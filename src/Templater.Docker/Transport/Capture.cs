using System.Buffers;
using System.Text;

namespace Templater.Docker;

/// <summary>Keeps a bounded part of what a program writes.</summary>
internal abstract class Capture
{
    /// <summary>Takes the next bytes of one of the two streams.</summary>
    public abstract void Add(bool isError, ReadOnlySpan<byte> bytes);

    /// <summary>What was kept.</summary>
    public abstract CapturedOutput Result();
}

/// <summary>Keeps the beginning of both streams together.</summary>
/// <param name="maxBytes">Most bytes kept.</param>
internal sealed class FirstBytes(int maxBytes) : Capture
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly ArrayBufferWriter<byte> _error = new();
    private bool _isTruncated;

    public override void Add(bool isError, ReadOnlySpan<byte> bytes)
    {
        var room = Math.Max(0, maxBytes - _output.WrittenCount - _error.WrittenCount);
        _isTruncated |= bytes.Length > room;
        (isError ? _error : _output).Write(bytes[..Math.Min(room, bytes.Length)]);
    }

    public override CapturedOutput Result() => new(Text(_output), Text(_error), _isTruncated);

    private static string Text(ArrayBufferWriter<byte> bytes) => Encoding.UTF8.GetString(bytes.WrittenSpan);
}

/// <summary>Keeps the end of each stream, from the beginning of a line on.</summary>
/// <param name="maxBytes">Most bytes of each kept.</param>
internal sealed class LastLines(int maxBytes) : Capture
{
    private readonly Tail _output = new(maxBytes);
    private readonly Tail _error = new(maxBytes);

    public override void Add(bool isError, ReadOnlySpan<byte> bytes) => (isError ? _error : _output).Add(bytes);

    public override CapturedOutput Result() => new(_output.Text(), _error.Text(), _output.IsTruncated || _error.IsTruncated);

    private sealed class Tail(int maxBytes)
    {
        private const byte LineFeed = (byte)'\n';

        private readonly List<byte> _bytes = [];

        public bool IsTruncated { get; private set; }

        public void Add(ReadOnlySpan<byte> bytes)
        {
            _bytes.AddRange(bytes);
            // Not with every chunk: each time all that is kept is moved.
            if (_bytes.Count > 2L * maxBytes)
                Cut();
        }

        public string Text()
        {
            Cut();
            var kept = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);
            return Encoding.UTF8.GetString(IsTruncated ? kept[(kept.IndexOf(LineFeed) + 1)..] : kept);
        }

        private void Cut()
        {
            if (_bytes.Count <= maxBytes)
                return;
            IsTruncated = true;
            _bytes.RemoveRange(0, _bytes.Count - maxBytes);
        }
    }
}
