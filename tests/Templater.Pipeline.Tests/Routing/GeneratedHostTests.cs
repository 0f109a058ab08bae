using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Streams;
using Templater.Testing;
using Templater.Testing.Hosts;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>What holds for hosts that nobody wrote, with every kind of container and mistake at once.</summary>
public sealed class GeneratedHostTests
{
    private const int ShortCount = 100;
    private const int FullCount = 5000;

    private static readonly ProxyKind[] Kinds = [ProxyKind.Nginx, ProxyKind.HAProxy, ProxyKind.Centauri];

    private static int Count => Rotation.IsFullTier ? FullCount : ShortCount;

    [Test]
    public void TheOrderOfContainersChangesNoDecision() => ForEach((host, kind) =>
    {
        var expected = Given.Dump(Routed(host.Snapshot, host, kind));
        for (var seed = 1; seed <= 3; seed++)
            Assert.That(Given.Dump(Routed(host.Shuffled(seed), host, kind)), Is.EqualTo(expected), $"{host}, {kind}, order {seed}");
    });

    [Test]
    public void EveryHostHasOneOwnerAndEveryPlaceOneRoute() => ForEach((host, kind) =>
    {
        var result = Routed(host.Snapshot, host, kind);
        Assert.That(result.VirtualHosts.SelectMany(site => site.RedirectFrom.Prepend(site.Pattern).Concat(site.Aliases)), Is.Unique, $"{host}, {kind}");
        Assert.That(result.VirtualHosts.Select(site => site.Name), Is.Unique, $"{host}, {kind}");
        Assert.That(result.VirtualHosts.SelectMany(site => site.Routes).Select(route => route.Key), Is.Unique, $"{host}, {kind}");
        Assert.That(result.VirtualHosts.SelectMany(site => site.Routes).Select(route => route.Upstream.Name), Is.Unique, $"{host}, {kind}");
        foreach (var route in result.VirtualHosts.SelectMany(site => site.Routes))
            Assert.That(route.Upstream.Servers.Select(server => (server.Slot, server.Container)), Is.Unique, $"{host}, {kind}, {route.Key}");
    });

    [Test]
    public void NobodyReachesWhatAContainerCloses() => ForEach((host, kind) =>
    {
        foreach (var route in Routed(host.Snapshot, host, kind).VirtualHosts.SelectMany(site => site.Routes))
        {
            if (route.IsClosed)
                Assert.That(route.Upstream.Servers, Is.Empty, $"{host}, {kind}, {route.Key}");
            foreach (var wish in route.Upstream.Servers.Select(server => server.Container is { } id ? host.Wishes.GetValueOrDefault(id) : null).OfType<Wish>())
            {
                Assert.That(wish.Closed, Is.False, $"{host}, {kind}, {route.Key} is closed");
                Assert.That(wish.Allow is null || (wish.Allow == "private" ? route.Allow.Length > 0 : route.Allow is [var only] && only == wish.Allow), Is.True, $"{host}, {kind}, {route.Key} lets in [{string.Join(' ', route.Allow)}]");
                Assert.That(!wish.Login || route.Auth is { Users.Length: > 0 }, Is.True, $"{host}, {kind}, {route.Key} asks for no password");
            }
        }
    });

    [Test]
    public void StreamsLetInWhomTheirLabelsLetIn() => ForEach((host, kind) =>
    {
        var listeners = Routed(host.Snapshot, host, kind).Streams;
        Assert.That(listeners.Select(listener => listener.Port), Is.Unique, $"{host}, {kind}");
        Assert.That(listeners.Where(listener => listener.Routes.Any(route => route.Upstream.Servers.Length > 0)).Select(listener => listener.Port), Is.SubsetOf(host.Policy.StreamPorts), $"{host}, {kind}");
        Assert.That(listeners.SelectMany(listener => listener.Routes).Select(route => route.Key), Is.Unique, $"{host}, {kind}");
        foreach (var route in listeners.SelectMany(listener => listener.Routes))
        {
            if (route.IsClosed)
                Assert.That(route.Upstream.Servers, Is.Empty, $"{host}, {kind}, {route.Key}");
            foreach (var container in route.Upstream.Servers.Select(server => host.Snapshot.Containers.Single(one => one.Id == server.Container)))
            {
                var labels = container.Origin?.ServiceLabels ?? container.Labels;
                var wants = labels.GetValueOrDefault("templater.streams.db.allow", "");
                // A replica's list holds for those that have none, never the other way round.
                Assert.That(wants.Length == 0 || string.Join(' ', route.Allow) == wants, Is.True, $"{host}, {kind}, {route.Key}: {container.Name}");
                Assert.That(labels.GetValueOrDefault("templater.streams.db.deny", ""), Is.Not.EqualTo("nobody"), $"{host}, {kind}, {route.Key}: {container.Name}");
            }
        }
    });

    [Test]
    public void EveryContainerHasAFateThatTellsTheTruth() => ForEach((host, kind) =>
    {
        var result = Routed(host.Snapshot, host, kind);
        Assert.That(result.Fates.Select(fate => fate.Container), Is.EquivalentTo(host.Snapshot.Containers.Select(container => container.Id)), $"{host}, {kind}");
        var routes = result.VirtualHosts.SelectMany(site => site.Routes).ToArray();
        var served = routes.SelectMany(route => route.Upstream.Servers).Concat(result.Streams.SelectMany(listener => listener.Routes).SelectMany(route => route.Upstream.Servers)).Select(server => server.Container).OfType<ContainerId>().ToHashSet();
        var redirecting = routes.Where(route => route.RedirectTo is not null).SelectMany(route => route.Containers).ToHashSet();
        foreach (var fate in result.Fates)
        {
            var name = $"{host}, {kind}, {host.Snapshot.Containers.Single(container => container.Id == fate.Container).Name}: {fate.Reason} {fate.Detail}";
            if (fate.Reason is null)
                Assert.That(served.Contains(fate.Container) || redirecting.Contains(fate.Container), Is.True, $"{name} is said to be routed, and is not");
            else
                Assert.That(fate.Detail, Is.Not.Empty, name);
        }
    });

    [Test]
    public void OneMoreContainerWithAHostOfItsOwnChangesNothingForTheOthers() => ForEach((host, kind) =>
    {
        var before = Routed(host.Snapshot, host, kind);
        var other = host.Snapshot.Containers[0] with { Id = new ContainerId(new string('f', 64)), Name = "zz-own", Labels = host.Snapshot.Containers[0].Labels.Clear().Add("templater.host", "own.example.net"), Origin = null, Compose = null };
        var after = Routed(host.Snapshot with { Containers = host.Snapshot.Containers.Add(other) }, host, kind);
        Assert.That(
            Given.Dump(Only(after)), Is.EqualTo(Given.Dump(Only(before))), $"{host}, {kind}");

        RoutingResult Only(RoutingResult result) => new() { Proxy = before.Proxy, Streams = result.Streams, VirtualHosts = [.. result.VirtualHosts.Where(site => site.Name != "own.example.net")], Fates = [.. result.Fates.Where(fate => fate.Container != other.Id)] };
    });

    [Test]
    public void TheGeneratorReachesEveryCorner()
    {
        var hosts = Enumerable.Range(0, 6 * ShortCount).Select(seed => HostGenerator.Make(seed)).ToArray();
        var results = hosts.Select(host => Routed(host.Snapshot, host, ProxyKind.Nginx)).ToArray();
        var routes = results.SelectMany(result => result.VirtualHosts).SelectMany(site => site.Routes).ToArray();
        using (Assert.EnterMultipleScope())
        {
            string[] reasons =
            [
                ReasonIds.NotRunning, ReasonIds.Starting, ReasonIds.Unhealthy, ReasonIds.NotReadyYet, ReasonIds.HeldDown, ReasonIds.Draining, ReasonIds.Disabled, ReasonIds.NoHost,
                ReasonIds.OtherInstance, ReasonIds.IsProxy, ReasonIds.InvalidHost, ReasonIds.InvalidPath, ReasonIds.InvalidPort, ReasonIds.InvalidValue, ReasonIds.PortAmbiguous,
                ReasonIds.NoSharedNetwork, ReasonIds.NetworkNotFound, ReasonIds.NoAddressYet, ReasonIds.ConflictLost, ReasonIds.ConflictValue, ReasonIds.UnsupportedOption,
                ReasonIds.AuthUnusable, ReasonIds.UnknownLabel, ReasonIds.Quarantined, ReasonIds.PortNotAllowed,
            ];
            Assert.That(reasons.Except(results.SelectMany(result => result.Fates).Select(fate => fate.Reason)), Is.Empty);
            Assert.That(Enum.GetValues<Dialect>().Except(results.SelectMany(result => result.Fates).Where(fate => fate.Reason is null).Select(fate => fate.Dialect!.Value)), Is.Empty);
            Assert.That(Enum.GetValues<HostMatch>().Except(results.SelectMany(result => result.VirtualHosts).Select(site => site.Pattern.Match)), Is.Empty);
            Assert.That(Enum.GetValues<PathMatch>().Except(routes.Select(route => route.Path.Match)), Is.Empty);
            Assert.That(routes.Any(route => route.Allow.Length > 0 && route.Upstream.Servers.Length > 0), Is.True);
            Assert.That(routes.Any(route => route.Auth is not null && route.Upstream.Servers.Length > 1), Is.True);
            Assert.That(routes.Any(route => route.Upstream.Servers.Any(server => server.Address.Contains(':', StringComparison.Ordinal))), Is.True);
            Assert.That(routes.Any(route => route.Upstream.Servers.Any(server => server.Container is null)), Is.True, "static routes");
            var streams = results.SelectMany(result => result.Streams).ToArray();
            Assert.That(Enum.GetValues<StreamTls>().Except(streams.Select(listener => listener.Tls)), Is.Empty);
            Assert.That(streams.SelectMany(listener => listener.Routes).Any(route => route.Allow.Length > 0 && route.Upstream.Servers.Length > 0), Is.True);
            Assert.That(streams.Any(listener => listener.Port.Protocol == StreamProtocol.Udp), Is.True);
            Assert.That(hosts.Max(host => host.Snapshot.Containers.Length), Is.GreaterThan(45));
        }
    }

    private static RoutingResult Routed(Snapshot snapshot, GeneratedHost host, ProxyKind kind) =>
        Router.Route(snapshot, ProxyLocator.Locate(snapshot, "proxy", kind, new ProxyHint.None()), host.Policy);

    private static void ForEach(Action<GeneratedHost, ProxyKind> examine)
    {
        for (var seed = 0; seed < Count; seed++)
            examine(HostGenerator.Make(seed), Kinds[seed % Kinds.Length]);
    }
}
