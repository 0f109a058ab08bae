using System.Net;
using System.Text.Json.Nodes;
using Templater.Acme.Dns.Providers;

namespace Templater.Acme.Tests.Dns.Providers;

/// <summary>Hetzner's Cloud API as its reference describes it: zones, RRSets, actions, and errors with codes.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class HetznerRecordsTests : IDisposable
{
    private const string Set = "/base/zones/example.org/rrsets/_acme-challenge.www/TXT";

    private readonly Dictionary<string, List<string>> _sets = [];
    private readonly Queue<string> _states = new(["running", "success"]);
    private readonly FakeApi _api;

    public HetznerRecordsTests() => _api = new() { Answer = Answer };

    public void Dispose() => _api.Dispose();

    [Test]
    public async Task TwoValuesStandSideBySideAndOneIsTakenAway()
    {
        _states.Dequeue();
        var provider = Provider();
        await provider.AddAsync(FakeApi.Record(value: "first"), CancellationToken.None);
        await provider.AddAsync(FakeApi.Record(value: "second"), CancellationToken.None);
        await provider.AddAsync(FakeApi.Record(value: "second"), CancellationToken.None);
        Assert.That(_sets[Set], Is.EqualTo(new[] { "\"first\"", "\"second\"" }));
        await provider.RemoveAsync(FakeApi.Record(value: "first"), CancellationToken.None);
        await provider.RemoveAsync(FakeApi.Record(value: "first"), CancellationToken.None);
        Assert.That(_sets[Set], Is.EqualTo(new[] { "\"second\"" }));
        Assert.That(_api.Asked.Where(asked => asked.Method == "POST").Select(asked => $"{asked.Path[Set.Length..]} {asked.Body}"), Is.EqualTo(new[]
        {
            """/actions/add_records {"records":[{"value":"\u0022first\u0022"}],"ttl":120}""",
            """/actions/add_records {"records":[{"value":"\u0022second\u0022"}]}""",
            """/actions/remove_records {"records":[{"value":"\u0022first\u0022"}]}""",
        }));
    }

    [Test]
    public async Task TheActionIsWaitedForOnlyAfterwards()
    {
        var provider = Provider();
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That(_states, Has.Count.EqualTo(2));
        var waiting = provider.WaitAsync(FakeApi.Record(), CancellationToken.None);
        await AdvanceUntilAsync(waiting);
        await waiting;
        Assert.That(_states, Is.Empty);
        await provider.WaitAsync(FakeApi.Record(), CancellationToken.None);
    }

    [Test]
    public async Task ARecordIsTakenAwayOnlyWhenItsAddingHasEnded()
    {
        var provider = Provider();
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        var removing = provider.RemoveAsync(FakeApi.Record(), CancellationToken.None);
        await AdvanceUntilAsync(removing);
        await removing;
        Assert.That(_sets[Set], Is.Empty);
        Assert.That(_states, Is.Empty);
    }

    [TestCase("error")]
    [TestCase("success")]
    public async Task ARecordIsTakenAwayHoweverItsAddingEnded(string state)
    {
        _states.Clear();
        _states.Enqueue(state);
        var provider = Provider();
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        await provider.RemoveAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That(_sets[Set], Is.Empty);
    }

    [TestCase(409, "conflict")]
    [TestCase(423, "locked")]
    public async Task AZoneThatIsBeingChangedIsAskedAgain(int status, string code)
    {
        var refusals = 2;
        _api.Answer = asked => asked.Method == "POST" && refusals-- > 0
            ? new((HttpStatusCode)status, $$$"""{"error":{"code":"{{{code}}}","message":"another change is under way"}}""")
            : Answer(asked);
        var provider = Provider();
        Assert.That(provider.Capabilities.IsSequential, Is.True);
        var adding = provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        await AdvanceUntilAsync(adding);
        await adding;
        Assert.That(_sets[Set], Is.EqualTo(new[] { "\"value\"" }));
    }

    [Test]
    public async Task AnActionThatFailsIsTold()
    {
        _states.Clear();
        _states.Enqueue("error");
        var provider = Provider();
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That(
            async () => await provider.WaitAsync(FakeApi.Record(), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.EqualTo("hetzner could not add the record at _acme-challenge.www.example.org (action_failed: Action failed)"));
    }

    [Test]
    public async Task AnActionThatNeverEndsIsGivenUp()
    {
        _states.Clear();
        var provider = Provider();
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        var waiting = provider.WaitAsync(FakeApi.Record(), CancellationToken.None);
        await AdvanceUntilAsync(waiting);
        Assert.That(async () => await waiting, Throws.TypeOf<ChallengeException>().With.Message.EqualTo("hetzner did not end adding the record at _acme-challenge.www.example.org within 120 s"));
    }

    [Test]
    public void AZoneThatIsNotThereIsTold() => Assert.That(
        async () => await Provider().AddAsync(FakeApi.Record("_acme-challenge.example.net."), CancellationToken.None),
        Throws.TypeOf<ChallengeException>().With.Message.StartsWith("hetzner has no zone for _acme-challenge.example.net in the project of this token (HETZNER_API_TOKEN)"));

    [TestCase(401, """{"error":{"code":"unauthorized","message":"unable to authenticate"}}""", "hetzner answered 401: the credentials (HETZNER_API_TOKEN) are wrong or do not allow this (unauthorized: unable to authenticate)")]
    [TestCase(403, """{"error":{"code":"token_readonly","message":"token is read only"}}""", "hetzner answered 403: the credentials (HETZNER_API_TOKEN) are wrong or do not allow this (token_readonly: token is read only)")]
    [TestCase(422, """{"error":{"code":"invalid_input","message":"invalid input in field 'ttl' s3cr3t"}}""", "hetzner answered 422 (invalid_input: invalid input in field 'ttl' ***)")]
    public void ARefusalIsToldWithCodeAndMessage(int status, string body, string expected)
    {
        _api.Answer = _ => new((HttpStatusCode)status, body);
        Assert.That(async () => await Provider().AddAsync(FakeApi.Record(), CancellationToken.None), Throws.TypeOf<ChallengeException>().With.Message.EqualTo(expected));
    }

    [Test]
    public async Task TheTokenIsInTheHeader()
    {
        await Provider().AddAsync(FakeApi.Record("example.org."), CancellationToken.None);
        Assert.That(_api.Asked.Select(asked => asked.Headers["Authorization"]), Is.All.EqualTo("Bearer s3cr3t"));
        Assert.That(_api.Asked[^1].Path, Is.EqualTo("/base/zones/example.org/rrsets/%40/TXT/actions/add_records"));
    }

    private async Task AdvanceUntilAsync(Task waiting)
    {
        while (!waiting.IsCompleted)
        {
            if (_api.Clock.PendingTimers == 1)
                _api.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    private HetznerRecords Provider() => new(new("s3cr3t") { Endpoint = FakeApi.Endpoint }, _api.Client, _api.Clock);

    private ApiAnswer Answer(ApiRequest asked)
    {
        var set = asked.Path.Split("/actions/")[0];
        switch (asked.Method, asked.Path)
        {
            case ("GET", "/base/zones/example.org"):
                return ApiAnswer.Ok("""{"zone":{"id":42,"name":"example.org","mode":"primary"}}""");
            case ("GET", "/base/actions/7"):
                var state = _states.TryDequeue(out var next) ? next : "running";
                var error = state == "error" ? """{"code":"action_failed","message":"Action failed"}""" : "null";
                return ApiAnswer.Ok($$$"""{"action":{"id":7,"status":"{{{state}}}","error":{{{error}}} } }""");
            case ("GET", _) when _sets.TryGetValue(set, out var values):
                return ApiAnswer.Ok(new JsonObject { ["rrset"] = new JsonObject { ["records"] = new JsonArray([.. values.Select(value => new JsonObject { ["value"] = value })]) } }.ToJsonString());
            case ("POST", _):
                var all = _sets.TryGetValue(set, out var there) ? there : _sets[set] = [];
                var given = ((JsonArray)asked.Json["records"]!).Select(record => record!["value"]!.GetValue<string>()).ToList();
                if (asked.Path.EndsWith("add_records", StringComparison.Ordinal))
                    all.AddRange(given);
                else
                    all.RemoveAll(given.Contains);
                return new(HttpStatusCode.Created, """{"action":{"id":7,"command":"add_rrset_records","status":"running","error":null}}""");
            default:
                return new(HttpStatusCode.NotFound, """{"error":{"code":"not_found","message":"zone not found"}}""");
        }
    }
}
