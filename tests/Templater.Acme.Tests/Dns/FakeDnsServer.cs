using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Templater.Acme.Dns;
using Templater.Acme.Dns.Messages;

namespace Templater.Acme.Tests.Dns;

/// <summary>A DNS server on a free port of 127.0.0.1, UDP and TCP. It answers out of <see cref="Records"/>, or as <see cref="Answer"/> says.</summary>
internal sealed class FakeDnsServer : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _tcp;
    private readonly UdpClient _udp;
    private readonly Lock _lock = new();
    private readonly List<(DnsMessage Message, bool IsTcp)> _asked = [];
    private bool _isDisposed;

    public FakeDnsServer()
    {
        while (true)
        {
            _tcp = new(IPAddress.Loopback, 0);
            _tcp.Start();
            EndPoint = (IPEndPoint)_tcp.LocalEndpoint;
            try
            {
                _udp = new(EndPoint);
                break;
            }
            catch (SocketException)
            {
                // The port is taken for UDP.
                _tcp.Dispose();
            }
        }

        _ = ServeTcpAsync();
        _ = ServeUdpAsync();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>What it is authoritative for.</summary>
    public List<string> Zones { get; } = [];

    public List<DnsRecord> Records { get; } = [];

    /// <summary>Replaces the answer: bytes to send; empty to be silent over UDP and to close over TCP; null for the usual one.</summary>
    public Func<DnsMessage, bool, byte[]?> Answer { get; set; } = (_, _) => null;

    public IReadOnlyList<(DnsMessage Message, bool IsTcp)> Asked
    {
        get
        {
            lock (_lock)
                return [.. _asked];
        }
    }

    public DnsClient Client(TimeSpan? timeout = null, int attempts = 1) =>
        new(new() { Resolvers = [EndPoint], Timeout = timeout ?? TimeSpan.FromSeconds(5), Attempts = attempts }, TimeProvider.System);

    public FakeDnsServer WithZone(string zone)
    {
        Zones.Add(zone);
        Add(zone, DnsType.Soa, new DnsData.Soa(DnsName.Parse($"ns.{zone}"), DnsName.Parse($"hostmaster.{zone}"), 1, 2, 3, 4, 5));
        return this;
    }

    public void Add(string name, DnsType type, DnsData data)
    {
        lock (_lock)
            Records.Add(new(DnsName.Parse(name), type, DnsClass.In, 5, data));
    }

    public void Txt(string name, string text) => Add(name, DnsType.Txt, DnsData.Txt.Of(text));

    public void Host(string name, DnsType type, string target) => Add(name, type, new DnsData.Host(DnsName.Parse(target)));

    public void Address(string name, string address) =>
        Add(name, address.Contains(':', StringComparison.Ordinal) ? DnsType.Aaaa : DnsType.A, new DnsData.Address(IPAddress.Parse(address)));

    public DnsMessage Usual(DnsMessage query)
    {
        var reply = query with { IsResponse = true, Additionals = [] };
        var question = query.Questions[0];
        lock (_lock)
        {
            var answers = new List<DnsRecord>();
            var name = question.Name;
            for (var followed = 0; followed < 20; followed++)
            {
                var here = Records.Where(record => record.Name.Equals(name)).ToList();
                answers.AddRange(here.Where(record => record.Type == question.Type));
                if (question.Type == DnsType.Cname || here.FirstOrDefault(record => record.Type == DnsType.Cname) is not { Data: DnsData.Host target } alias || here.Any(record => record.Type == question.Type))
                    break;
                answers.Add(alias);
                name = target.Value;
            }

            var zone = Zones.Select(DnsName.Parse).Where(name.IsWithin).OrderByDescending(each => each.Wire.Length).FirstOrDefault();
            if (zone is null)
                return reply with { ResponseCode = DnsResponseCode.Refused };
            var exists = Records.Any(record => record.Name.IsWithin(name));
            return reply with
            {
                IsAuthoritative = true,
                ResponseCode = exists ? DnsResponseCode.NoError : DnsResponseCode.NxDomain,
                Answers = answers,
                Authorities = answers.Any(record => record.Type == question.Type) ? [] : [.. Records.Where(record => record.Type == DnsType.Soa && record.Name.Equals(zone))],
            };
        }
    }

    /// <summary>Stops it; from then on nobody is there. A second call does nothing.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _end.Cancel();
        _tcp.Dispose();
        _udp.Dispose();
        _end.Dispose();
    }

    private byte[] Reply(ReadOnlySpan<byte> bytes, bool isTcp)
    {
        var query = DnsMessage.Parse(bytes);
        lock (_lock)
            _asked.Add((query, isTcp));
        return Answer(query, isTcp) ?? Usual(query).ToBytes();
    }

    private async Task ServeUdpAsync()
    {
        try
        {
            while (true)
            {
                var received = await _udp.ReceiveAsync(_end.Token);
                if (Reply(received.Buffer, isTcp: false) is { Length: > 0 } reply)
                    await _udp.SendAsync(reply, received.RemoteEndPoint, _end.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The end of the test.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _tcp.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var mine = client;
        try
        {
            var stream = client.GetStream();
            var length = new byte[2];
            await stream.ReadExactlyAsync(length, _end.Token);
            var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(query, _end.Token);
            var reply = Reply(query, isTcp: true);
            if (reply.Length == 0)
                return;
            await stream.WriteAsync((byte[])[(byte)(reply.Length >> 8), (byte)reply.Length, .. reply], _end.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or IOException)
        {
            // The client went.
        }
    }
}
