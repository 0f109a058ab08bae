using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Templater.Cli.Tests.Running;

namespace Templater.Cli.Tests.Web;

/// <summary>The listener of a Templater that runs, over the wire.</summary>
[CancelAfter(60_000)]
public sealed partial class ListenTests : IDisposable
{
    private const string Token = "0123456789abcdef-secret";

    private readonly RunBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Test]
    public async Task HealthMetricsAndStatusAreAnswered(CancellationToken cancellationToken)
    {
        var end = await StartAsync(cancellationToken, "listen: 127.0.0.1:0");
        string ready;
        do
            ready = await AskAsync(end, "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n", cancellationToken);
        while (!ready.EndsWith("\r\n\r\nready\n", StringComparison.Ordinal));
        Assert.That(ready, Does.StartWith("HTTP/1.1 200 OK\r\n").And.Contain("\r\nX-Content-Type-Options: nosniff\r\n"));
        Assert.That(await AskAsync(end, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", cancellationToken), Does.EndWith("\r\n\r\nhealthy\n"));
        var metrics = await AskAsync(end, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", cancellationToken);
        Assert.That(metrics, Does.Contain("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n").And.Contain("\ntemplater_healthy 1\n")
            .And.Match("\ntemplater_render_seconds_count\\{output=\"out\"\\} [1-9]|\ntemplater_render_seconds_count\\{output=\"[a-z]+\"\\} [1-9]")
            .And.Contain("templater_generations_total{output="));
        Assert.That(await AskAsync(end, "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n", cancellationToken), Does.Contain("\r\n\r\n{\"version\":1,\"now\":").And.Contain("\"running\":true"));
        Assert.That(await AskAsync(end, "HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", cancellationToken), Does.EndWith("\r\nConnection: close\r\n\r\n"));
        Assert.That(await AskAsync(end, "GET /etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", cancellationToken), Does.StartWith("HTTP/1.1 404 "));
        Assert.That(await AskAsync(end, "GET /status HTTP/1.1\r\nHost: rebound.example.com\r\n\r\n", cancellationToken), Does.StartWith("HTTP/1.1 421 "));
        Assert.That(await AskAsync(end, "POST /status HTTP/1.1\r\nHost: localhost\r\n\r\n", cancellationToken), Does.StartWith("HTTP/1.1 405 ").And.Contain("\r\nAllow: GET, HEAD\r\n"));
        Assert.That(await AskAsync(end, "nonsense\r\n\r\n", cancellationToken), Does.StartWith("HTTP/1.1 400 "));
        Assert.That(await AskAsync(end, "GET / HTTP/1.1\r\nX: " + new string('x', 9000), cancellationToken), Does.StartWith("HTTP/1.1 431 "));
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task CountersGoOnWhenSettingsChange(CancellationToken cancellationToken)
    {
        var end = await StartAsync(cancellationToken, "listen: 127.0.0.1:0");
        var before = 0;
        while (before == 0)
            before = await GenerationsAsync(end, cancellationToken);

        Settings("listen: 127.0.0.1:0", "log_level: debug");
        _bench.HangUp();
        await _bench.Until(() => Listening().Count(_bench.Log) == 2, cancellationToken);

        // What an earlier run has done is in the journal, and counted by nobody.
        Assert.That(await GenerationsAsync(IPEndPoint.Parse(Listening().Matches(_bench.Log)[1].Groups[1].Value), cancellationToken), Is.EqualTo(before));
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task WithATokenOnlyOneWordIsToldWithoutItAndItIsNeverLogged(CancellationToken cancellationToken)
    {
        var file = _bench.Directory.Write("token", Token + "\n");
        var end = await StartAsync(cancellationToken, "listen: 127.0.0.1:0", $"listen_token_file: {file}", "log_level: debug");
        Assert.That(await AskAsync(end, "GET /status HTTP/1.1\r\nHost: templater\r\n\r\n", cancellationToken), Does.StartWith("HTTP/1.1 401 ").And.Contain("\r\nWWW-Authenticate: Bearer\r\n"));
        var status = await AskAsync(end, $"GET /status HTTP/1.1\r\nHost: templater\r\nAuthorization: Bearer {Token}\r\n\r\n", cancellationToken);
        Assert.That(status, Does.StartWith("HTTP/1.1 200 ").And.Not.Contain(Token));
        Assert.That(await AskAsync(end, "GET /healthz HTTP/1.1\r\nHost: templater\r\n\r\n", cancellationToken), Does.EndWith("\r\n\r\nhealthy\n"));
        Assert.That(_bench.Log, Does.Not.Contain(Token));
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task WhoSendsNothingHoldsUpNobody(CancellationToken cancellationToken)
    {
        var end = await StartAsync(cancellationToken, "listen: 127.0.0.1:0");
        var silent = new List<TcpClient>();
        for (var i = 0; i < Templater.Pipeline.Web.WebListener.MaxConnections - 1; i++)
        {
            silent.Add(new TcpClient());
            await silent[i].ConnectAsync(end, cancellationToken);
        }

        Assert.That(await AskAsync(end, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", cancellationToken), Does.EndWith("healthy\n"));
        silent.ForEach(static client => client.Dispose());
        Assert.That(await _bench.End(), Is.Zero);
    }

    [TestCase("listen: 0.0.0.0:9180", "listen=\"0.0.0.0:9180\" ")]
    [TestCase("listen: '[::]:9180'", "others than this host reach that address, so it needs a token. Set listen_token ")]
    [TestCase("listen: example.com:9180", "expected an address and a port, such as 127.0.0.1:9180")]
    [TestCase("listen_token: short-secret", "listen_token=(secret) ")]
    public async Task BadSettingsEndWithTheUsageCode(string setting, string said)
    {
        Settings(setting);
        _bench.StartFromFile();
        var run = await _bench.Ended();
        Assert.That((run.ExitCode, run.Error.Contains(said, StringComparison.Ordinal)), Is.EqualTo((2, true)), run.Error);
        Assert.That(run.Error, Does.Not.Contain("short-secret"));
    }

    [Test]
    public async Task AnAddressThatIsTakenIsTheEnvironmentsFault()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        Settings($"listen: {other.LocalEndpoint}");
        _bench.StartFromFile();
        var run = await _bench.Ended();
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((4, $"error listen-failed: cannot listen on {other.LocalEndpoint}: another program listens there. Choose another address by listen (TEMPLATER_LISTEN), or leave it out.\n")));
    }

    private async Task<IPEndPoint> StartAsync(CancellationToken cancellationToken, params string[] settings)
    {
        Settings(settings);
        _bench.StartFromFile();
        await _bench.Says("; listen: ", cancellationToken);
        return IPEndPoint.Parse(Listening().Match(_bench.Log).Groups[1].Value);
    }

    private void Settings(params string[] settings) =>
        _bench.Settings([_bench.State, _bench.Template("{{ for host in virtual_hosts }}{{ host.name }}\n{{ end }}"), "reload: none", "validate: none", .. settings]);

    private static async Task<int> GenerationsAsync(IPEndPoint end, CancellationToken cancellationToken) =>
        Generations().Matches(await AskAsync(end, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", cancellationToken))
            .Sum(static match => int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^templater_generations_total\{[^}]*\} (\d+)", RegexOptions.Multiline)]
    private static partial Regex Generations();

    private static async Task<string> AskAsync(IPEndPoint end, string request, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(end, cancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    [GeneratedRegex("; listen: ([0-9.:]+)")]
    private static partial Regex Listening();
}
