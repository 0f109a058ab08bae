using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Streams;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

public sealed class StreamTemplateTests
{
    [Test]
    public async Task NginxGetsAStreamBlock()
    {
        using var certificates = new TempDirectory();
        var text = Streams(certificates.Path).Text("nginx");

        await RealChecker.AcceptsNginx(StreamModule.Load + text);
        Golden.Verify(Plain(text[text.IndexOf("stream {", StringComparison.Ordinal)..], certificates), "streams.nginx.conf");
    }

    [Test]
    public async Task HAProxyGetsFrontendsForTcp()
    {
        using var certificates = new TempDirectory();
        var text = Streams(certificates.Path).Text("haproxy");

        await RealChecker.AcceptsHAProxy(text);
        Golden.Verify(Plain(text[text.IndexOf("# TCP.", StringComparison.Ordinal)..], certificates), "streams.haproxy.cfg");
    }

    [TestCase("nginx", "modern", true)]
    [TestCase("nginx", "old", false)]
    [TestCase("haproxy", "modern", true)]
    public async Task ListenersOnIPv6BehindAnotherProxyAreAccepted(string template, string policy, bool isProxied)
    {
        using var certificates = new TempDirectory();
        var scenario = Streams(certificates.Path);
        scenario.Policy = scenario.Policy with { TlsPolicy = Enum.Parse<TlsPolicy>(policy, ignoreCase: true) };
        scenario.Proxy = scenario.Proxy with { IPv6 = true, ProxyProtocol = isProxied, TrustedProxies = ["192.0.2.0/24"] };
        var text = scenario.Text(template);

        if (template == "nginx")
            await RealChecker.AcceptsNginx(StreamModule.Load + text);
        else
            await RealChecker.AcceptsHAProxy(text);
    }

    /// <summary>A build without the module refuses the whole file.</summary>
    [Test]
    public void WithoutAUsableStreamThereIsNoStreamBlock()
    {
        var scenario = new Scenario { Policy = new RoutingPolicy { StreamPorts = StreamPort.ParseList("5432")!.Value } }
            .Add("db", ("templater.streams.db.listen", "5433")).Add("web", ("templater.host", "web.example.com"));
        Assert.That(scenario.Text("nginx"), Does.Not.Contain("stream {"));
    }

    [TestCase("nginx-http", "a file for nginx's http block cannot hold any")]
    [TestCase("domains", "does not look at streams")]
    [TestCase("centauri", "streams are not available in Centauri")]
    public void ATemplateWithoutStreamsRefusesThem(string template, string expected)
    {
        var rendering = Streams("/certs").Render(template);
        Assert.That(rendering.Routing.Streams.SelectMany(static listener => listener.Routes).SelectMany(static route => route.Upstream.Servers), Is.Empty);
        Assert.That(rendering.Findings.Where(static finding => finding.Container == "db-1").Select(static finding => $"{finding.Reason} {finding.Message}"), Has.Some.Contains(expected));
    }

    [Test]
    public async Task ManyNamesWithWordsOfNginxAreAccepted()
    {
        var scenario = new Scenario { Policy = new RoutingPolicy { StreamPorts = StreamPort.ParseList("8883")!.Value } };
        foreach (var name in (string[])["default", "include", "hostnames", "volatile", "*.default", SampleHosts.LongName(253), "if", "_a"])
            scenario.Add("c" + Math.Abs(name.GetHashCode(StringComparison.Ordinal)), ("templater.streams.x.listen", "8883"), ("templater.streams.x.host", name), ("templater.streams.x.allow", "10.0.0.1 2001:db8::/32"));
        for (var i = 0; i < 300; i++)
            scenario.Add("m" + i, ("templater.streams.x.listen", "8883"), ("templater.streams.x.host", Scenario.Host(i)), ("templater.streams.x.deny", "10.0.0.1"));
        // No project: they would share what they claim alike, and each claims something else.
        await RealChecker.AcceptsNginx(StreamModule.Load + scenario.Text("nginx"));
        await RealChecker.AcceptsHAProxy(scenario.Text("haproxy"));
    }

    internal static Scenario Streams(string certificates)
    {
        var scenario = new Scenario { Policy = new RoutingPolicy { StreamPorts = StreamPort.ParseList("5432 6379 8883 993 53/udp 25 465")!.Value } };
        SampleHosts.Pair(scenario, certificates, "mail.example.com");
        return scenario
            .Add("db-1", ("templater.streams.db.listen", "5432"), ("templater.streams.db.balance", "leastconn"), ("templater.streams.db.maxconn", "50"), ("templater.streams.db.weight", "3"), ("templater.streams.db.check", "tcp"))
            .Add("db-2", ("templater.streams.db.listen", "5432"), ("templater.streams.db.balance", "leastconn"), ("templater.streams.db.maxconn", "50"), ("templater.streams.db.backup", "true"), ("templater.streams.db.check", "tcp"))
            .Add("cache", ("templater.streams.s.listen", "6379"), ("templater.streams.s.port", "6380"), ("templater.streams.s.allow", "10.0.0.0/8 2001:db8::/32"), ("templater.streams.s.deny", "10.1.2.3"), ("templater.streams.s.timeout.tunnel", "2h"), ("templater.streams.s.timeout.connect", "1500ms"))
            .Add("smtp", ("templater.streams.s.listen", "25"), ("templater.streams.s.proxy-protocol", "v1"), ("templater.streams.s.balance", "source"))
            .Add("broker-a", ("templater.streams.s.listen", "8883"), ("templater.streams.s.host", "a.mqtt.example.com, b.mqtt.example.com"))
            .Add("broker-b", ("templater.streams.s.listen", "8883"), ("templater.streams.s.host", "*.mqtt.example.com"), ("templater.streams.s.allow", "192.0.2.0/24"))
            .Add("broker-c", ("templater.streams.s.listen", "8883"), ("templater.streams.s.tls", "pass"), ("templater.streams.s.balance", "random"))
            .Add("imap", ("templater.streams.s.listen", "993"), ("templater.streams.s.port", "143"), ("templater.streams.s.host", "mail.example.com"), ("templater.streams.s.tls", "terminate"))
            .Add("dns", ("templater.streams.s.listen", "53/udp"));
    }

    private static string Plain(string text, TempDirectory certificates) => text.Replace(certificates.Path, "/certs", StringComparison.Ordinal);
}

/// <summary>Debian's nginx has the module in a file of its own.</summary>
internal static class StreamModule
{
    /// <summary>The directive that loads it; empty where nginx has it built in.</summary>
    public static string Load => ProxyPrograms.StreamModule is { } path ? $"load_module {path};\n" : "";
}
