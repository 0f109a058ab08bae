using Templater.Acme.Dns;
using Templater.Acme.Dns.Messages;
using Templater.Acme.Protocol;

namespace Templater.Acme.Tests.Dns;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class Dns01SolverTests
{
    private readonly FakeDnsServer _server = new FakeDnsServer().WithZone("example.org");
    private readonly MemoryRecords _records = new();

    [TearDown]
    public void Stop() => _server.Dispose();

    [Test]
    public async Task AnApexAndItsWildcardHaveTheirValuesSideBySideAndEachGoesAlone()
    {
        using var solver = Solver();
        var (apex, wildcard) = (Challenge("example.org", "a"), Challenge("example.org", "b") with { IsWildcard = true });
        await solver.PresentAsync(apex, CancellationToken.None);
        await solver.PresentAsync(wildcard, CancellationToken.None);
        Assert.That(_records.Values, Is.EquivalentTo(new[] { ("_acme-challenge.example.org.", Value("a")), ("_acme-challenge.example.org.", Value("b")) }));
        await solver.CleanUpAsync(apex, CancellationToken.None);
        Assert.That(_records.Values, Is.EqualTo(new[] { ("_acme-challenge.example.org.", Value("b")) }));
    }

    [Test]
    public async Task AllNamesOfAnOrderArePresentedBeforeOneWait()
    {
        // Each server has all values at once, after the third look: waiting one after the other costs one wait.
        using var solver = Solver(new() { Mode = PropagationMode.Servers, Servers = [_server.EndPoint], PollingInterval = TimeSpan.FromMilliseconds(10) });
        var challenges = new[] { "a", "b", "c" }.Select(label => Challenge($"{label}.example.org", label)).ToList();
        foreach (var challenge in challenges)
            await solver.PresentAsync(challenge, CancellationToken.None);
        var looks = 0;
        _server.Answer = (query, _) =>
        {
            if (++looks == 3)
                _records.Values.ForEach(each => _server.Txt(each.Name, each.Value));
            return null;
        };
        foreach (var challenge in challenges)
            await solver.WaitAsync(challenge, CancellationToken.None);
        Assert.That(looks, Is.EqualTo(5));
    }

    [Test]
    public async Task TheRecordIsMadeWhereTheAliasLeadsAndTakenAwayThereWhenTheAliasIsGone()
    {
        _server.WithZone("acme.net");
        _server.Host("_acme-challenge.example.org", DnsType.Cname, "x.acme.net");
        using var solver = Solver();
        var challenge = Challenge("example.org", "a");
        await solver.PresentAsync(challenge, CancellationToken.None);
        Assert.That(_records.Values, Is.EqualTo(new[] { ("x.acme.net.", Value("a")) }));
        _server.Records.RemoveAll(record => record.Type == DnsType.Cname);
        await solver.CleanUpAsync(challenge, CancellationToken.None);
        Assert.That(_records.Values, Is.Empty);
    }

    [Test]
    public async Task AnotherProcessCleansUpToo()
    {
        using var solver = Solver();
        await solver.PresentAsync(Challenge("example.org", "a"), CancellationToken.None);
        using var next = Solver();
        await next.CleanUpAsync(Challenge("example.org", "a"), CancellationToken.None);
        Assert.That(_records.Values, Is.Empty);
    }

    [Test]
    public async Task AliasesThatAreNotFollowedAreNotAskedFor()
    {
        using var solver = new Dns01Solver(_records, _server.Client(), new(_server.Client(), new() { Mode = PropagationMode.Off })) { FollowsAliases = false };
        await solver.PresentAsync(Challenge("example.org", "a"), CancellationToken.None);
        Assert.That(_server.Asked, Is.Empty);
    }

    [TestCase(true, 1)]
    [TestCase(false, 4)]
    public async Task AProviderThatWantsThatIsCalledByOneAtATime(bool isSequential, int expected)
    {
        _records.Capabilities = new() { IsSequential = isSequential };
        _records.Gate = isSequential ? 1 : 4;
        using var solver = Solver();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(index => solver.PresentAsync(Challenge($"n{index}.example.org", "a"), CancellationToken.None)));
        Assert.That(_records.MostAtATime, Is.EqualTo(expected));
    }

    [Test]
    public async Task AValueThatWouldPushOutAnotherIsRefusedUntilOneIsGone()
    {
        _records.Capabilities = new() { MaxValues = 2 };
        using var solver = Solver();
        await solver.PresentAsync(Challenge("example.org", "a"), CancellationToken.None);
        await solver.PresentAsync(Challenge("example.org", "a"), CancellationToken.None);
        await solver.PresentAsync(Challenge("example.org", "b"), CancellationToken.None);
        Assert.That(
            async () => await solver.PresentAsync(Challenge("example.org", "c"), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.StartsWith("_acme-challenge.example.org already has 2 values that are waited for"));
        await solver.CleanUpAsync(Challenge("example.org", "a"), CancellationToken.None);
        await solver.PresentAsync(Challenge("example.org", "c"), CancellationToken.None);
        Assert.That(_records.Values.Select(each => each.Value), Is.EqualTo(new[] { Value("b"), Value("c") }));
    }

    [Test]
    public async Task AValueThatWasRefusedIsRefusedAgainAfterItsCleanUp()
    {
        _records.Capabilities = new() { MaxValues = 2 };
        using var solver = Solver();
        await solver.PresentAsync(Challenge("example.org", "a"), CancellationToken.None);
        await solver.PresentAsync(Challenge("example.org", "b"), CancellationToken.None);
        Assert.That(async () => await solver.PresentAsync(Challenge("example.org", "c"), CancellationToken.None), Throws.TypeOf<ChallengeException>());
        await solver.CleanUpAsync(Challenge("example.org", "c"), CancellationToken.None);
        Assert.That(async () => await solver.PresentAsync(Challenge("example.org", "c"), CancellationToken.None), Throws.TypeOf<ChallengeException>());
    }

    [Test]
    public void ADnsThatDoesNotTellIsAFailureOfTheChallenge()
    {
        _server.Answer = (query, _) => (query with { IsResponse = true, ResponseCode = DnsResponseCode.ServFail }).ToBytes();
        using var solver = Solver();
        Assert.That(
            async () => await solver.PresentAsync(Challenge("example.org", "a"), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.StartsWith("it cannot be found out whether _acme-challenge.example.org is an alias: "));
    }

    [Test]
    public async Task AValueThatIsNotSeenInTimeIsAFailureOfTheChallenge()
    {
        using var solver = Solver(new() { Mode = PropagationMode.Servers, Servers = [_server.EndPoint], Timeout = TimeSpan.FromMilliseconds(1), PollingInterval = TimeSpan.FromMilliseconds(1) });
        await solver.PresentAsync(Challenge("example.org", "a"), CancellationToken.None);
        Assert.That(
            async () => await solver.WaitAsync(Challenge("example.org", "a"), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.Contains("is not seen everywhere after 0 s"));
    }

    [Test]
    public void TheNameOfAnAccountIsThatOfTheDraftsExample()
    {
        // draft-ietf-acme-dns-account-label section 3.2.
        var challenge = Challenge("www.example.org", "a") with { AccountUrl = new("https://example.com/acme/acct/ExampleAccount") };
        Assert.That(Dns01Solver.ChallengeName(challenge, ChallengeType.DnsAccount01), Is.EqualTo("_ujmmovf2vn55tgye._acme-challenge.www.example.org."));
    }

    private Dns01Solver Solver(PropagationOptions? options = null) =>
        new(_records, _server.Client(), new(_server.Client(), options ?? new() { Mode = PropagationMode.Off }));

    private static PendingChallenge Challenge(string name, string token) =>
        new(Identifier.Dns(name), ChallengeType.Dns01, token, $"{token}.thumbprint", new("https://ca.example/acct/1"));

    private static string Value(string token) => KeyAuthorization.DnsValue($"{token}.thumbprint");

    private sealed class MemoryRecords : ITxtRecords
    {
        private readonly Lock _lock = new();
        private readonly TaskCompletionSource _reached = new();
        private int _inside;

        public TxtCapabilities Capabilities { get; set; } = new();

        public List<(string Name, string Value)> Values { get; } = [];

        public int MostAtATime { get; private set; }

        /// <summary>How many calls must be inside until they go on.</summary>
        public int Gate { get; set; } = 1;

        public async Task AddAsync(TxtRecord record, CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                MostAtATime = Math.Max(MostAtATime, ++_inside);
                if (!Values.Contains((record.Name, record.Value)))
                    Values.Add((record.Name, record.Value));
                if (_inside >= Gate)
                    _reached.TrySetResult();
            }

            await _reached.Task;
            await Task.Yield();
            lock (_lock)
                _inside--;
        }

        public Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken)
        {
            lock (_lock)
                Values.Remove((record.Name, record.Value));
            return Task.CompletedTask;
        }
    }
}
