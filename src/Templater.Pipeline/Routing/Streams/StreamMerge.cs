using System.Collections.Immutable;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Streams;

/// <summary>
/// What holds for the containers of one stream together. Of settings the deciding one's; who restricts is heard even when another one
/// decides, because a mixed set must not open what one closes.
/// </summary>
internal sealed class StreamMerge(RoutingPolicy policy, List<Finding> findings)
{
    /// <summary>Makes the stream. Its servers have no slots yet.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="name">Name of its upstream.</param>
    /// <param name="claims">The claims, the deciding one first.</param>
    public StreamRoute Build(string key, string name, ImmutableArray<StreamClaim> claims)
    {
        var deciding = claims[0];
        var settings = deciding.Settings.Route.Settings;
        Compare(deciding, claims);
        var restricting = claims.FirstOrDefault(static claim => claim.Settings.Route.Settings.Allow.Length > 0) ?? deciding;
        var servers = RouteBuilder.Relieved(RouteBuilder.Servers(
        [
            .. claims.Where(claim => claim.Claim.Server is not null && Admits(claim, restricting) && claim.Settings.ProxyHeader == deciding.Settings.ProxyHeader)
                .Select(static claim => claim.Claim),
        ]));
        return new StreamRoute
        {
            Key = key,
            Upstream = new Upstream
            {
                Name = name,
                Balance = settings.Balance,
                MaxConnections = settings.MaxConnections,
                Check = settings.Check,
                Servers = servers,
            },
            ProxyHeader = deciding.Settings.ProxyHeader,
            Allow = restricting.Settings.Route.Settings.Allow,
            Deny = [.. claims.SelectMany(static claim => claim.Settings.Route.Settings.Deny).Distinct(StringComparer.Ordinal)],
            Connect = settings.Timeouts.Connect,
            Tunnel = settings.Timeouts.Tunnel,
            IsClosed = claims.Any(static claim => claim.Claim is { IsAlive: true, Route.Refusal.Closes: not Closure.Nothing }),
            Containers = servers.Length > 0
                ? [.. servers.Select(static server => server.Container!.Value)]
                : [.. claims.OrderBy(static claim => claim.Container.Name, StringComparer.Ordinal).Select(static claim => claim.Container.Id).Distinct()],
        };
    }

    private static bool Admits(StreamClaim claim, StreamClaim restricting) =>
        claim.Settings.Route.Settings.Allow is var allow
        && (allow.Length == 0 || allow.ToHashSet(StringComparer.Ordinal).SetEquals(restricting.Settings.Route.Settings.Allow));

    private void Compare(StreamClaim deciding, ImmutableArray<StreamClaim> claims)
    {
        foreach (var other in claims.Skip(1).Where(static claim => claim.Claim.IsContender))
        {
            var (used, own) = (Facts(deciding.Settings), Facts(other.Settings));
            for (var index = 0; index < used.Length; index++)
                if (used[index] != own[index])
                    Differ(deciding, other, used[index], own[index]);
        }
    }

    private static string[] Facts(StreamSettings stream)
    {
        var settings = stream.Route.Settings;
        return
        [
            $"proxy-protocol={RouteSettings.Word(stream.ProxyHeader)}",
            $"allow={RouteSettings.AllowText(settings.Allow)}",
            $"balance={RouteSettings.Word(settings.Balance)}",
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"maxconn={settings.MaxConnections}"),
            $"check={(settings.Check is null ? "off" : settings.Check.Path ?? "tcp")}",
            $"timeout.connect={Quantities.Text(settings.Timeouts.Connect)}",
            $"timeout.tunnel={Quantities.Text(settings.Timeouts.Tunnel)}",
        ];
    }

    private void Differ(StreamClaim deciding, StreamClaim other, string used, string own)
    {
        var key = used[..used.IndexOf('=', StringComparison.Ordinal)];
        var isLeftOut = key == "proxy-protocol" || (key == "allow" && other.Settings.Route.Settings.Allow.Length > 0 && deciding.Settings.Route.Settings.Allow.Length > 0);
        findings.Add(new Finding(
            FindingSeverity.Warning,
            ReasonIds.ConflictValue,
            $"port {deciding.Settings.Place}: {key} differs: {Untrusted.Shown(used[(key.Length + 1)..])} (\"{Untrusted.Shown(deciding.Container.Name)}\") "
                + $"and {Untrusted.Shown(own[(key.Length + 1)..])} (\"{Untrusted.Shown(other.Container.Name)}\"). "
                + (isLeftOut ? "The other gets no connections; give both the same value." : "Give both containers the same value."))
        {
            Container = other.Container.Name,
            Label = $"{policy.LabelPrefix}.{other.Settings.Route.Name}.{key}",
        });
    }
}
