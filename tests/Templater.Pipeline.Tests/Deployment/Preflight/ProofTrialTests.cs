using System.Net;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Preflight;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment.Preflight;

/// <summary>What <c>doctor</c> finds out about the proof of the generation that is in place, beside something that answers.</summary>
[CancelAfter(30_000)]
public sealed class ProofTrialTests
{
    private const string Id = "0123456789abcdef";
    private const string Another = "fedcba9876543210";

    private readonly TempDirectory _directory = new("tpl-");

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [TestCase(Id, "PLACE/gen tells generation 7", "")]
    [TestCase(Another, "", "warning reload-unproven: PLACE/gen tells fedcba9876543210 and not 0123456789abcdef, which is in place as generation 7. Another proxy answers there, or this one was given another file: end it, or let templater run deliver it again (SIGHUP).")]
    [TestCase("hello", "", "info reload-unproven: edge is not asked for its generation at PLACE/gen (what it answers is no generation): reloads are proven by its workers and its log. Nothing has to be done.")]
    [TestCase(null, "", "info reload-unproven: edge is not asked for its generation at PLACE/gen (Connection refused): reloads are proven by its workers and its log. Nothing has to be done.")]
    public async Task TheEndpointOfNginxIsAskedOnce(string? answer, string fact, string finding)
    {
        await using var nginx = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = true });
        if (answer is null)
            nginx.StopListening();
        else
            nginx.Faults.Answer("/gen", 200, "text/plain", answer);
        Write(DeliveryPhase.Proven, $"http {{ server {{ listen 127.0.0.1:{nginx.Port}; location = /gen {{ return 200 {Id}; }} }} }}\n");

        var result = await TryAsync(ProxyKind.Nginx, "docker:edge");

        var place = $"127.0.0.1:{nginx.Port}";
        Assert.That(result.Fact.Replace(place, "PLACE", StringComparison.Ordinal), Is.EqualTo(fact));
        Assert.That(string.Join('\n', result.Findings).Replace(place, "PLACE", StringComparison.Ordinal), Is.EqualTo(finding));
        Assert.That(nginx.Requests, Has.Count.EqualTo(answer is null ? 0 : 1));
    }

    [TestCase(Id, "{0} tells generation 7", "")]
    [TestCase(Another, "", "warning reload-unproven: {0} tells fedcba9876543210 and not 0123456789abcdef, which is in place as generation 7. Another proxy answers there, or this one was given another file: end it, or let templater run deliver it again (SIGHUP).")]
    [TestCase(null, "", "")]
    public async Task TheVariableOfHAProxyIsRead(string? answer, string fact, string finding)
    {
        var socket = _directory["m.sock"];
        Write(DeliveryPhase.Proven, "# " + Id);
        using var master = answer is null ? null : new SayingMaster(socket) { Generation = answer };

        var result = await TryAsync(ProxyKind.HAProxy, "haproxy:" + socket);

        Assert.That(result.Fact, Is.EqualTo(string.Format(null, fact, socket)));
        Assert.That(string.Join('\n', result.Findings), Is.EqualTo(string.Format(null, finding, socket)), "a socket that is missing is said of the reload");
    }

    [TestCase(DeliveryPhase.Delivered, "auto", TestName = "A reload is owed: what answers is the former one, as it may")]
    [TestCase(DeliveryPhase.Proven, "none", TestName = "Nothing is to be proven")]
    [TestCase(DeliveryPhase.Proven, "command:false", TestName = "A command of the operator's is not run")]
    [TestCase(null, "auto", TestName = "Nothing is in place")]
    public async Task ThereIsNothingToTry(DeliveryPhase? phase, string verify)
    {
        await using var nginx = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = true });
        nginx.Faults.Answer("/gen", 200, "text/plain", Another);
        if (phase is { } present)
            Write(present, $"http {{ server {{ listen 127.0.0.1:{nginx.Port}; location = /gen {{ return 200 {Id}; }} }} }}\n");

        var result = await TryAsync(ProxyKind.Nginx, "docker:edge", verify);

        Assert.That((result.Fact, result.Findings.Length), Is.EqualTo(("", 0)));
        Assert.That(nginx.Requests, Is.Empty);
    }

    private void Write(DeliveryPhase phase, string text)
    {
        _directory.Write("out.conf", text);
        using var journal = Journal.Open(StateDirectory.Open(_directory["state"]), "edge");
        journal.Write(new JournalState { Current = new JournalEntry { Generation = Id, Content = "", Phase = phase, Number = 7, PrintsGeneration = true } });
    }

    private Task<ProofTrialResult> TryAsync(ProxyKind kind, string reload, string verify = "auto") => new ProofTrial(_directory["state"], TimeProvider.System).TryAsync(
        "edge",
        kind,
        new DeploymentSettings { Reload = ReloadSpec.Parse(reload), Verify = VerifySpec.Parse(verify) },
        new OutputFile(_directory["out.conf"], new OutputFileOptions(), _directory.Path, "edge"),
        [new ScriptedProxy("edge") { Addresses = [IPAddress.Loopback] }],
        CancellationToken.None);
}
