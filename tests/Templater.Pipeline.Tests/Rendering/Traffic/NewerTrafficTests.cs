using System.Globalization;
using System.Net;
using Templater.Pipeline.Tests.Certificates;
using Templater.Pipeline.Tests.Deployment;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>
/// Requests over the wire for what this machine's nginx lacks. There is nothing to ask here but where <see cref="NewerProxyTests"/>
/// runs these tests with a newer one.
/// </summary>
[Platform("Linux")]
public sealed class NewerTrafficTests
{
    private const string Fast = "fast.example.com";
    private const string Slow = "slow.example.com";
    private const string Closed = "closed.example.com";
    private const string Sha256 = "$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.";

    private static bool Has(int minor, int patch) => ProxyPrograms.Newer("nginx") is { } version && version >= new Version(1, minor, patch);

    private static string[] Nginx => Has(25, 1) ? [Stage.NginxName] : [];

    private static string[] NginxWithResolve => Has(27, 3) ? [Stage.NginxName] : [];

    private static string[] NginxWithH2c => Has(29, 4) ? [Stage.NginxName] : [];

    private static Stage Hosts(string proxy) => new Stage(proxy)
        .Certificate(Fast).Certificate(Slow)
        .Add("fast", ("templater.host", Fast), ("templater.http3", "true"))
        .Add("denied", ("templater.host", Fast), ("templater.path", "/denied"), ("templater.deny", "127.0.0.1"))
        .Add("login", ("templater.host", Fast), ("templater.path", "/login"), ("templater.auth.basic", "ann:" + Sha256))
        .Add("slow", ("templater.host", Slow), ("templater.http2", "false"));

    [TestCaseSource(nameof(Nginx))]
    public async Task Http2IsOfferedHostByHost(string proxy)
    {
        await using var stage = await Hosts(proxy).StartAsync();
        var (fast, slow) = (await Curl.GetAsync(stage, Fast, "--http2"), await Curl.GetAsync(stage, Slow, "--http2"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((fast.Version, fast.Answer["X-Backend"]), Is.EqualTo(("2", "fast")));
            Assert.That((slow.Version, slow.Answer["X-Backend"]), Is.EqualTo(("1.1", "slow")));
            Assert.That(stage.Config, Does.Contain("http2 on;").And.Not.Contains("ssl http2"));
        }
    }

    [TestCaseSource(nameof(Nginx))]
    public async Task Http3IsOfferedByTheHostThatAsksForIt(string proxy)
    {
        await using var stage = await Hosts(proxy).StartAsync();
        var offer = string.Create(CultureInfo.InvariantCulture, $"h3=\":{stage.HttpsPort}\"; ma=86400");
        var (before, after) = (await Curl.GetAsync(stage, Fast, "--http2"), await Curl.GetAsync(stage, Fast, "/a?b", "--http3-only", "--data", "some words"));
        var (slow, unknown) = (await Curl.GetAsync(stage, Slow), await Curl.GetAsync(stage, "unknown.example.com", "--http3-only"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((before.Version, before.Answer["Alt-Svc"]), Is.EqualTo(("2", offer)));
            Assert.That((after.Version, after.Answer.Status, after.Answer["X-Backend"]), Is.EqualTo(("3", 200, "fast")), after.Answer.Body);
            Assert.That((after.Answer.SeenLine, after.Answer.Seen("Host"), after.Answer.Seen("X-Forwarded-Proto")), Is.EqualTo(("POST /a?b HTTP/1.1", $"{Fast}:{stage.HttpsPort}", "https")));
            Assert.That(after.Answer.Body, Does.EndWith("some words"));
            Assert.That((slow.Version, slow.Answer["Alt-Svc"]), Is.EqualTo(("1.1", (string?)null)));
            Assert.That((await Curl.GetAsync(stage, Slow, "--http3-only")).Answer.Status, Is.Zero, "it asks for none");
            Assert.That(unknown.Answer.Status, Is.Zero, "no certificate, no handshake");
        }
    }

    [TestCaseSource(nameof(Nginx))]
    public async Task WhatIsClosedIsClosedToHttp3(string proxy)
    {
        await using var stage = await Hosts(proxy).StartAsync();
        var statuses = new List<int>();
        foreach (var options in (string[][])[["/denied"], ["/login"], ["/login", "--user", "ann:wrong"], ["/login", "--user", "ann:secret"]])
            statuses.Add((await Curl.GetAsync(stage, Fast, [.. options, "--http3-only"])).Answer.Status);
        Assert.That(statuses, Is.EqualTo(new[] { 403, 401, 401, 200 }));
    }

    [TestCaseSource(nameof(Nginx))]
    public async Task ACertificateIsAskedForOverHttp3Too(string proxy)
    {
        using var own = new TestAuthority("own");
        using var ann = own.Issue("ann");
        await using var stage = await Hosts(proxy).OperatorFile("own.pem", own.Pem).Certificate(Closed)
            .Add("closed", ("templater.host", Closed), ("templater.http3", "true"), ("templater.tls.client-auth", "required"), ("templater.tls.client-ca", "own.pem")).StartAsync();
        using var files = new TempDirectory();
        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(ann);
        var pair = files.Write("ann.pem", ann.ExportCertificatePem() + "\n" + key!.ExportPkcs8PrivateKeyPem() + "\n");

        var (without, with) = (await Curl.GetAsync(stage, Closed, "--http3-only"), await Curl.GetAsync(stage, Closed, "--http3-only", "--cert", pair));
        var inside = await Curl.GetAsync(stage, Fast, "--http3-only", "--cert", pair, "--header", "Host: " + Closed);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(without.Answer.Status, Is.Zero.Or.EqualTo(400));
            Assert.That((with.Answer.Status, with.Version, with.Answer["X-Backend"]), Is.EqualTo((200, "3", "closed")), with.Answer.Body);
            Assert.That(inside.Answer.Status, Is.Not.EqualTo(200), "another name in the connection");
            Assert.That(stage["closed"].Requests, Is.EqualTo(1));
        }
    }

    [TestCaseSource(nameof(NginxWithResolve))]
    public async Task AnAddressThatChangesIsFollowedWithTheSameFile(string proxy)
    {
        await using var stage = new Stage(proxy).WithNameServer();
        stage.Scenario.Add("shop", ("templater.host", Fast), ("templater.endpoints", "dns"));
        var (first, second) = (stage.AddTarget("first"), stage.AddTarget("second"));
        stage.NameServer.Set("shop", first.Address);
        await stage.StartAsync();
        Assert.That(stage.Config, Does.Contain("    server shop:8080 resolve ").And.Not.Contains("$templater_server"));
        // nginx begins to look names up when it has started; only a reload takes the addresses along.
        await Assert.ThatAsync(async () => (await stage.GetAsync(Fast))["X-Backend"], Is.EqualTo("first").After(10_000, 50));

        stage.NameServer.Set("shop", second.Address);

        await Assert.ThatAsync(async () => (await stage.GetAsync(Fast))["X-Backend"], Is.EqualTo("second").After(10_000, 50));
    }

    [TestCaseSource(nameof(NginxWithH2c))]
    public async Task AContainerIsAskedByHttp2WithoutTls(string proxy)
    {
        await using var stage = new Stage(proxy);
        var address = stage.AddContainer("h2c", ("templater.host", Fast), ("templater.protocol", "h2c"), ("templater.request.set.X-Team", "blue"));
        using var application = await StartHttp2Async(address);
        await stage.StartAsync();

        var answer = await stage.AskAsync($"POST /a?b HTTP/1.1\nHost: {Fast}\nContent-Length: 0\n");

        Assert.That((answer.Status, answer.Body), Is.EqualTo((200, $"HTTP/2.0 POST /a?b {Fast} blue\n")));
    }

    // nginx itself is the application: it tells by which protocol it was asked.
    private static async Task<Application> StartHttp2Async(IPEndPoint address)
    {
        var directory = new TempDirectory();
        var path = directory.Write(
            "nginx.conf",
            $$"""
            worker_processes 1;
            events { worker_connections 64; }
            http {
                access_log off;
                client_body_temp_path {{directory["body"]}};
                server { listen {{address}}; http2 on; location / { return 200 "$server_protocol $request_method $request_uri $http_host $http_x_team\n"; } }
            }

            """);
        var process = RealProxy.Start(Stage.NginxName, "-e", "stderr", "-p", directory.Path, "-c", path, "-g", $"daemon off; pid {directory["nginx.pid"]};");
        await RealProxy.WaitForAsync(address);
        return new Application(directory, process);
    }

    private sealed record Application(TempDirectory Directory, RealProxy Process) : IDisposable
    {
        public void Dispose()
        {
            Process.Dispose();
            Directory.Dispose();
        }
    }
}
