using System.Net.Sockets;
using System.Text;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Answers as the master of a HAProxy from 2.7 does, with a new worker after every reload, whatever it read.</summary>
internal sealed class SayingMaster : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _answering;

    public SayingMaster(string path)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _answering = AnswerAllAsync();
    }

    /// <summary>What its worker tells to have read.</summary>
    public volatile string Generation = "";

    /// <summary>What the next worker reads; null for the same.</summary>
    public volatile string? GenerationAfterReload;

    public volatile int Reloads;

    /// <summary>It takes a reload, does nothing, and never answers.</summary>
    public volatile bool HangsOnReload;

    private readonly List<Socket> _hanging = [];

    public void Dispose()
    {
        _listener.Dispose();
        _answering.Wait();
        _hanging.ForEach(static connection => connection.Dispose());
    }

    private async Task AnswerAllAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptAsync();
                var bytes = new byte[1000];
                var length = await connection.ReceiveAsync(bytes);
                var command = Encoding.ASCII.GetString(bytes, 0, length).Trim();
                if (HangsOnReload && command == "reload")
                {
                    Reloads++;
                    _hanging.Add(connection);
                    continue;
                }

                await connection.SendAsync(Encoding.ASCII.GetBytes(AnswerTo(command)));
                connection.Dispose();
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It was ended.
        }
    }

    private string AnswerTo(string command)
    {
        if (command == "show proc")
            return $"#<PID> <type> <reloads>\n1 master {Reloads} [failed: 0] x\n# workers\n{100 + Reloads} worker 0 x\n# programs\n";
        if (command != "reload")
            return $"proc.templater_generation: type=str value=<{Generation}>\n\n";
        Reloads++;
        Generation = GenerationAfterReload ?? Generation;
        return "Success=1\n--\n[NOTICE] loading\n";
    }
}
