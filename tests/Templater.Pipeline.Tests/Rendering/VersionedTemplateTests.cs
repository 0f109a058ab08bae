using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>What a proxy does not know makes it refuse the whole file: nothing newer than its version is ever written.</summary>
public sealed class VersionedTemplateTests
{
    private static readonly string[] Templates = ["nginx", "nginx-http", "haproxy"];

    private static readonly string[] NginxVersions =
        ["1.18", "1.19.4", "1.20", "1.22", "1.22.1", "1.24", "1.25.0", "1.25.1", "1.26.3", "1.27.2", "1.27.3", "1.28", "1.29.3", "1.29.4", "1.29.7", "1.30"];

    private static readonly string[] HAProxyVersions = ["2.4", "2.5", "2.6", "2.6.12", "2.8", "2.9", "3.0", "3.1", "3.2"];

    // A pattern of how it stands in a file, and since when the proxy knows it. What all supported versions know is not listed.
    private static readonly (string Kind, string Directive, Version Since)[] Newer =
    [
        ("nginx", "http3 ", new(1, 25, 0)),
        ("nginx", "http3_", new(1, 25, 0)),
        ("nginx", " quic", new(1, 25, 0)),
        ("nginx", "quic_", new(1, 25, 0)),
        ("nginx", "http2 on;", new(1, 25, 1)),
        ("nginx", "http2 off;", new(1, 25, 1)),
        ("nginx", "mp4_start_key_frame", new(1, 21, 4)),
        ("nginx", "ssl_key_log", new(1, 27, 2)),
        ("nginx", "ssl_certificate_cache", new(1, 27, 4)),
        ("nginx", "ssl_object_cache_inheritable", new(1, 27, 4)),
        ("nginx", @"upstream [^{]*\{[^}]*\bresolver ", new(1, 27, 3)),
        ("nginx", " resolve ", new(1, 27, 3)),
        ("nginx", " resolve;", new(1, 27, 3)),
        ("nginx", "keepalive_min_timeout", new(1, 27, 4)),
        ("nginx", "early_hints", new(1, 29, 0)),
        ("nginx", "ssl_certificate_compression", new(1, 29, 1)),
        ("nginx", "proxy_http_version 2", new(1, 29, 4)),
        // For gRPC alone it is much older.
        ("nginx", "grpc_pass grpc://h2c", new(1, 29, 4)),
        // From 1.29.3, but without a value in questions to authorisers.
        ("nginx", @"\$is_request_port", new(1, 29, 8)),
        ("nginx", "max_headers", new(1, 29, 7)),
        ("nginx", "sticky ", new(1, 29, 6)),
        ("haproxy", "option http-restrict-req-hdr-names", new(2, 6)),
        ("haproxy", "quic4@", new(2, 6)),
        ("haproxy", "quic6@", new(2, 6)),
        ("haproxy", "srvtcpka-cnt", new(2, 2)),
        ("haproxy", "http-request wait-for-handshake-done", new(3, 0)),
        ("haproxy", "guid ", new(3, 0)),
        ("haproxy", "crt-store", new(3, 0)),
        ("haproxy", "ssl-default-bind-sigalgs", new(2, 8)),
        ("haproxy", "ssl-default-server-sigalgs", new(2, 8)),
        ("haproxy", "init-state ", new(3, 1)),
        ("haproxy", "traces", new(3, 1)),
        ("haproxy", "balance log-", new(2, 9)),
        ("haproxy", "hash-key ", new(3, 0)),
        ("haproxy", "hash-preserve-affinity", new(3, 2)),
        ("haproxy", "do-log", new(3, 1)),
        ("haproxy", "limited-quic", new(2, 8)),
    ];

    private static IEnumerable<TestCaseData> Cases()
    {
        foreach (var template in Templates)
        {
            foreach (var version in template == "haproxy" ? HAProxyVersions : NginxVersions)
                yield return new TestCaseData(template, version).SetArgDisplayNames(template, version);
        }
    }

    // From 1.29.7 nginx keeps connections to servers by itself: the list of changes in nginx.
    [TestCase("1.28", false)]
    [TestCase("1.29.6", false)]
    [TestCase("1.29.7", true)]
    [TestCase("1.30", true)]
    public void ConnectionsThatAreNotToBeKeptAreNotKeptByDefaultEither(string version, bool isSaid)
    {
        using var certificates = new TempDirectory();
        Assert.That(Given("nginx", version, certificates).Text("nginx"), isSaid ? Does.Contain("    keepalive 0;\n") : Does.Not.Contain("keepalive 0;"));
    }

    [TestCaseSource(nameof(Cases))]
    public void NoDirectiveIsNewerThanTheProxy(string template, string version)
    {
        using var certificates = new TempDirectory();
        var text = Given(template, version, certificates).Text(template);
        using (Assert.EnterMultipleScope())
        {
            foreach (var (kind, directive, since) in Newer)
            {
                if (template.StartsWith(kind, StringComparison.Ordinal) && Version.Parse(version) < since)
                    Assert.That(text, Does.Not.Match(directive), $"{directive} needs {since}");
            }
        }
    }

    // The list is worth something only where what is on it does appear as soon as it may.
    [TestCase("nginx", "1.24", "1.25.0", " quic")]
    [TestCase("nginx", "1.24", "1.25.0", "http3 ")]
    [TestCase("nginx", "1.25.0", "1.25.1", "http2 on;")]
    [TestCase("nginx", "1.27.2", "1.27.3", @"upstream [^{]*\{[^}]*\bresolver ")]
    [TestCase("nginx", "1.27.2", "1.27.3", " resolve ")]
    [TestCase("nginx", "1.29.3", "1.29.4", "grpc_pass grpc://h2c")]
    [TestCase("nginx", "1.29.7", "1.29.8", @"\$is_request_port")]
    [TestCase("haproxy", "2.5", "2.6", "option http-restrict-req-hdr-names")]
    public void WhatIsNewIsUsedFromItsVersionOn(string template, string before, string since, string directive)
    {
        Assert.That(Newer.Any(entry => template.StartsWith(entry.Kind, StringComparison.Ordinal) && entry.Directive == directive && entry.Since == Version.Parse(since)), Is.True);
        using var certificates = new TempDirectory();
        Assert.That(Given(template, before, certificates).Text(template), Does.Not.Match(directive));
        Assert.That(Given(template, since, certificates).Text(template), Does.Match(directive));
    }

    private static Scenario Given(string template, string version, TempDirectory certificates)
    {
        var scenario = Everything(template, certificates);
        scenario.Proxy = scenario.Proxy with { Version = Version.Parse(version) };
        return scenario;
    }

    /// <summary>A bit of everything, and besides what differs from version to version.</summary>
    internal static Scenario Everything(string template, TempDirectory certificates)
    {
        var scenario = SampleHosts.Rich(certificates.Path)
            .Add("looked-up", ("templater.host", "looked-up.example.com"), ("templater.endpoints", "dns"))
            .Add("looked-up-2", ("templater.host", "looked-up.example.com"), ("templater.endpoints", "dns"))
            .Add("h2c", ("templater.host", "h2c.example.com"), ("templater.protocol", "h2c"))
            .Add("http3", ("templater.host", "http3.wild.example.com"), ("templater.http3", "true"), ("templater.http2", "false"))
            .Add("sticky", ("templater.host", "sticky.example.com"), ("templater.sticky", "cookie"));
        scenario.Add("proxy", ("templater.proxy", template == "nginx-http" ? "nginx" : template));
        scenario.Proxy = scenario.Proxy with { CertsDirectory = certificates.Path };
        return scenario;
    }
}
