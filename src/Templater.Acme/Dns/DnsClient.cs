using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Templater.Acme.Dns.Messages;

namespace Templater.Acme.Dns;

/// <summary>Asks DNS servers: resolvers over UDP, and over TCP where an answer is too long; servers of a zone over TCP. Thread-safe; keeps nothing.</summary>
/// <param name="options">Whom to ask.</param>
/// <param name="time">Counts the time-outs.</param>
public sealed class DnsClient(DnsClientOptions options, TimeProvider time)
{
    /// <summary>Most aliases that are followed from one name (as resolvers do).</summary>
    public const int MaxAliases = 8;

    // Answers to something else (RFC 5452 section 9.1) are passed over; not for ever, even when they come quicker than the time-out.
    private const int MaxForeignAnswers = 100;

    /// <summary>The resolvers that it asks.</summary>
    public IReadOnlyList<IPEndPoint> Resolvers => options.Resolvers;

    internal TimeProvider Time => time;

    /// <summary>The addresses of a name; empty where it has none.</summary>
    /// <param name="name">The name; aliases are followed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DnsException">No resolver knows.</exception>
    public async Task<IReadOnlyList<IPAddress>> AddressesAsync(string name, CancellationToken cancellationToken) =>
        await AddressesAsync(DnsName.Parse(name), cancellationToken);

    internal async Task<IReadOnlyList<IPAddress>> AddressesAsync(DnsName name, CancellationToken cancellationToken)
    {
        var four = await ResolveAsync(name, DnsType.A, cancellationToken);
        var six = await ResolveAsync(name, DnsType.Aaaa, cancellationToken);
        return [.. four.Answers.Concat(six.Answers).Select(record => (record.Data as DnsData.Address)?.Value).OfType<IPAddress>().Distinct()];
    }

    /// <summary>Where a name leads when its aliases (CNAME) are followed; the name itself where it is none.</summary>
    internal async Task<DnsName> FollowAliasesAsync(DnsName name, CancellationToken cancellationToken)
    {
        var current = name;
        for (var followed = 0; followed <= MaxAliases; followed++)
        {
            // Not asked for TXT: a resolver would remember that there is none yet.
            var answer = await ResolveAsync(current, DnsType.Cname, cancellationToken);
            var alias = answer.Answers.FirstOrDefault(record => record.Type == DnsType.Cname && record.Name.Equals(current));
            if (alias?.Data is not DnsData.Host target)
                return current;
            current = target.Value;
        }

        throw new DnsException(DnsFailure.Refused, $"{name.ToText()} is an alias (CNAME) that leads to another one more than {MaxAliases} times; the last one was {current.ToText()}");
    }

    /// <summary>The name of the zone that a name is in: the owner of the SOA record that its absence, or itself, is answered with (RFC 2308 section 2).</summary>
    internal Task<DnsName> ZoneOfAsync(DnsName name, CancellationToken cancellationToken) =>
        ZoneOfAsync(name, (asked, token) => ResolveAsync(asked, DnsType.Soa, token), cancellationToken);

    /// <summary>As <see cref="ZoneOfAsync(DnsName, CancellationToken)"/>, as the server itself sees it.</summary>
    internal Task<DnsName> ZoneOfAsync(DnsName name, IPEndPoint server, CancellationToken cancellationToken) =>
        ZoneOfAsync(name, (asked, token) => AskOverTcpAsync(server, DnsMessage.Query(RandomId(), asked, DnsType.Soa, recursion: false), token), cancellationToken);

    /// <summary>Asks the resolvers one after the other, until one says that there is something or nothing.</summary>
    internal async Task<DnsMessage> ResolveAsync(DnsName name, DnsType type, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var failure = DnsFailure.TimedOut;
        foreach (var resolver in options.Resolvers)
        {
            try
            {
                var answer = await AskAsync(resolver, DnsMessage.Query(RandomId(), name, type, recursion: true), cancellationToken);
                if (answer.ResponseCode is DnsResponseCode.NoError or DnsResponseCode.NxDomain)
                    return answer;
                failure = DnsFailure.Refused;
                problems.Add($"{resolver} answered {answer.ResponseCode.Name()}");
            }
            catch (DnsException exception)
            {
                failure = exception.Failure;
                problems.Add(exception.Message);
            }
        }

        throw new DnsException(failure, $"no resolver tells {type.ToString().ToUpperInvariant()} of {name.ToText()}: {string.Join("; ", problems)}");
    }

    /// <summary>Asks one server over UDP, and over TCP when the answer is truncated.</summary>
    internal async Task<DnsMessage> AskAsync(IPEndPoint server, DnsMessage query, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await WithinAsync(server, query, AskOverUdpOnceAsync, cancellationToken);
                return answer.IsTruncated ? await AskOverTcpAsync(server, query, cancellationToken) : answer;
            }
            catch (DnsException exception) when (exception.Failure == DnsFailure.TimedOut && attempt < options.Attempts)
            {
            }
        }
    }

    /// <summary>Asks one server over TCP (RFC 7766).</summary>
    internal async Task<DnsMessage> AskOverTcpAsync(IPEndPoint server, DnsMessage query, CancellationToken cancellationToken) =>
        DnsMessage.Parse(await ExchangeAsync(server, query, query.ToBytes(), cancellationToken));

    /// <summary>Sends bytes over TCP and returns those of the answer, which has the same id and question.</summary>
    internal Task<byte[]> ExchangeAsync(IPEndPoint server, DnsMessage query, byte[] bytes, CancellationToken cancellationToken) =>
        WithinAsync(server, query, (to, _, token) => ExchangeOnceAsync(to, query, bytes, token), cancellationToken);

    internal static ushort RandomId() => BinaryPrimitives.ReadUInt16LittleEndian(RandomNumberGenerator.GetBytes(2));

    private static async Task<DnsName> ZoneOfAsync(DnsName name, Func<DnsName, CancellationToken, Task<DnsMessage>> ask, CancellationToken cancellationToken)
    {
        for (var asked = name; !asked.IsRoot; asked = asked.Parent)
        {
            var answer = await ask(asked, cancellationToken);
            // Where an alias was followed, the SOA is that of another zone: what does not contain the name is passed over.
            var start = answer.Answers.Concat(answer.Authorities).FirstOrDefault(record => record.Type == DnsType.Soa && name.IsWithin(record.Name) && !record.Name.IsRoot);
            if (start is not null)
                return start.Name;
        }

        throw new DnsException(DnsFailure.Refused, $"no zone is found that {name.ToText()} is in: no SOA record is there for it or for any name above");
    }

    private async Task<T> WithinAsync<T>(IPEndPoint server, DnsMessage query, Func<IPEndPoint, DnsMessage, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await ask(server, query, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DnsException(DnsFailure.TimedOut, $"{server} did not answer within {options.Timeout.TotalSeconds:0.#} s");
        }
        catch (EndOfStreamException exception)
        {
            throw new DnsException(DnsFailure.Unreachable, $"{server} closed the connection without an answer", exception);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw new DnsException(DnsFailure.Unreachable, $"{server} cannot be reached: {exception.Message}", exception);
        }
        catch (DnsException exception) when (exception.Failure == DnsFailure.Malformed)
        {
            throw new DnsException(DnsFailure.Malformed, $"{server} answered with something else: {exception.Message}", exception);
        }
    }

    private static async Task<DnsMessage> AskOverUdpOnceAsync(IPEndPoint server, DnsMessage query, CancellationToken cancellationToken)
    {
        // Connected, so that the kernel passes only what comes from there; from a random port of its choice (RFC 5452 section 9.2).
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        await socket.SendAsync(query.ToBytes(), cancellationToken);
        var buffer = new byte[DnsMessage.MaxLength];
        for (var foreign = 0; foreign < MaxForeignAnswers; foreign++)
        {
            var length = await socket.ReceiveAsync(buffer, cancellationToken);
            if (TryParse(buffer.AsSpan(0, length), query) is { } answer)
                return answer;
        }

        throw new DnsException($"{MaxForeignAnswers} messages came that answer something else");
    }

    private static DnsMessage? TryParse(ReadOnlySpan<byte> bytes, DnsMessage query)
    {
        try
        {
            var answer = DnsMessage.Parse(bytes);
            return IsAnswer(answer, query) ? answer : null;
        }
        catch (DnsException)
        {
            // Anyone can send that: the true answer may still come.
            return null;
        }
    }

    private static async Task<byte[]> ExchangeOnceAsync(IPEndPoint server, DnsMessage query, byte[] bytes, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellationToken);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        var framed = new byte[bytes.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)bytes.Length);
        bytes.CopyTo(framed, 2);
        await stream.WriteAsync(framed, cancellationToken);
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, cancellationToken);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        return IsAnswer(DnsMessage.Parse(answer), query) ? answer : throw new DnsException("it does not belong to the question");
    }

    // Some servers leave the question out of refusals and of answers to updates (RFC 2136 section 3.8 allows that).
    private static bool IsAnswer(DnsMessage answer, DnsMessage query) =>
        answer.IsResponse && answer.Id == query.Id && answer.Opcode == query.Opcode
        && (answer.Questions.SequenceEqual(query.Questions)
            || (answer.Questions is [] && (query.Opcode == DnsOpcode.Update || answer.ResponseCode is not (DnsResponseCode.NoError or DnsResponseCode.NxDomain))));
}
