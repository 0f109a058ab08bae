using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Templater.Docker;
using Templater.Pipeline.Deployment.Preflight;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment.Preflight;

/// <summary>The rules for proxies of the socket, held against how these programs decide.</summary>
public sealed class SocketProxyRulesTests
{
    private static readonly string[] Dangerous =
    [
        "POST /containers/create", "POST /v1.41/containers/0123/start", "DELETE /containers/0123", "POST /images/create", "GET /secrets", "GET /volumes",
    ];

    [Test]
    public void EveryModePassesThroughTheRulesMadeForIt([Range(0, 9)] int index)
    {
        var mode = EngineMode.All[index];
        var calls = AllowedCalls.For(mode.Purposes | CallPurposes.Watch).Calls;
        Assert.That(EngineMode.All, Has.Length.EqualTo(10), "the range above is all of them");
        foreach (var rules in SocketProxyRules.For(calls))
        {
            foreach (var call in calls)
            {
                var path = call.Path.Replace("{id}", new string('a', 64), StringComparison.Ordinal);
                Assert.That(LetsThrough(rules, call.Method, "/v1.41" + path), Is.True, $"{rules.Program}: {call}");
            }
        }
    }

    [Test]
    public void WollomaticsRulesLetNothingElseThrough([Range(0, 9)] int index)
    {
        var calls = AllowedCalls.For(EngineMode.All[index].Purposes | CallPurposes.Watch).Calls;
        var rules = SocketProxyRules.For(calls)[0];
        foreach (var call in AllowedCalls.For((CallPurposes)0x1FF).Calls.Except(calls))
            Assert.That(LetsThrough(rules, call.Method, call.Path.Replace("{id}", "edge", StringComparison.Ordinal)), Is.False, call.ToString());
        foreach (var dangerous in (string[])[.. Dangerous, "GET /containers/edge/archive", "GET /containers/a/b/json", "GET /containersXjson", "GET /vversion", "GET /_pingx"])
            Assert.That(LetsThrough(rules, dangerous.Split(' ')[0], dangerous.Split(' ')[1]), Is.False, dangerous);
    }

    [TestCase(CallPurposes.Watch, false)]
    [TestCase(CallPurposes.Watch | CallPurposes.Verify | CallPurposes.Signal, false)]
    [TestCase(CallPurposes.Watch | CallPurposes.Services, false)]
    [TestCase(CallPurposes.Watch | CallPurposes.Exec, true)]
    public void WhatIsDangerousPassesOnlyWhereItIsSaid(CallPurposes purposes, bool isExec)
    {
        foreach (var rules in SocketProxyRules.For(AllowedCalls.For(purposes).Calls))
        {
            var passes = Dangerous.Where(call => LetsThrough(rules, call.Split(' ')[0], call.Split(' ')[1])).ToList();
            var isRoot = rules.Note?.Contains("as good as root", StringComparison.Ordinal) is true;
            Assert.That(passes.Any(static call => !call.StartsWith("GET", StringComparison.Ordinal)), Is.EqualTo(isRoot), $"{rules.Program}: {string.Join(", ", passes)}");
            if (rules.Program.StartsWith("linuxserver", StringComparison.Ordinal))
                Assert.That(isRoot, Is.EqualTo(isExec));
        }
    }

    [Test]
    public void TheRulesOfASignalledProxyAreAsAccepted() => Assert.That(
        string.Join('\n', SocketProxyRules.For(AllowedCalls.For(CallPurposes.Watch | CallPurposes.Verify | CallPurposes.Signal).Calls).SelectMany(static rules => (string[])[rules.Program, .. rules.Lines])),
        Is.EqualTo("""
            wollomatic/socket-proxy
            -allowGET=(/v1\..{1,2})?/(_ping|version|info|events|containers/json|containers/[a-zA-Z0-9_.-]+/json|networks|containers/[a-zA-Z0-9_.-]+/top|containers/[a-zA-Z0-9_.-]+/logs)
            -allowPOST=(/v1\..{1,2})?/(containers/[a-zA-Z0-9_.-]+/kill)
            linuxserver/socket-proxy
            CONTAINERS=1
            EVENTS=1
            INFO=1
            NETWORKS=1
            PING=1
            VERSION=1
            POST=0
            ALLOW_TOP=1
            ALLOW_LOGS=1
            ALLOW_RESTARTS=1
            tecnativa/docker-socket-proxy
            CONTAINERS=1
            EVENTS=1
            INFO=1
            NETWORKS=1
            PING=1
            VERSION=1
            POST=1
            """));

    [Test]
    public async Task OnlyCallsThatReadAreTriedAndEachIsToldApart()
    {
        await using var engine = new FakeDockerEngine { Allows = static request => request.Path is not ("/networks" or "/info") };
        engine.AddContainer("edge");
        var calls = AllowedCalls.For(CallPurposes.Watch | CallPurposes.Verify | CallPurposes.Signal | CallPurposes.Exec).Calls;
        using var client = new DockerClient(new EngineOptions { Address = EngineAddress.Parse(engine.Host), AllowedCalls = AllowedCalls.For(CallPurposes.Watch | CallPurposes.Verify) });

        var trials = await CallTrial.TryAsync(client, calls, engine.Container("edge").Id, CancellationToken.None);
        var withoutAnybody = await CallTrial.TryAsync(client, calls, null, CancellationToken.None);

        Assert.That(Of(trials, CallOutcome.Forbidden), Is.EqualTo(new[] { "GET /info", "GET /networks" }));
        Assert.That(Of(trials, CallOutcome.NotTried), Is.EqualTo(new[] { "POST /containers/{id}/kill", "POST /containers/{id}/exec", "POST /exec/{id}/start", "GET /exec/{id}/json" }));
        Assert.That(Of(withoutAnybody, CallOutcome.Allowed), Is.EqualTo(new[] { "GET /_ping", "GET /version", "GET /events", "GET /containers/json" }));
        Assert.That(engine.Requests.Select(static request => request.Method).Distinct(), Is.EqualTo(new[] { "GET" }));
        engine.StopListening();
        Assert.That(Of(await CallTrial.TryAsync(client, calls, null, CancellationToken.None), CallOutcome.Failed), Has.Length.EqualTo(6));
    }

    [Test]
    public async Task AForbiddenPingIsWhatIsNamedAndNotTheCallBehindIt()
    {
        await using var engine = new FakeDockerEngine { Allows = static _ => false };
        using var client = new DockerClient(new EngineOptions { Address = EngineAddress.Parse(engine.Host) });
        var trials = await CallTrial.TryAsync(client, AllowedCalls.For(CallPurposes.Watch).Calls, null, CancellationToken.None);
        Assert.That(Of(trials, CallOutcome.Forbidden), Is.EqualTo(new[] { "GET /_ping" }));
    }

    private static string[] Of(ImmutableArray<CallTrial> trials, CallOutcome outcome) =>
        [.. trials.Where(trial => trial.Outcome == outcome).Select(static trial => trial.Call.ToString())];

    // As their sources say: wollomatic matches whole paths, the others look at the first part of the path.
    private static bool LetsThrough(SocketProxyRules rules, string method, string path)
    {
        if (rules.Program.StartsWith("wollomatic", StringComparison.Ordinal))
            return rules.Lines.Any(line => line.StartsWith($"-allow{method}=", StringComparison.Ordinal) && Regex.IsMatch(path, $"^{line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]}$"));
        var bare = Regex.Replace(path, @"^/v[\d.]+", "");
        bool Has(string word) => rules.Lines.Contains(word + "=1");
        var isSignal = Regex.IsMatch(bare, "^/containers/[a-zA-Z0-9_.-]+/(stop|restart|kill)") && Has("ALLOW_RESTARTS");
        var isLinuxServer = rules.Program.StartsWith("linuxserver", StringComparison.Ordinal);
        if (isLinuxServer && isSignal)
            return true;
        if (method is not ("GET" or "HEAD") && !Has("POST"))
            return false;
        if (isLinuxServer && Regex.Match(bare, "^/containers/[a-zA-Z0-9_.-]+/(top|logs)") is { Success: true } match && !Has("ALLOW_" + match.Groups[1].Value.ToUpperInvariant()))
            return false;
        return Has(bare.Split('/')[1].TrimStart('_').ToUpperInvariant());
    }
}
