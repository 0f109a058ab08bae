using System.Net;
using System.Net.Sockets;
using Templater.Acme.Dns.Messages;

namespace Templater.Acme.Dns;

/// <summary>Waits until the servers of a zone have a new TXT value. Thread-safe.</summary>
/// <param name="client">Asks them.</param>
/// <param name="options">How to wait.</param>
public sealed class PropagationCheck(DnsClient client, PropagationOptions options)
{
    /// <summary>How often in a row a server may fail before it is left aside, as resolvers do, where another one has the value.</summary>
    public const int MaxFailures = 3;

    /// <summary>Most servers of one zone that are asked; the root zone has 26 addresses.</summary>
    public const int MaxServers = 64;

    /// <summary>Where the server with an address is asked; another port in tests.</summary>
    internal Func<IPAddress, IPEndPoint> EndPointOf { get; init; } = address => new(address, DnsClientOptions.DefaultPort);

    /// <summary>Waits.</summary>
    /// <param name="record">What must be seen.</param>
    /// <param name="capabilities">How long the provider takes, where the options do not say it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The servers that were left aside because they do not work, each with its problem.</returns>
    /// <exception cref="DnsException">Not all have it in time; the message names each that has not.</exception>
    public async Task<IReadOnlyList<string>> WaitAsync(TxtRecord record, TxtCapabilities capabilities, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(capabilities);
        var aside = options.Mode == PropagationMode.Off ? [] : await LookAsync(record, capabilities, cancellationToken);
        if (options.ExtraWait > TimeSpan.Zero)
            await Task.Delay(options.ExtraWait, client.Time, cancellationToken);
        return aside;
    }

    private async Task<IReadOnlyList<string>> LookAsync(TxtRecord record, TxtCapabilities capabilities, CancellationToken cancellationToken)
    {
        var timeout = options.Timeout ?? capabilities.PropagationTimeout;
        var start = client.Time.GetTimestamp();
        IReadOnlyList<Server> servers = [];
        while (true)
        {
            var problem = "";
            try
            {
                // Found anew as long as there are none: the zone, or the alias, may be as new as the record.
                if (servers is [])
                    servers = await ServersAsync(record, cancellationToken);
                await Task.WhenAll(servers.Select(server => server.LookAsync(record.Value, cancellationToken)));
                if (servers.Any(server => server.HasValue) && servers.All(server => server.HasValue || server.IsAside))
                    return [.. servers.Where(server => server.IsAside).Select(server => server.ToString())];
            }
            catch (DnsException exception)
            {
                problem = exception.Message;
            }

            if (client.Time.GetElapsedTime(start) >= timeout)
                throw new DnsException(DnsFailure.TimedOut, Sentence(record, timeout, servers, problem));
            await Task.Delay(options.PollingInterval ?? capabilities.PollingInterval, client.Time, cancellationToken);
        }
    }

    private static string Sentence(TxtRecord record, TimeSpan timeout, IReadOnlyList<Server> servers, string problem)
    {
        var missing = string.Join("; ", servers.Where(server => !server.HasValue).Select(server => server.ToString()));
        return $"the TXT record at {record.Name.TrimEnd('.')} is not seen everywhere after {timeout.TotalSeconds:0} s: {(problem != "" ? problem : missing)}. The CA was not asked. "
            + "Where this machine sees another DNS than the world, or may ask only its own resolver, set acme.dns_check to addresses of name servers, or to off (TEMPLATER_ACME_DNS_CHECK).";
    }

    private async Task<IReadOnlyList<Server>> ServersAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        if (options.Mode == PropagationMode.Servers)
            return [.. options.Servers.Select(server => new Server(client, server.ToString(), [server], DnsName.Parse(record.ChallengeName)) { IsResolver = true })];
        var name = await client.FollowAliasesAsync(DnsName.Parse(record.ChallengeName), cancellationToken);
        var zone = await client.ZoneOfAsync(name, cancellationToken);
        var hosts = (await client.ResolveAsync(zone, DnsType.Ns, cancellationToken)).Answers
            .Where(answer => answer.Name.Equals(zone))
            .Select(answer => (answer.Data as DnsData.Host)?.Value).OfType<DnsName>().Distinct().Take(MaxServers).ToList();
        if (hosts is [])
            throw new DnsException(DnsFailure.Refused, $"the zone {zone.ToText()} has no NS records");
        return await Task.WhenAll(hosts.Select(host => ServerAsync(host, name, cancellationToken)));
    }

    private async Task<Server> ServerAsync(DnsName host, DnsName name, CancellationToken cancellationToken)
    {
        IReadOnlyList<IPAddress> addresses;
        try
        {
            addresses = await client.AddressesAsync(host, cancellationToken);
        }
        catch (DnsException)
        {
            // One whose name leads nowhere is one that cannot be reached.
            addresses = [];
        }

        return new(client, host.ToText(), [.. addresses.Take(MaxServers).Select(EndPointOf)], name)
        {
            HasOnlyIPv6 = addresses.All(address => address.AddressFamily == AddressFamily.InterNetworkV6),
        };
    }

    /// <summary>One server of the zone, with all of its addresses: each that answers must have the value.</summary>
    private sealed class Server(DnsClient client, string name, IReadOnlyList<IPEndPoint> addresses, DnsName asked)
    {
        private int _failures;
        private string _problem = "";

        /// <summary>Whether it is no server of the zone, but asks those.</summary>
        public bool IsResolver { get; init; }

        public bool HasOnlyIPv6 { get; init; }

        public bool HasValue { get; private set; }

        /// <summary>Whether it failed so often that a resolver would go to another one too.</summary>
        public bool IsAside => _failures >= MaxFailures;

        public async Task LookAsync(string value, CancellationToken cancellationToken)
        {
            if (HasValue)
                return;
            if (addresses is [])
            {
                Note(Sight.Failed, "its name has no address");
                return;
            }

            var sights = await Task.WhenAll(addresses.Select(address => LookAsync(address, value, cancellationToken)));
            var worst = sights.Where(sight => sight.Sight == Sight.Absent).Concat(sights.Where(sight => sight.Sight == Sight.Present)).Append(sights[0]).First();
            Note(worst.Sight, worst.Problem);
        }

        public override string ToString() => $"{name} {_problem}";

        private void Note(Sight sight, string problem)
        {
            HasValue = sight == Sight.Present;
            _failures = sight == Sight.Failed ? _failures + 1 : 0;
            _problem = problem;
        }

        private async Task<(Sight Sight, string Problem)> LookAsync(IPEndPoint address, string value, CancellationToken cancellationToken)
        {
            try
            {
                var query = DnsMessage.Query(DnsClient.RandomId(), asked, DnsType.Txt, recursion: IsResolver);
                return Judge(await client.AskOverTcpAsync(address, query, cancellationToken), value);
            }
            catch (DnsException exception)
            {
                return (Sight.Failed, $"fails: {exception.Message}" + (HasOnlyIPv6 ? "; it has only IPv6 addresses, which this machine may not have" : ""));
            }
        }

        private (Sight, string) Judge(DnsMessage answer, string value)
        {
            if (answer.ResponseCode is not (DnsResponseCode.NoError or DnsResponseCode.NxDomain))
                return (Sight.Failed, $"answers {answer.ResponseCode.Name()}");
            if (!answer.IsAuthoritative && !IsResolver)
                return (Sight.Failed, "does not have the zone (lame delegation)");
            var values = answer.Answers.Select(record => record.Data).OfType<DnsData.Txt>().Select(text => text.Text).ToList();
            return values.Contains(value, StringComparer.Ordinal)
                ? (Sight.Present, "has the value")
                : (Sight.Absent, values is [] ? "has no TXT record there yet" : $"has {values.Count} other value(s) there, not this one yet");
        }

        private enum Sight
        {
            Present,
            Absent,
            Failed,
        }
    }
}
