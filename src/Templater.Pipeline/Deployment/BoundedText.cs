using System.Text;

namespace Templater.Pipeline.Deployment;

/// <summary>Collects text from several readers, up to a limit; what comes after it is read and dropped. Thread-safe.</summary>
/// <param name="limit">Most characters kept.</param>
internal sealed class BoundedText(int limit)
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();

    /// <summary>Reads to the end, or until cancelled; neither is an error.</summary>
    public async Task ReadAsync(TextReader reader, CancellationToken cancellationToken)
    {
        var buffer = new char[4096];
        try
        {
            while (await reader.ReadAsync(buffer, cancellationToken) is > 0 and var count)
                Append(buffer.AsSpan(0, count));
        }
        catch (OperationCanceledException)
        {
            // Whoever still holds the other end has nothing to say that anybody waits for.
        }
    }

    public override string ToString()
    {
        lock (_lock)
            return _text.ToString();
    }

    private void Append(ReadOnlySpan<char> text)
    {
        lock (_lock)
            _text.Append(text[..Math.Min(text.Length, limit - _text.Length)]);
    }
}
