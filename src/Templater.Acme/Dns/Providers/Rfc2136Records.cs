using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Templater.Acme.Dns.Messages;

namespace Templater.Acme.Dns.Providers;

/// <summary>What <see cref="Rfc2136Records"/> needs.</summary>
/// <param name="Server">The primary server of the zones, by address or by a name that this machine can look up (<see cref="DnsEndPoint"/>).</param>
public sealed record Rfc2136Options(EndPoint Server)
{
    /// <summary>The algorithm where a key is set and it is not.</summary>
    public const string DefaultAlgorithm = "hmac-sha256";

    /// <summary>Name of the TSIG key; empty for servers that ask for none.</summary>
    public string KeyName { get; init; } = "";

    /// <summary>Its algorithm: <c>hmac-sha1</c>, <c>hmac-sha256</c>, <c>hmac-sha384</c> or <c>hmac-sha512</c>, with or without a dot at the end.</summary>
    public string Algorithm { get; init; } = DefaultAlgorithm;

    /// <summary>Its secret in base64.</summary>
    public string Secret { get; init; } = "";

    /// <summary>How long a record may be kept.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long one answer of the server may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Times to wait.</summary>
    public TxtCapabilities Capabilities { get; init; } = new();

    /// <inheritdoc/>
    public override string ToString() => $"{Server} {KeyName}";
}

/// <summary>TXT records at a server that takes updates (RFC 2136 with RFC 8945). The zone is found by asking that server for SOA.</summary>
public sealed class Rfc2136Records : ITxtRecords
{
    private readonly Rfc2136Options _options;
    private readonly TsigKey? _key;
    private readonly TimeProvider _time;

    /// <summary>Creates it.</summary>
    /// <param name="options">Server and key.</param>
    /// <param name="time">Dates the signatures.</param>
    /// <exception cref="ArgumentException">The key is no key; the message does not hold the secret.</exception>
    public Rfc2136Records(Rfc2136Options options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _key = options.KeyName == "" ? null : new TsigKey(options.KeyName, options.Algorithm, options.Secret);
        (_options, _time) = (options, time);
        Capabilities = options.Capabilities;
    }

    /// <inheritdoc/>
    public TxtCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public Task AddAsync(TxtRecord record, CancellationToken cancellationToken) =>
        ToldAsync(record, (update, name) => update.AddAsync(name, record.Value, _options.Ttl, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken) =>
        ToldAsync(record, (update, name) => update.DeleteAsync(name, record.Value, cancellationToken), cancellationToken);

    private async Task ToldAsync(TxtRecord record, Func<DnsUpdate, DnsName, Task> change, CancellationToken cancellationToken)
    {
        try
        {
            var server = await AddressAsync(cancellationToken);
            var client = new DnsClient(new() { Resolvers = [server], Timeout = _options.Timeout }, _time);
            await change(new(client, server, _key), DnsName.Parse(record.Name));
        }
        catch (Exception exception) when (exception is DnsException or SocketException)
        {
            throw new ChallengeException($"rfc2136: {(exception is SocketException ? $"{_options.Server} is not found: " : "")}{exception.Message}", exception);
        }
    }

    private async Task<IPEndPoint> AddressAsync(CancellationToken cancellationToken) => _options.Server switch
    {
        IPEndPoint address => address,
        DnsEndPoint name => new((await System.Net.Dns.GetHostAddressesAsync(name.Host, cancellationToken))[0], name.Port),
        var other => throw new UnreachableException($"{other.GetType()} is no address of a server"),
    };
}
