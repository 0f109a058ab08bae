using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Live;

/// <summary>How an order deals with its solvers, whatever these do.</summary>
[Parallelizable(ParallelScope.Self)]
public sealed class ChallengeRoundTests
{
    private Pebble _pebble = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _pebble = await Pebble.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_pebble is not null)
            await _pebble.DisposeAsync();
    }

    [Test]
    public async Task AllArePresentedBeforeOneIsWaitedForAndAllAreTakenAway()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        using var http = new HttpSolver(_pebble.HttpPort);

        await ca.ObtainAsync(TestCa.Wish(TestCa.NewName(), TestCa.NewName(), TestCa.NewName()), http);

        Assert.That(http.Calls.Select(call => call.Split(' ')[0]), Is.EqualTo(Enumerable.Repeat("present", 3).Concat(Enumerable.Repeat("wait", 3)).Concat(Enumerable.Repeat("clean", 3))));
    }

    // Fault 34
    [Test]
    public async Task AnAnswerThatIsWrongFailsWithTheNameAndWhatTheCaSaw()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        using var http = new HttpSolver(_pebble.HttpPort) { Wrong = "something else" };
        var name = TestCa.NewName();

        var failure = await TestCa.FailureAsync(() => ca.ObtainAsync(TestCa.Wish(name), http));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Validation));
            Assert.That(failure.Identifiers, Is.EqualTo(new[] { name }));
            Assert.That(failure.Message, Does.Contain(name.Value).And.Contains("unauthorized"));
            Assert.That(http.Presented, Is.Zero);
            Assert.That(ca.Count("/order-plz"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task ANameWhoseValidationFailsIsLeftOutWhereThatIsAllowed()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        using var http = new HttpSolver(_pebble.HttpPort);
        var (good, bad) = (TestCa.NewName(), TestCa.NewName());
        await _pebble.DnsAsync("set-servfail", new() { ["host"] = bad.Value + "." });

        var issued = await ca.ObtainAsync(TestCa.Wish(good, bad) with { AllowsSubset = true }, http);

        Assert.Multiple(() =>
        {
            Assert.That(issued.Chain.Identifiers, Is.EqualTo(new[] { good }));
            Assert.That(issued.LeftOut.Single().Identifier, Is.EqualTo(bad));
            Assert.That(issued.LeftOut.Single().Reason, Does.Contain(bad.Value));
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task AnAnswerThatCannotBeGivenIsNotToldToTheCaAndEverythingIsTakenAway(bool present)
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        using var http = new HttpSolver(_pebble.HttpPort);
        var (good, bad) = (TestCa.NewName(), TestCa.NewName());
        Task FailAsync(PendingChallenge challenge, CancellationToken cancellationToken) =>
            challenge.Identifier == bad ? throw new ChallengeException("the record\ncannot be written") : Task.CompletedTask;
        if (present)
            http.OnPresent = FailAsync;
        else
            http.OnWait = FailAsync;

        var failure = await TestCa.FailureAsync(() => ca.ObtainAsync(TestCa.Wish(good, bad), http));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Challenge));
            Assert.That(failure.Identifiers, Is.EqualTo(new[] { bad }));
            Assert.That(failure.Message, Does.Contain($"http-01 for {bad}: the record cannot be written"));
            Assert.That(http.Calls.Where(call => call.StartsWith("clean", StringComparison.Ordinal)), Is.EquivalentTo(new[] { $"clean {good}", $"clean {bad}" }));
            Assert.That(http.Presented, Is.Zero);
            Assert.That(ca.Count("/chalZ/"), Is.Zero);
        });
    }

    [Test]
    public async Task AnOrderWhoseAnswerCouldNotBeGivenIsGoneOnWith()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        using var http = new HttpSolver(_pebble.HttpPort) { OnPresent = (_, _) => throw new ChallengeException("the record cannot be written") };
        var wish = TestCa.Wish(TestCa.NewName());
        Assert.That((await TestCa.FailureAsync(() => ca.ObtainAsync(wish, http))).Failure, Is.EqualTo(AcmeFailure.Challenge));
        http.OnPresent = null;

        var issued = await ca.ObtainAsync(wish with { Pending = ca.Journal.Orders[^1] }, http);

        Assert.Multiple(() =>
        {
            Assert.That(issued.Chain.Identifiers, Is.EqualTo(wish.Identifiers));
            Assert.That(ca.Count("/order-plz"), Is.EqualTo(1));
        });
    }

    // Fault 39
    [Test]
    public async Task AnOrderThatIsBrokenOffTakesItsAnswersAway()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        using var http = new HttpSolver(_pebble.HttpPort);
        using var stop = new CancellationTokenSource();
        http.OnWait = async (_, token) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        };

        Assert.That(async () => await ca.Orderer(http).ObtainAsync(TestCa.Wish(TestCa.NewName()), stop.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.Multiple(() =>
        {
            Assert.That(http.Calls, Has.One.StartsWith("clean"));
            Assert.That(http.Presented, Is.Zero);
        });
    }

    [Test]
    public async Task ANameThatNoSolverFitsIsToldWithWhatThereIs()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        using var http = new HttpSolver(_pebble.HttpPort);
        var name = TestCa.NewName();

        var failure = await TestCa.FailureAsync(() => ca.ObtainAsync(TestCa.Wish(Identifier.Dns("*." + name)), http));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Challenge));
            Assert.That(failure.Message, Does.Contain($"*.{name}").And.Contains("dns-01").And.EndsWith("what is set up here answers http-01"));
        });
    }

    [Test]
    public async Task ARecordThatStaysProvesAWildcard()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var name = TestCa.NewName();
        var solver = new DnsSolver(
            _pebble,
            challenge => ($"_validation-persist.{challenge.Identifier}", $"{challenge.IssuerDomainNames[0]}; accounturi={challenge.AccountUrl}; policy=wildcard"),
            ChallengeType.DnsPersist01);

        var issued = await ca.ObtainAsync(TestCa.Wish(Identifier.Dns("*." + name)), solver);

        Assert.That(issued.Chain.Identifiers, Is.EqualTo(new[] { Identifier.Dns("*." + name) }));
    }
}
