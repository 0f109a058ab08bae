using System.Globalization;
using System.Text.RegularExpressions;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Tests.Certificates;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>Hosts that several templates are tried with.</summary>
internal static partial class SampleHosts
{
    private const int ManyHosts = 1000;
    private const int ManyAliases = 200;

    public static readonly string[] Extremes = ["1000 hosts", "188-character host", "253-character host", "200 aliases", "long header names"];

    /// <summary>Hosts that are called like something in the files of a proxy.</summary>
    private static readonly string[] Reserved =
    [
        "templater-fallback", "templater-nothing-here", "templater_fallback", "templater", "fallback", "http-80", "https-443",
        "defaults", "default", "global", "if", "unless", "or", "allowed", "plain", "from_trusted", "trusted", "hop1",
        "server", "upstream", "backend", "http", "templater_host", "templater_connection", "master", "_a",
    ];

    /// <summary>Each of <see cref="Reserved"/>, with an access list, another path and a limit of connections.</summary>
    public static Scenario CalledLikeSections()
    {
        var scenario = Trusted(new Scenario());
        foreach (var name in Reserved)
        {
            scenario.Add(name, ("templater.host", name), ("templater.allow", "10.0.0.1"), ("templater.maxconn", "5"))
                .Add(name + "-a", ("templater.host", name), ("templater.path", "/a"), ("templater.rewrite", "/b"));
        }

        return scenario;
    }

    /// <summary>A bit of everything; the pairs are real files of the directory.</summary>
    public static Scenario Rich(string certificates)
    {
        var scenario = new Scenario { Proxy = new ProxySettings { IPv6 = true, AccessLog = false, FallbackUrl = "https://example.com/?a=$b" } };
        Pair(scenario, certificates, "shop.example.com", "www.shop.example.com");
        Pair(scenario, certificates, "*.wild.example.com", "wild.example.com");
        return scenario
            .Add("shop-1", ("templater.host", "shop.example.com, shop.example.org"), ("templater.redirect.from", "www.shop.example.com old.example.com"), ("templater.hsts", "31536000"), ("templater.balance", "leastconn"), ("templater.weight", "3"))
            .Add("shop-2", ("templater.host", "shop.example.com, shop.example.org"), ("templater.redirect.from", "www.shop.example.com old.example.com"), ("templater.hsts", "31536000"), ("templater.balance", "leastconn"), ("templater.backup", "true"))
            .Add("api", ("templater.host", "shop.example.com"), ("templater.path", "/api/v1"), ("templater.rewrite", "/inner $x"), ("templater.allow", "private, 203.0.113.0/24"), ("templater.deny", "10.1.2.3"),
                ("templater.response.set.X-Frame-Options", "DENY; \"$host\" 100%"), ("templater.response.default.Cache-Control", "no-store"), ("templater.response.add.X-Seen", "it's"), ("templater.response.delete", "Server X-Powered-By"),
                ("templater.request.set.X-Team", "blue"), ("templater.request.add.X-Trace", "a b"), ("templater.request.default.X-Id", "$1"), ("templater.request.delete", "X-Secret"),
                ("templater.max-body", "10m"), ("templater.buffering", "off"), ("templater.timeout.connect", "1500ms"), ("templater.timeout.server", "2h"))
            .Add("exact", ("templater.host", "shop.example.com"), ("templater.path", "=/exact"), ("templater.protocol", "https"), ("templater.upstream.server-name", "inner.example.com"), ("templater.keepalive", "off"))
            .Add("regex", ("templater.host", "shop.example.com"), ("templater.path", "~^/(img|css)/.+\\.(png|css)$"), ("templater.balance", "uri"), ("templater.maxconn", "50"))
            .Add("gone", ("templater.host", "shop.example.com"), ("templater.path", "/moved"), ("templater.redirect.to", "https://new.example.com/x?$y=%20"), ("templater.redirect.code", "302"), ("templater.allow", "192.0.2.0/24"))
            .Add("wild", ("templater.host", "*.wild.example.com"), ("templater.https", "optional"), ("templater.tls.policy", "modern"), ("templater.sticky", "source"))
            .Add("pattern", ("templater.host", "~^v[0-9]{1,3}\\.regex\\.example\\.com$"), ("templater.protocol", "grpc"))
            .Add("fallback", ("templater.host", "*"), ("templater.path", "/"), ("templater.sticky", "cookie:SID"), ("templater.balance", "random"))
            .Add("only", ("templater.host", "only.example.com"), ("templater.https", "only"))
            .Add("ports", ("templater.host", "ports.example.com"), ("templater.listen.http", "8000"), ("templater.listen.https", "8443"), ("templater.check", "/healthz"))
            .Add("address", ("templater.host", "192.0.2.7 [2001:db8::7]"), ("templater.https", "off"))
            .Add("php", ("templater.host", "php.example.com"), ("templater.protocol", "fastcgi"), ("templater.request.set.X-Team", "red"))
            .Add("drained", ("templater.host", "drained.example.com"), ("templater.drain", "true"))
            .Add("quiet");
    }

    public static Scenario Trusted(Scenario scenario)
    {
        scenario.Proxy = scenario.Proxy with { TrustedProxies = ["10.0.0.0/8", "2001:db8::/32"] };
        return scenario;
    }

    public static Scenario WithProxyVersion(Scenario scenario, string version)
    {
        scenario.Add("proxy", ("templater.proxy", "nginx"));
        scenario.Change("proxy", container => container with { Image = new ImageReference("", "nginx", version, "") });
        return scenario;
    }

    public static Scenario Extreme(string what)
    {
        var scenario = new Scenario();
        switch (what)
        {
            case "1000 hosts":
                for (var i = 0; i < ManyHosts; i++)
                    scenario.Add(string.Create(CultureInfo.InvariantCulture, $"c{i}"), ("templater.host", Scenario.Host(i)), ("templater.response.default.X-Number", string.Create(CultureInfo.InvariantCulture, $"{i}")));
                return scenario;
            case "200 aliases":
                return scenario.Add("many", ("templater.host", string.Join(' ', Enumerable.Range(0, ManyAliases).Select(i => $"a{i}.x.org"))));
            case "long header names":
                return scenario.Add("long", ("templater.host", "a.example.com"), ("templater.request.set.X-" + new string('a', 200), "1"), ("templater.response.default.X-" + new string('b', 200), "1"));
            default:
                return scenario.Add("one", ("templater.host", "short.example.com")).Add("long", ("templater.host", LongName(int.Parse(what[..3], CultureInfo.InvariantCulture))));
        }
    }

    /// <summary>A host name of that length.</summary>
    public static string LongName(int length) => string.Join('.', Enumerable.Repeat(new string('a', 62), 5))[..(length - 2)] + ".b";

    /// <summary>The generation id that a file prints.</summary>
    public static string Generation(string text) => Printed().Match(text) is { Success: true } match ? match.Groups[1].Value : "GENERATION";

    public static void Pair(Scenario scenario, string directory, params string[] names)
    {
        var name = names[0].Replace('*', '_');
        var (chain, key) = TestCertificates.Make(Scenario.Now.AddDays(-1), Scenario.Now.AddDays(60), names);
        Directory.CreateDirectory(Path.Combine(directory, "haproxy"));
        File.WriteAllText(Path.Combine(directory, name + ".crt"), chain);
        File.WriteAllText(Path.Combine(directory, name + ".key"), key);
        File.WriteAllText(Path.Combine(directory, "haproxy", name + ".pem"), chain + key);
        scenario.Certificate(directory, name + ".crt", name + ".key", names);
        scenario.Certificate(directory, $"haproxy/{name}.pem", $"haproxy/{name}.pem", names);
    }

    [GeneratedRegex("(?:return 200 \"|str\\(\")([0-9a-f]{16})")]
    private static partial Regex Printed();
}
