using System.Text.Json;
using Templater.Docker.Wire;

namespace Templater.Docker;

/// <summary>Reads one JSON object a line from an answer that has no end.</summary>
internal sealed class EventSubscription(
    HttpResponseMessage response,
    Stream body,
    EngineCall call,
    Func<CancellationToken, Task> ping) : IEventSubscription
{
    private const int FirstBufferBytes = 16 * 1024;

    private readonly EngineOptions _options = call.Options;
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;

    public async IAsyncEnumerator<DockerEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            while (NextLine(out var line))
            {
                if (Parse(line) is { } message)
                    yield return message;
            }

            MakeRoom();
            _end += await FillAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await body.DisposeAsync();
        response.Dispose();
    }

    private bool NextLine(out ReadOnlyMemory<byte> line)
    {
        var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        line = length < 0 ? default : _buffer.AsMemory(_start, length);
        _start += length + 1;
        return length >= 0;
    }

    private DockerEvent? Parse(ReadOnlyMemory<byte> line)
    {
        if (line.Span.IndexOfAnyExcept("\r\n\t "u8) < 0)
            return null;
        try
        {
            return JsonSerializer.Deserialize(line.Span, DockerJson.Default.DockerEvent);
        }
        catch (JsonException e)
        {
            throw call.NotJson(e);
        }
    }

    private void MakeRoom()
    {
        var waiting = _end - _start;
        if (waiting >= _options.MaxEventBytes)
            throw call.Error(DockerErrorReason.TooLarge, $"an event of the engine at {_options.Address} is larger than {_options.MaxEventBytes} bytes");
        var target = waiting > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
        _buffer.AsSpan(_start, waiting).CopyTo(target);
        _buffer = target;
        _start = 0;
        _end = waiting;
    }

    // A stopped engine (SIGSTOP, a frozen machine behind a unix socket's proxy) leaves the connection open and says nothing, just
    // as an idle one does. TCP keep-alive does not see that; a ping does.
    private async Task<int> FillAsync(CancellationToken cancellationToken)
    {
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = ReadAsync(abandon.Token);
        try
        {
            while (!read.IsCompleted && !await CompletesSoonAsync(read, cancellationToken))
                await ping(cancellationToken);
        }
        catch (DockerException e)
        {
            await abandon.CancelAsync();
            await Task.WhenAny(read); // Not awaited for its result: whatever it says, the engine is gone.
            _ = read.Exception;
            throw call.Error(e.Reason, $"the event stream fell silent and {e.Message}", e);
        }

        return await read;
    }

    private async Task<bool> CompletesSoonAsync(Task read, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var silence = Task.Delay(_options.EventsIdleLimit, _options.TimeProvider, stop.Token);
        var isRead = await Task.WhenAny(read, silence) == read;
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return isRead;
    }

    private async Task<int> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var length = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            return length > 0 ? length : throw call.Error(DockerErrorReason.Unreachable, $"the engine at {_options.Address} ended the event stream");
        }
        catch (IOException e)
        {
            throw call.Lost(e);
        }
    }
}
