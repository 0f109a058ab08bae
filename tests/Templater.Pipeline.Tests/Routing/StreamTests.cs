using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Who gets a TCP or UDP port, and what a label about one may be.</summary>
public sealed class StreamTests
{
    private static readonly RoutingPolicy Policy = new() { StreamPorts = StreamPort.ParseList("5432 5433 6379 8883 53/udp 53")!.Value };

    private static RoutingResult Routed(params Container[] containers) => Given.Routed(Policy, containers);

    private static Container Stream(string name, string listen, params (string Key, string Value)[] keys) =>
        Given.Container(name, [("templater.streams.s.listen", listen), .. keys.Select(static key => ("templater.streams.s." + key.Key, key.Value))]);

    /// <summary>Every stream as one line: port, way, names, servers.</summary>
    private static string Shown(RoutingResult result) => string.Join('\n', result.Streams.SelectMany(static listener => listener.Routes.Select(route => string.Create(
        CultureInfo.InvariantCulture,
        $"{listener.Port} {listener.Tls} [{string.Join(' ', route.Hosts)}] {(route.IsClosed ? "closed" : "")} {string.Join(' ', route.Upstream.Servers.Select(server => $"{server.Container!.Value.Value["id-of-".Length..]}:{server.Port}"))}").TrimEnd())));

    [Test]
    public void AContainerWithoutHostIsRoutedForItsStream()
    {
        var result = Routed(Stream("db", "5432"));

        Assert.That(Shown(result), Is.EqualTo("5432 Off []  db:5432"));
        Assert.That(result.FateOf("db").Reason, Is.Null);
        Assert.That(result.FateOf("db").Streams, Is.EqualTo(new[] { "5432" }));
        Assert.That(result.Findings, Is.Empty);
    }

    [Test]
    public void StreamsAreReadBesideTheHostsOfAnotherDialect()
    {
        var result = Routed(Stream("mail", "6379", ("port", "25")).WithEnv(("VIRTUAL_HOST", "mail.example.com"), ("VIRTUAL_PORT", "8080")));

        Assert.That(Shown(result), Is.EqualTo("6379 Off []  mail:25"));
        Assert.That(result.Host("mail.example.com").Routes[0].Servers(), Has.Exactly(1).Items);
    }

    [Test]
    public void ABadHostDoesNotTakeTheStreamsWithIt()
    {
        var result = Routed(Stream("db", "5432") with { Labels = Stream("db", "5432").Labels.Add("templater.host", "https://db/") });

        Assert.That(Shown(result), Is.EqualTo("5432 Off []  db:5432"));
        Assert.That(result.FateOf("db").Reason, Is.EqualTo(ReasonIds.InvalidHost));
    }

    [TestCase("listen", "", ReasonIds.InvalidPort)]
    [TestCase("listen", "0", ReasonIds.InvalidPort)]
    [TestCase("listen", "65536", ReasonIds.InvalidPort)]
    [TestCase("listen", "5432/sctp", ReasonIds.InvalidPort)]
    [TestCase("listen", "5432 5433", ReasonIds.InvalidPort)]
    [TestCase("listen", "*:5432", ReasonIds.InvalidPort)]
    [TestCase("listen", "9999", ReasonIds.PortNotAllowed)]
    [TestCase("listen", "6379/udp", ReasonIds.PortNotAllowed)]
    [TestCase("listen", "80", ReasonIds.PortNotAllowed)]
    [TestCase("listen", "443", ReasonIds.PortNotAllowed)]
    [TestCase("port", "0", ReasonIds.InvalidPort)]
    [TestCase("port", "http", ReasonIds.InvalidPort)]
    [TestCase("host", "", ReasonIds.InvalidHost)]
    [TestCase("host", "~^db$", ReasonIds.InvalidHost)]
    [TestCase("host", "*", ReasonIds.InvalidHost)]
    [TestCase("host", "10.0.0.1", ReasonIds.InvalidHost)]
    [TestCase("host", "https://db.example.com", ReasonIds.InvalidHost)]
    [TestCase("tls", "on", ReasonIds.InvalidValue)]
    [TestCase("tls", "", ReasonIds.InvalidValue)]
    [TestCase("allow", "", ReasonIds.InvalidValue)]
    [TestCase("allow", "office", ReasonIds.InvalidValue)]
    [TestCase("allow", "10.0.0.0/33", ReasonIds.InvalidValue)]
    [TestCase("deny", "everyone", ReasonIds.InvalidValue)]
    [TestCase("alow", "private", ReasonIds.UnknownLabel)]
    [TestCase("Deny", "10.0.0.1", ReasonIds.UnknownLabel)]
    [TestCase("tsl", "terminate", ReasonIds.UnknownLabel)]
    [TestCase("auth.basic", "a:b", ReasonIds.UnknownLabel)]
    public void ABadValueOfAKeyThatDecidesWhoMayReachWhatClosesTheStream(string key, string value, string reason)
    {
        var container = Stream("db", "5432");
        var result = Routed(container with { Labels = container.Labels.SetItem("templater.streams.s." + key, value) }, Given.Hosted("web", "web.example.com"));

        Assert.That(result.Streams.SelectMany(static listener => listener.Routes).SelectMany(static route => route.Upstream.Servers), Is.Empty);
        Assert.That(result.FateOf("db").Reason, Is.EqualTo(reason));
        Assert.That(result.Findings.Select(static finding => finding.Reason), Has.Some.EqualTo(reason));
        Assert.That(result.FateOf("web").Reason, Is.Null);
    }

    [TestCase("proxy-protocol", "v3", ReasonIds.InvalidValue)]
    [TestCase("balance", "uri", ReasonIds.InvalidValue)]
    [TestCase("balance", "", ReasonIds.InvalidValue)]
    [TestCase("weight", "257", ReasonIds.InvalidValue)]
    [TestCase("backup", "maybe", ReasonIds.InvalidValue)]
    [TestCase("maxconn", "0", ReasonIds.InvalidValue)]
    [TestCase("check", "healthz", ReasonIds.InvalidValue)]
    [TestCase("timeout.connect", "5", ReasonIds.InvalidValue)]
    [TestCase("timeout.tunnel", "0s", ReasonIds.InvalidValue)]
    [TestCase("check", "tcp", ReasonIds.UnsupportedOption)]
    [TestCase("proxy-protocol", "v2", ReasonIds.UnsupportedOption)]
    [TestCase("lable", "x", ReasonIds.UnknownLabel)]
    public void ABadValueOfAnyOtherKeyIsSaidAndTheDefaultHolds(string key, string value, string reason)
    {
        var result = Routed(Stream("db", "5432", (key, value)));

        Assert.That(Shown(result), Is.EqualTo("5432 Off []  db:5432"));
        Assert.That((result.FateOf("db").Reason, result.Findings.Single().Reason), Is.EqualTo(((string?)null, reason)));
    }

    [TestCase("53/udp", "host", "a.example.com")]
    [TestCase("53/udp", "tls", "pass")]
    [TestCase("53/udp", "tls", "terminate")]
    public void NamesAndTlsNeedTcp(string listen, string key, string value) =>
        Assert.That(Routed(Stream("db", listen, (key, value))).FateOf("db").Reason, Is.EqualTo(ReasonIds.InvalidValue));

    [Test]
    public void ANameNeedsTls() =>
        Assert.That(Routed(Stream("db", "5432", ("host", "a.example.com"), ("tls", "off"))).FateOf("db").Reason, Is.EqualTo(ReasonIds.InvalidValue));

    [Test]
    public void WithoutListenThereIsNoStream()
    {
        var result = Routed(Given.Container("db", ("templater.streams.s.port", "5432")));
        Assert.That((result.Streams.Length, result.FateOf("db").Reason), Is.EqualTo((0, ReasonIds.InvalidPort)));
    }

    [Test]
    public void WithoutTheSettingNoPortIsOpened()
    {
        var result = Given.Routed(Stream("db", "5432"));
        Assert.That(result.FateOf("db").Reason, Is.EqualTo(ReasonIds.PortNotAllowed));
        Assert.That(result.Messages(ReasonIds.PortNotAllowed).Single(), Does.Contain("port 5432 is not in the setting STREAM_PORTS, which is not set"));
    }

    [TestCase("templater.listen.http", "5432")]
    [TestCase("templater.listen.https", "5432")]
    [TestCase("templater.listen.https", "53")]
    public void PortsOfStreamsAreNoPortsOfHosts(string key, string value)
    {
        var result = Routed(Given.Hosted("web", "web.example.com", (key, value)), Stream("db", "5432"));
        Assert.That(result.VirtualHosts, Is.Empty);
        Assert.That((result.FateOf("web").Reason, result.FateOf("db").Reason), Is.EqualTo((ReasonIds.PortNotAllowed, (string?)null)));
    }

    /// <summary>Who has what, for containers that are older the earlier they are named.</summary>
    [TestCase("a:5432 b:5432", "5432 Off []  a:5432", "b conflict-lost")]
    [TestCase("a@p:5432 b@p:5432", "5432 Off []  a:5432 b:5432", "")]
    [TestCase("a@p:5432 b@q:5432", "5432 Off []  a:5432", "b conflict-lost")]
    [TestCase("a@p:5432 b@q:5433", "5432 Off []  a:5432|5433 Off []  b:5433", "")]
    [TestCase("a@p:53 b@q:53/udp", "53 Off []  a:53|53/udp Off []  b:53", "")]
    [TestCase("a@p:8883:a.example.com b@q:8883:b.example.com", "8883 Pass [a.example.com]  a:8883|8883 Pass [b.example.com]  b:8883", "")]
    [TestCase("a@p:8883:a.example.com b@q:8883:a.example.com,b.example.com", "8883 Pass [a.example.com]  a:8883|8883 Pass [b.example.com]  b:8883", "b conflict-lost")]
    [TestCase("a@p:8883:a.example.com b@q:8883", "8883 Pass [a.example.com]  a:8883", "b conflict-lost")]
    [TestCase("a@p:8883 b@q:8883:b.example.com", "8883 Off []  a:8883", "b conflict-lost")]
    [TestCase("a@p:8883:a.example.com b@q:8883::pass", "8883 Pass [a.example.com]  a:8883|8883 Pass []  b:8883", "")]
    [TestCase("a@p:8883:*.example.com b@q:8883:b.example.com", "8883 Pass [*.example.com]  a:8883|8883 Pass [b.example.com]  b:8883", "")]
    [TestCase("a@p:8883:a.example.com,b.example.com b@p:8883:a.example.com", "8883 Pass [a.example.com]  a:8883 b:8883|8883 Pass [b.example.com]  a:8883", "")]
    public void PortsAreShared(string containers, string expected, string lost)
    {
        var all = containers.Split(' ').Select(Written).ToArray();
        foreach (var order in new[] { all, [.. all.Reverse()] })
        {
            var result = Router.Route(
                new Snapshot { TakenAt = Given.Now, Containers = [Given.Proxy(), .. order], Networks = [Given.Bridge("front")] },
                ProxyLocator.Locate(Given.Snapshot([Given.Proxy(), .. order]), "nginx", ProxyKind.Nginx, new ProxyHint.None()), Policy);

            Assert.That(Shown(result), Is.EqualTo(expected.Replace('|', '\n')));
            Assert.That(
                string.Join(' ', result.Fates.Where(static fate => fate.Reason is not null && fate.Streams.Length > 0).Select(static fate => $"{fate.Container.Value["id-of-".Length..]} {fate.Reason}")),
                Is.EqualTo(lost));
        }
    }

    /// <summary>NAME[@PROJECT]:LISTEN[:HOSTS[:TLS]].</summary>
    private static Container Written(string text, int index)
    {
        var parts = text.Split(':');
        var names = parts[0].Split('@');
        var keys = new List<(string, string)>();
        if (parts.Length > 2 && parts[2].Length > 0)
            keys.Add(("host", parts[2]));
        if (parts.Length > 3)
            keys.Add(("tls", parts[3]));
        var container = Stream(names[0], parts[1], [.. keys]).Since(TimeSpan.FromHours(10 - index));
        return container.In(names.Length > 1 ? names[1] : names[0], names[0]);
    }

    [Test]
    public void TheOrderOfContainersChangesNothing()
    {
        var containers = Enumerable.Range(0, 50).Select(static i => Written(
            string.Create(CultureInfo.InvariantCulture, $"c{i}@p{i % 7}:{(i % 3 == 0 ? "8883" : i % 3 == 1 ? "5432" : "53/udp")}{(i % 3 == 0 ? $":h{i % 5}.example.com{(i % 2 == 0 ? ",*.example.org" : "")}" : "")}"), i % 4)).ToArray();
        var expected = Dump(containers);
        for (var seed = 1; seed <= 30; seed++)
        {
            var shuffled = containers.ToArray();
            new Random(seed).Shuffle(shuffled);
            Assert.That(Dump(shuffled), Is.EqualTo(expected), $"seed {seed}");
        }

        static string Dump(Container[] containers)
        {
            var snapshot = new Snapshot { TakenAt = Given.Now, Containers = [Given.Proxy(), .. containers], Networks = [Given.Bridge("front")] };
            var result = Given.Routed(snapshot, Policy);
            return $"{Shown(result)}\n{string.Join('\n', result.Findings)}\n{string.Join('\n', result.Fates.OrderBy(static fate => fate.Container.Value, StringComparer.Ordinal).Select(static fate => $"{fate.Container} {fate.Reason} {fate.Detail}"))}";
        }
    }

    [TestCase("allow", "private", "allow", "10.0.0.1")]
    [TestCase("proxy-protocol", "v1", "proxy-protocol", "off")]
    public void AReplicaThatDisagreesIsLeftOut(string key, string value, string otherKey, string other)
    {
        var result = Routed(Stream("a", "5432", (key, value)).In("p", "a").Since(TimeSpan.FromHours(9)), Stream("b", "5432", (otherKey, other)).In("p", "b"));

        Assert.That(Shown(result), Is.EqualTo("5432 Off []  a:5432"));
        Assert.That(result.Messages(ReasonIds.ConflictValue).Single(), Does.Contain("The other gets no connections"));
    }

    [Test]
    public void WhoRestrictsIsHeardEvenWhenAnotherDecides()
    {
        var result = Routed(Stream("a", "5432").In("p", "a").Since(TimeSpan.FromHours(9)), Stream("b", "5432", ("allow", "10.0.0.1"), ("deny", "10.0.0.2")).In("p", "b"));

        var route = result.Streams.Single().Routes.Single();
        Assert.That(Shown(result), Is.EqualTo("5432 Off []  a:5432 b:5432"));
        Assert.That((string.Join(' ', route.Allow), string.Join(' ', route.Deny)), Is.EqualTo(("10.0.0.1", "10.0.0.2")));
    }

    [TestCase("allow", "office")]
    [TestCase("deny", "")]
    [TestCase("tls", "terminated")]
    public void ARestrictionThatCannotBeReadClosesTheReplicas(string key, string value)
    {
        var result = Routed(Stream("a", "5432").In("p", "a").Since(TimeSpan.FromHours(9)), Stream("b", "5432", (key, value)).In("p", "b"));

        Assert.That(Shown(result), Is.EqualTo("5432 Off [] closed"));
        Assert.That(result.FateOf("a").Reason, Is.EqualTo(ReasonIds.InvalidValue));
    }

    [Test]
    public void ANameWhoseContainerIsGoneStaysTaken()
    {
        var gone = Stream("a", "8883", ("host", "a.example.com")).In("p", "a") with { State = ContainerState.Exited };
        var result = Routed(gone, Stream("b", "8883", ("tls", "pass")).In("q", "b"));

        Assert.That(Shown(result), Is.EqualTo("8883 Pass [a.example.com]\n8883 Pass []  b:8883"));
    }

    [Test]
    public void TwoStreamsOfOneContainerAtOnePlaceOpenNothingThatOneCloses()
    {
        var result = Routed(Given.Container("db", ("templater.streams.a.listen", "5432"), ("templater.streams.b.listen", "5432"), ("templater.streams.b.allow", "10.0.0.1")));
        Assert.That((Shown(result), result.FateOf("db").Reason), Is.EqualTo(("5432 Off [] closed", ReasonIds.ConflictValue)));
    }

    [TestCase(ProxyKind.HAProxy, "53/udp")]
    [TestCase(ProxyKind.Centauri, "5432")]
    public void WhatAProxyCannotDoIsRefused(ProxyKind kind, string listen)
    {
        var result = Given.Routed(Given.Snapshot(Given.Proxy(), Stream("db", listen)), Policy, kind);
        Assert.That((Shown(result).Contains("db:", StringComparison.Ordinal), result.FateOf("db").Reason), Is.EqualTo((false, ReasonIds.UnsupportedOption)));
    }

    [Test]
    public void TerminatingNeedsACertificateForTheName()
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Stream("a", "8883", ("host", "a.example.com"), ("tls", "terminate")), Stream("b", "8883", ("host", "b.example.com"), ("tls", "terminate")))
            with
        { Certificates = [Given.Pair("a", "a.example.com")] };
        var result = Given.Routed(snapshot, Policy);

        Assert.That(Shown(result), Is.EqualTo("8883 Terminate [a.example.com]  a:8883\n8883 Terminate [b.example.com] closed"));
        Assert.That(result.FateOf("b").Reason, Is.EqualTo(ReasonIds.CertificateMissing));
    }

    [TestCase(ProxyKind.Nginx, ReasonIds.UnsupportedOption)]
    [TestCase(ProxyKind.HAProxy, null)]
    public void NginxShowsOneCertificateForAPort(ProxyKind kind, string? reason)
    {
        var older = Stream("a", "8883", ("host", "a.example.com"), ("tls", "terminate")).Since(TimeSpan.FromHours(5));
        var snapshot = Given.Snapshot(Given.Proxy(), older, Stream("b", "8883", ("host", "b.example.com"), ("tls", "terminate"))) with
        {
            Certificates = [Given.Pair("a", "a.example.com") with { IsInHAProxyFolder = true }, Given.Pair("b", "b.example.com") with { IsInHAProxyFolder = true }],
        };
        Assert.That(Given.Routed(snapshot, Policy, kind).FateOf("b").Reason, Is.EqualTo(reason));
    }

    [TestCase("5432", "5432")]
    [TestCase("53/UDP, 5432/tcp  53", "53 53/udp 5432")]
    [TestCase("5432 5432", "5432")]
    [TestCase("", "")]
    [TestCase("5432-5440", null)]
    [TestCase("0", null)]
    [TestCase("53/", null)]
    [TestCase("all", null)]
    public void ListsOfPortsAreRead(string text, string? expected) =>
        Assert.That(StreamPort.ParseList(text) is { } ports ? string.Join(' ', ports) : null, Is.EqualTo(expected));
}
