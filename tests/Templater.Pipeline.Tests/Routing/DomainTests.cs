using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Which hosts a container may claim, and that only those are dropped that it may not.</summary>
public sealed class DomainTests
{
    [TestCase("example.com", "example.com", true)]
    [TestCase("example.com", "shop.example.com", true)]
    [TestCase("example.com", "a.b.example.com", true)]
    [TestCase("example.com", "badexample.com", false)]
    [TestCase("example.com", "example.com.evil.org", false)]
    [TestCase("example.com", "com", false)]
    [TestCase("EXAMPLE.com.", "Shop.Example.COM", true)]
    [TestCase("*.example.com", "example.com", false)]
    [TestCase("*.example.com", "shop.example.com", true)]
    [TestCase("=example.com", "example.com", true)]
    [TestCase("=example.com", "shop.example.com", false)]
    [TestCase("example.com", "*.example.com", true)]
    [TestCase("example.com", "*.shop.example.com", true)]
    [TestCase("*.example.com", "*.example.com", true)]
    [TestCase("*.shop.example.com", "*.example.com", false)]
    [TestCase("=example.com", "*.example.com", false)]
    [TestCase("example.com", "*.com", false)]
    [TestCase("bücher.example", "shop.xn--bcher-kva.example", true)]
    [TestCase("xn--bcher-kva.example", "bücher.example", true)]
    [TestCase("10.0.0.1", "10.0.0.1", true)]
    [TestCase("10.0.0.1", "10.0.0.2", false)]
    [TestCase("[2001:db8::1]", "[2001:db8:0::1]", true)]
    [TestCase("example.com", "10.0.0.1", false)]
    [TestCase("example.com", "~^.+\\.example\\.com$", false)]
    [TestCase("example.com", "*", false)]
    [TestCase("any", "~^a$", true)]
    [TestCase("any", "*", true)]
    [TestCase("example.org example.com", "shop.example.com", true)]
    [TestCase("", "shop.example.com", false)]
    public void AHostIsInsideOrNot(string domains, string host, bool isAllowed)
    {
        var result = Given.Routed(Policy(domains), Given.Hosted("shop", host));
        Assert.That((result.VirtualHosts.Length, result.FateOf("shop").Reason), Is.EqualTo((isAllowed ? 1 : 0, isAllowed ? null : ReasonIds.DomainNotAllowed)));
    }

    [Test]
    public void OnlyTheForbiddenHostIsDropped()
    {
        var result = Given.Routed(Policy("example.com"), Given.Hosted("shop", "shop.example.com evil.org", ("templater.redirect.from", "www.example.com www.evil.org")));

        Assert.That(result.VirtualHosts.Single().Name, Is.EqualTo("shop.example.com"));
        Assert.That(result.VirtualHosts[0].RedirectFrom.Select(static host => host.Text), Is.EqualTo(new[] { "www.example.com" }));
        Assert.That(result.FateOf("shop").Reason, Is.Null);
        Assert.That(result.Messages(ReasonIds.DomainNotAllowed), Is.EqualTo(new[]
        {
            "warning domain-not-allowed: container \"shop\" is not routed for evil.org: the setting DOMAINS allows example.com. Choose another host, or add its domain to that setting.",
            "warning domain-not-allowed: container \"shop\" is not routed for www.evil.org: the setting DOMAINS allows example.com. Choose another host, or add its domain to that setting.",
        }));
    }

    [TestCase("shop", "shop.example.com", null)]
    [TestCase("shop", "blog.example.com", ReasonIds.DomainNotAllowed)]
    [TestCase("blog", "shop.example.com", ReasonIds.DomainNotAllowed)]
    [TestCase("blog", "blog.example.org", null)]
    [TestCase(null, "shop.example.com", ReasonIds.DomainNotAllowed)]
    [TestCase(null, "blog.example.org", null)]
    public void ProjectsHaveTheirOwnDomains(string? project, string host, string? reason)
    {
        var policy = new RoutingPolicy
        {
            Domains = new DomainPolicy { Others = AllowedDomain.Parse(["example.org"])!.Value }
                with
            { Projects = new DomainPolicy().Projects.Add("shop", AllowedDomain.Parse(["shop.example.com"])!.Value) },
        };
        var container = Given.Hosted("web", host);
        Assert.That(Given.Routed(policy, project is null ? container : container.In(project, "web")).FateOf("web").Reason, Is.EqualTo(reason));
        Assert.That(Given.Routed(policy, project is null ? container : container with { Swarm = new SwarmIdentity(project + "_web", project, "t") }).FateOf("web").Reason, Is.EqualTo(reason));
    }

    [TestCase("VIRTUAL_HOST", "evil.org,shop.example.com")]
    [TestCase("com.chameth.vhost", "evil.org,shop.example.com")]
    public void ForeignDialectsAreBoundToo(string key, string hosts)
    {
        var container = key == "VIRTUAL_HOST" ? Given.Container("shop").WithEnv((key, hosts)) : Given.Container("shop", (key, hosts));
        Assert.That(Given.Routed(Policy("example.com"), container).VirtualHosts.Select(static host => host.Name), Is.EqualTo(new[] { "shop.example.com" }));
    }

    /// <summary>A stream that may have none of its names must not get all connections of the port instead.</summary>
    [TestCase("evil.org", "")]
    [TestCase("evil.org, a.example.com", "a.example.com")]
    public void NamesOfStreamsAreBoundToo(string hosts, string left)
    {
        var policy = Policy("example.com") with { StreamPorts = StreamPort.ParseList("8883")!.Value };
        var result = Given.Routed(policy, Given.Container("mq", ("templater.streams.s.listen", "8883"), ("templater.streams.s.host", hosts)));

        Assert.That(string.Join(' ', result.Streams.SelectMany(static listener => listener.Routes).Where(static route => route.Upstream.Servers.Length > 0).SelectMany(static route => route.Hosts)), Is.EqualTo(left));
        Assert.That(result.Streams.SelectMany(static listener => listener.Routes).Any(static route => route.Hosts.IsEmpty && route.Upstream.Servers.Length > 0), Is.False);
        Assert.That(result.FateOf("mq").Reason, Is.EqualTo(left.Length > 0 ? null : ReasonIds.DomainNotAllowed));
    }

    [Test]
    public void WhoMayNotHaveAHostKeepsNobodyFromIt()
    {
        var evil = Given.Hosted("evil", "shop.example.com").In("evil", "web").Since(TimeSpan.FromDays(9));
        var policy = new RoutingPolicy { Domains = new DomainPolicy { Projects = new DomainPolicy().Projects.Add("shop", AllowedDomain.Parse(["example.com"])!.Value) } };
        var result = Given.Routed(policy, evil, Given.Hosted("shop", "shop.example.com").In("shop", "web"));

        Assert.That(result.Host("shop.example.com").Routes[0].Containers.Single().Value, Is.EqualTo("id-of-shop"));
        Assert.That(result.FateOf("shop").Reason, Is.Null);
    }

    private static RoutingPolicy Policy(string domains) =>
        new() { Domains = new DomainPolicy { Others = AllowedDomain.Parse([.. domains.Split(' ', StringSplitOptions.RemoveEmptyEntries)])!.Value } };
}
