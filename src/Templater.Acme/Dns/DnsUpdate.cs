using System.Buffers.Binary;
using System.Net;
using Templater.Acme.Dns.Messages;

namespace Templater.Acme.Dns;

/// <summary>Changes single TXT records at a zone's primary server (RFC 2136), signed with a key (RFC 8945) where there is one. Thread-safe.</summary>
/// <param name="client">Sends the messages.</param>
/// <param name="server">The primary server.</param>
/// <param name="key">The key; null for servers that ask for none.</param>
internal sealed class DnsUpdate(DnsClient client, IPEndPoint server, TsigKey? key)
{
    private const int TimeLength = 6;

    /// <summary>Adds one value beside those that are there; one that is there already stays once (RFC 2136 section 3.4.2.2).</summary>
    /// <param name="name">Whose record.</param>
    /// <param name="value">The text.</param>
    /// <param name="ttl">Whole seconds for which it may be kept.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DnsException">The server did not do it; the message says why.</exception>
    public Task AddAsync(DnsName name, string value, TimeSpan ttl, CancellationToken cancellationToken) =>
        ChangeAsync(new(name, DnsType.Txt, DnsClass.In, (uint)ttl.TotalSeconds, DnsData.Txt.Of(value)), cancellationToken);

    /// <summary>Deletes exactly this value (RFC 2136 section 2.5.4); one that is not there is no error.</summary>
    /// <param name="name">Whose record.</param>
    /// <param name="value">The text.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DnsException">The server did not do it; the message says why.</exception>
    public Task DeleteAsync(DnsName name, string value, CancellationToken cancellationToken) =>
        ChangeAsync(new(name, DnsType.Txt, DnsClass.None, 0, DnsData.Txt.Of(value)), cancellationToken);

    /// <summary>As the above, in a zone that is known.</summary>
    internal async Task ChangeAsync(DnsName zone, DnsRecord change, CancellationToken cancellationToken)
    {
        var request = new DnsMessage
        {
            Id = DnsClient.RandomId(),
            Opcode = DnsOpcode.Update,
            Questions = [new(zone, DnsType.Soa)],
            Authorities = [change],
        };
        byte[] mac = [];
        var bytes = key is null ? request.ToBytes() : key.Sign(request, client.Time.GetUtcNow(), out mac);
        var answerBytes = await client.ExchangeAsync(server, request, bytes, cancellationToken);
        var answer = DnsMessage.Parse(answerBytes);
        var mistake = key?.Mistake(answerBytes, answer, mac, client.Time.GetUtcNow());
        var code = CodeOf(answer);
        // What refuses is believed without a signature: it changes nothing, and servers cannot sign with a key that they do not know.
        if (code == DnsResponseCode.NoError && mistake is null)
            return;
        throw new DnsException(DnsFailure.Refused, $"{server} did not change {change.Name.ToText()} in the zone {zone.ToText()}: {(code == DnsResponseCode.NoError ? mistake : Sentence(code, answer, zone))}");
    }

    private async Task ChangeAsync(DnsRecord change, CancellationToken cancellationToken) =>
        await ChangeAsync(await client.ZoneOfAsync(change.Name, server, cancellationToken), change, cancellationToken);

    // The code in the TSIG record says what NOTAUTH in the header is about (RFC 8945 section 5.2).
    private static DnsResponseCode CodeOf(DnsMessage answer) =>
        answer.Signature?.Data is DnsData.Tsig { Error: not 0 } tsig ? (DnsResponseCode)tsig.Error : answer.ResponseCode;

    private string Sentence(DnsResponseCode code, DnsMessage answer, DnsName zone) => $"{code.Name()}, " + code switch
    {
        DnsResponseCode.BadKey => $"it does not know the TSIG key {key} with this algorithm; name and algorithm must be those of the server's settings",
        DnsResponseCode.BadSig => $"the signature is wrong; the secret of the TSIG key {key} is not the server's",
        DnsResponseCode.BadTime => $"the clocks differ{Difference(answer)}; at most {TsigKey.Fudge} s are allowed",
        DnsResponseCode.BadTrunc => "it wants a longer signature",
        DnsResponseCode.NotAuth when key is null => $"it is not the primary server of {zone.ToText()}, or wants a TSIG key and none is set",
        DnsResponseCode.NotAuth => $"it is not the primary server of {zone.ToText()}, or does not take the TSIG key {key} for it",
        DnsResponseCode.Refused when key is null => "it does not allow the change; it may want a TSIG key, and none is set",
        DnsResponseCode.Refused => $"it does not allow the TSIG key {key} this change",
        DnsResponseCode.NotZone => $"the name is not in {zone.ToText()}",
        DnsResponseCode.NotImp => "it cannot be updated (RFC 2136)",
        DnsResponseCode.ServFail => "it has a problem of its own, which its log tells",
        DnsResponseCode.FormErr => "it did not understand the update",
        _ => "which is not expected here",
    };

    private string Difference(DnsMessage answer)
    {
        if (answer.Signature?.Data is not DnsData.Tsig { Other: { Length: TimeLength } other })
            return "";
        var theirs = ((long)BinaryPrimitives.ReadUInt16BigEndian(other) << 32) | BinaryPrimitives.ReadUInt32BigEndian(other.AsSpan(2));
        return $" by {Math.Abs(theirs - client.Time.GetUtcNow().ToUnixTimeSeconds())} s";
    }
}
