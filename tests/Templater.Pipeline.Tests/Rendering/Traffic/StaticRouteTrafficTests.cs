using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Templater.Pipeline.Routing.Fixed;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Requests to what is no container: targets by address and by name.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class StaticRouteTrafficTests(string proxy)
{
    private const int Many = 20;

    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy).WithNameServer();
        var (first, second, moved) = (_stage.AddTarget("first"), _stage.AddTarget("second"), _stage.AddTarget("named"));
        _stage.AddTarget("elsewhere", moved.Port);
        _stage.AddTarget("late", moved.Port);
        var six = _stage.AddTarget("six", new IPEndPoint(IPAddress.IPv6Loopback, Stage.FreePort()));
        _stage.NameServer.Set("named.lan", moved.Address);
        _stage.Scenario.Policy = _stage.Scenario.Policy with
        {
            Routes =
            [
                Route("both", [first, second], ("host", "both.example.com")),
                Route("guarded", [first], ("host", "guarded.example.com"), ("allow", "127.0.0.2"), ("request.set.X-Team", "blue")),
                Route("six", [six], ("host", "six.example.com")),
                Route("files", [second], ("host", "web.example.com"), ("path", "/files"), ("rewrite", "/")),
                Named("named", "named.lan", moved.Port, ("host", "named.example.com")),
                Named("late", "late.lan", moved.Port, ("host", "late.example.com")),
                Route("apex", [], ("host", "apex.example.com"), ("redirect.to", "https://www.example.com")),
            ],
        };
        _stage.Add("web", ("templater.host", "web.example.com"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [Test]
    public async Task AllTargetsByAddressGetTheirShare()
    {
        var seen = new HashSet<string?>();
        for (var i = 0; i < Many; i++)
            seen.Add((await _stage.GetAsync("both.example.com"))["X-Backend"]);
        Assert.That(seen, Is.EquivalentTo(new[] { "first", "second" }));
    }

    [TestCase("127.0.0.2", 200)]
    [TestCase("127.0.0.3", 403)]
    public async Task LabelsKeysMeanTheSameHere(string from, int status)
    {
        var answer = await _stage.GetAsync("guarded.example.com", from: from);
        Assert.That((answer.Status, answer.Status == 200 ? answer.Seen("X-Team") : "blue"), Is.EqualTo((status, "blue")));
    }

    [TestCase("six.example.com", "/", "six", "GET / HTTP/1.1")]
    [TestCase("web.example.com", "/files/a", "second", "GET /a HTTP/1.1")]
    [TestCase("web.example.com", "/other", "web", "GET /other HTTP/1.1")]
    public async Task TargetsAreReached(string host, string target, string backend, string line)
    {
        var answer = await _stage.GetAsync(host, target);
        Assert.That((answer["X-Backend"], answer.SeenLine), Is.EqualTo((backend, line)));
    }

    [Test]
    public async Task ARedirectNeedsNoTarget()
    {
        var answer = await _stage.GetAsync("apex.example.com", "/a?b");
        Assert.That((answer.Status, answer["Location"]), Is.EqualTo((308, "https://www.example.com/a?b")));
    }

    [Test]
    public async Task ANameIsFollowedToItsNextAddressWithTheSameFile()
    {
        await WaitForAsync("named.example.com", "named");
        _stage.NameServer.Set("named.lan", _stage.TargetOf("elsewhere").Address);
        await WaitForAsync("named.example.com", "elsewhere");
    }

    [Test]
    public async Task ANameThatIsUnknownAtTheStartKeepsNobodyFromStarting()
    {
        var answer = await _stage.GetAsync("late.example.com");
        Assert.That(answer.Status, Is.EqualTo(502).Or.EqualTo(503));
        _stage.NameServer.Set("late.lan", _stage.TargetOf("late").Address);
        await WaitForAsync("late.example.com", "late");
    }

    private static StaticRoute Route(string name, IPEndPoint[] targets, params (string Key, string Value)[] keys) =>
        new(name, Keys(keys), [.. targets.Select(static target => new StaticServer(target.Address.ToString(), target.Port, IsName: false))]);

    private static StaticRoute Named(string name, string target, int port, params (string Key, string Value)[] keys) =>
        new(name, Keys(keys), [new StaticServer(target, port, IsName: true)]);

    private static ImmutableSortedDictionary<string, string> Keys((string Key, string Value)[] keys) =>
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, keys.Select(static key => KeyValuePair.Create(key.Key, key.Value)));

    private async Task WaitForAsync(string host, string backend)
    {
        var start = TimeProvider.System.GetTimestamp();
        Answer answer;
        do
        {
            answer = await _stage.GetAsync(host);
            if (answer["X-Backend"] == backend)
                return;
            await Task.Delay(50);
        }
        while (TimeProvider.System.GetElapsedTime(start) < RawConnection.Patience);
        Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{host} is answered with {answer.Status} by {answer["X-Backend"]}, not by {backend}"));
    }
}
