using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Templater.Acme.Dns;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Challenges;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Preflight;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Web;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>The keeper with its stores on a disk and a real CA; the proxy is a server that answers http-01 with the thumbprint of the last look.</summary>
[CancelAfter(120_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class LiveKeeperTests : IDisposable
{
    private const string Name = "a.example.test";
    private const string NewOrder = "/order-plz";
    private static readonly Uri DeadDirectory = new($"https://127.0.0.1:{FreePort.Next()}/dir");

    private static readonly AcmeLimits Quick = new()
    {
        RequestTimeout = TimeSpan.FromSeconds(10),
        TransientPause = TimeSpan.FromMilliseconds(5),
        MinPollPause = TimeSpan.FromMilliseconds(20),
        MaxOwnPollPause = TimeSpan.FromMilliseconds(100),
        MaxPollPause = TimeSpan.FromMilliseconds(100),
    };

    // It takes up to half a minute each.
    private static IEnumerable<bool> WaitingForRenewals => Rotation.IsFullTier ? [true, false] : [];

    private static IEnumerable<string> RepliesToOrders => Rotation.Of(["500", "403", "none", "no Location"], parts: 8);

    private static IEnumerable<int> HoursOfFailures => Rotation.Once(24, 0, 3, 8);

    private readonly TempDirectory _directory = new();
    private readonly ConcurrentQueue<string> _notices = new();
    private readonly WantedCertificate _wanted = new() { Name = Name, Names = [Name], Authorities = ["dead", "pebble"], Profile = "classic", Outputs = ["proxy"] };
    private volatile string _thumbprint = "none";
    private ImmutableArray<string> _contacts = ["admin@example.org"];

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task FallOverRenewalAndAnotherAccountKeyCostNoFailedValidation(CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(cancellationToken: cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var proxy = new WebListener(new IPEndPoint(IPAddress.Loopback, pebble.HttpPort), request => Answer.Text(200, $"{request?.Path.Split('/')[^1]}.{_thumbprint}"), TimeProvider.System);
        var served = proxy.RunAsync(stop.Token);
        using var check = new SelfCheck(TimeProvider.System) { Port = pebble.HttpPort };
        var state = new AcmeState(StateDirectory.Open(_directory["state"]), TimeProvider.System);
        using var authorities = await AuthoritiesAsync(pebble, state, cancellationToken);
        var store = new CertificateStore(new StoreOptions { Directory = _directory["certs"] }, TimeProvider.System);
        var keeper = new CertificateKeeper(PartsOf(authorities, state, store, check), TimeProvider.System);
        var run = keeper.RunAsync(stop.Token);

        await UntilAsync(keeper, authorities, run, () => store.Find(Name) is not null, cancellationToken);
        var first = store.Find(Name)!;
        var key = authorities.Thumbprints["pebble"];
        Assert.That(keeper.Answers.Turned[Name], Is.EqualTo("pebble"));

        keeper.RollOver("pebble");
        keeper.Renew(Name);
        await UntilAsync(keeper, authorities, run, () => store.Find(Name)!.RenewalId != first.RenewalId, cancellationToken);
        await UntilAsync(keeper, authorities, run, () => keeper.Status is [{ Activity: CertificateActivity.Resting, IsSuggested: true }], cancellationToken);

        await stop.CancelAsync();
        await Assert.ThatAsync(() => Task.WhenAll(run, served), Throws.InstanceOf<OperationCanceledException>());
        await RevokedAsync(pebble, first, store.Find(Name)!, state, cancellationToken);
        var remembered = MemoryOf(state).Load();
        Assert.Multiple(() =>
        {
            Assert.That(authorities.Thumbprints["pebble"], Is.Not.EqualTo(key));
            Assert.That(state.Accounts.Find(pebble.DirectoryUrl)!.Key.Public.Thumbprint, Is.EqualTo(authorities.Thumbprints["pebble"]));
            Assert.That(remembered.PastOf("pebble").Select(order => order.IsIssued), Is.EqualTo(new[] { true, true }));
            Assert.That(remembered.Failures.All.Keys.Select(subject => subject.Scope), Is.All.EqualTo(FailureScope.Authority));
            Assert.That(_notices, Is.EqualTo(new[] { "the account at pebble has another key" }));
            Assert.That(state.Orders.Of(Name), Is.Empty);
        });
    }

    // By the account, and by the certificate's own key where there is none, or one that did not order it, or the key is compromised.
    private static async Task RevokedAsync(Pebble pebble, StoredCertificate first, StoredCertificate second, AcmeState state, CancellationToken cancellationToken)
    {
        using var bundle = new TempDirectory();
        var authority = new AcmeAuthority("pebble", pebble.DirectoryUrl) { CaBundle = bundle.Write("roots.pem", pebble.Transport.Authority.ExportCertificatePem() + "\n") };
        var own = state.Accounts.Known(pebble.DirectoryUrl)!;
        Assert.That(state.Accounts.Known(DeadDirectory), Is.Null, "it was never asked for one");
        using var http = new AcmeHttp(new AcmeHttpOptions { UserAgent = "templater-tests/1.0", Authorities = [pebble.Transport.Authority] }, TimeProvider.System);
        var (other, _) = await new AcmeClient(pebble.DirectoryUrl, http, TimeProvider.System).NewAccountAsync(PrivateKey.Generate(), [], termsAgreed: true, null, cancellationToken);

        Assert.That(await ProofAsync(own, second, RevocationReason.Superseded), Is.EqualTo(RevocationProof.Account));
        Assert.That(await ProofAsync(other, first, RevocationReason.Superseded), Is.EqualTo(RevocationProof.CertificateKey), "it did not order it");
        foreach (var revoked in (StoredCertificate[])[first, second])
            Assert.That((await pebble.StatusAsync(revoked.Chain.Leaf.SerialNumber, cancellationToken)).GetProperty("Status").GetString(), Is.EqualTo("Revoked"));
        // What is revoked already is looked at in the same way.
        Assert.That(await ProofAsync(own, first, RevocationReason.KeyCompromise), Is.EqualTo(RevocationProof.CertificateKey));
        Assert.That(await ProofAsync(null, first, RevocationReason.Superseded), Is.EqualTo(RevocationProof.CertificateKey));
        Assert.That(await ProofAsync(own with { Url = new Uri(own.Url + "0") }, first, RevocationReason.Superseded), Is.EqualTo(RevocationProof.CertificateKey), "the CA does not know it");

        Task<RevocationProof> ProofAsync(Account? account, StoredCertificate certificate, RevocationReason reason) =>
            new CertificateRevocation(authority, account, "templater-tests/1.0", TimeProvider.System).RevokeAsync(certificate, reason, cancellationToken);
    }

    [TestCaseSource(nameof(WaitingForRenewals))]
    public async Task ACertificateOfAMinuteIsRenewedBeforeItEnds(bool reusesKeys, CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(cancellationToken: cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var solver = new ListenerSolver(new IPEndPoint(IPAddress.Loopback, pebble.HttpPort), TimeProvider.System);
        var served = solver.RunAsync(stop.Token);
        var state = new AcmeState(StateDirectory.Open(_directory["state"]), TimeProvider.System);
        using var authorities = await AuthoritiesAsync(pebble, state, cancellationToken);
        var store = new CertificateStore(new StoreOptions { Directory = _directory["certs"] }, TimeProvider.System);
        var keeper = new CertificateKeeper(PartsOf(authorities, state, store, null) with { IsStateless = false, SolverFor = _ => solver, ReusesKeys = reusesKeys }, TimeProvider.System);
        keeper.Want([_wanted with { Authorities = ["pebble"], Profile = "tiny" }], ImmutableDictionary<string, string>.Empty.Add(Name, ProvenAnswers.ForAnyone));
        var run = keeper.RunAsync(stop.Token);
        await SeenAsync(run, () => store.Find(Name) is not null, cancellationToken);
        var first = store.Find(Name)!;
        await SeenAsync(run, () => store.Find(Name)!.RenewalId != first.RenewalId, cancellationToken);
        var left = first.Chain.NotAfter - TimeProvider.System.GetUtcNow();

        await stop.CancelAsync();
        await Assert.ThatAsync(() => Task.WhenAll(run, served), Throws.InstanceOf<OperationCanceledException>());
        // Pebble suggests when, from a sixth to a half of the lifetime on.
        Assert.That(left, Is.InRange(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(55)));
        Assert.That(store.Find(Name)!.Key.Public.Thumbprint == first.Key.Public.Thumbprint, Is.EqualTo(reusesKeys));
    }

    /// <summary>
    /// Twenty names that nobody answers for, for 24 hours of the keeper's clock with an event each minute; Templater is started anew each
    /// four hours.
    /// </summary>
    [TestCaseSource(nameof(HoursOfFailures))]
    public async Task ADayOfFailuresCostsARealCaAtMostFourOrdersOfANameAndFortyInAll(int hours, CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(cancellationToken: cancellationToken);
        var state = new AcmeState(StateDirectory.Open(_directory["state"]), TimeProvider.System);
        await FailAsync(state, () => AuthoritiesAsync(pebble, state, cancellationToken), TimeSpan.FromHours(hours), TimeSpan.FromMinutes(1), isSaidOfEach: true, cancellationToken);

        var past = MemoryOf(state).Load().PastOf("pebble");
        TestContext.Out.WriteLine($"{past.Length} orders, {pebble.Validations.Count} validations");
        Assert.That(past, Has.Length.InRange(20, 40));
        Assert.That(past.CountBy(order => order.Names).Select(pair => pair.Value), Is.All.InRange(1, 4));
        Assert.That(pebble.Validations, Has.Count.EqualTo(past.Length).And.All.False);
    }

    /// <summary>The same where nothing is wrong with the names: the CA is reached, shows the account, and takes no order.</summary>
    [TestCaseSource(nameof(RepliesToOrders))]
    public async Task ADayOfOrdersThatARealCaDoesNotTakeCostsItAtMostFourOfANameAndFortyInAll(string reply, CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true }, cancellationToken);
        await using var proxy = new AcmeFaultProxy(pebble.Transport, pebble.Port);
        proxy.Fault = async (request, onward, _) => (request.Path == NewOrder ? reply : "") switch
        {
            "500" => ProxiedReply.Problem(500, "serverInternal"),
            "403" => ProxiedReply.Problem(403, "unauthorized"),
            "none" => await onward(request) is null ? throw new UnreachableException() : null,
            "no Location" => (await onward(request)).WithHeader("Location"),
            _ => await onward(request),
        };
        var state = new AcmeState(StateDirectory.Open(_directory["state"]), TimeProvider.System);
        var pause = TimeSpan.FromMinutes(Rotation.IsFullTier ? 1 : 10);
        await FailAsync(state, () => AuthoritiesAsync(pebble, state, cancellationToken, proxy.DirectoryUrl), TimeSpan.FromHours(24), pause, isSaidOfEach: false, cancellationToken);

        var asked = proxy.Requests.Where(static request => request.Path == NewOrder).Select(NamesOf).ToList();
        TestContext.Out.WriteLine($"{asked.Count} requests for an order");
        // What fails for all is asked for more and more seldom, whoever's turn it is.
        Assert.That(asked, Has.Count.InRange(reply is "500" or "none" ? 8 : 20, 40));
        Assert.That(asked.CountBy(static names => names).Select(static pair => pair.Value), Is.All.InRange(1, 4));
        // One that was broken off at the end of a process may not have been sent.
        Assert.That(MemoryOf(state).Load().PastOf("pebble"), Has.Length.GreaterThanOrEqualTo(asked.Count));
    }

    private static string NamesOf(ProxiedRequest request)
    {
        using var message = JsonDocument.Parse(request.Body);
        using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(message.RootElement.GetProperty("payload").GetString()));
        return payload.RootElement.GetProperty("identifiers").ToString();
    }

    // Twenty names, a look each pause, Templater started anew each four hours. At the end each says why it is not there.
    private async Task FailAsync(AcmeState state, Func<Task<Authorities>> open, TimeSpan time, TimeSpan pause, bool isSaidOfEach, CancellationToken cancellationToken)
    {
        ImmutableArray<WantedCertificate> all = [.. Enumerable.Range(0, 20).Select(i => _wanted with { Name = $"{i:00}.example.test", Names = [$"{i:00}.example.test"], Authorities = ["pebble"] })];
        var live = all.ToImmutableDictionary(one => one.Name, _ => ProvenAnswers.ForAnyone);
        var clock = new FakeTimeProvider();
        var end = clock.GetUtcNow() + time;
        while (clock.GetUtcNow() < end)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var authorities = await open();
            var store = new CertificateStore(new StoreOptions { Directory = _directory["certs"] }, TimeProvider.System);
            var keeper = new CertificateKeeper(PartsOf(authorities, state, store, null) with { IsStateless = false }, clock);
            var run = keeper.RunAsync(stop.Token);
            for (var look = 0; look * pause < TimeSpan.FromHours(4); look++)
            {
                keeper.Want(look % 2 == 0 ? all : [.. all.Reverse()], live);
                await SeenAsync(run, () => keeper.IsStatusKnown && keeper.Status.All(status => status.Activity != CertificateActivity.Ordering), cancellationToken, TimeSpan.FromMilliseconds(1));
                await clock.AdvanceWhenWaitingAsync(pause, 1, cancellationToken);
            }

            await SeenAsync(run, () => keeper.Status.All(status => status is { Activity: CertificateActivity.Waiting, LastError: not null }), cancellationToken);
            Assert.That(keeper.Status.Select(status => status.Name), Is.EquivalentTo(all.Select(one => one.Name)));
            Assert.That(keeper.Status, Has.All.Matches<CertificateStatus>(status => !isSaidOfEach || status?.LastError?.Contains(status.Name, StringComparison.Ordinal) == true));
            await stop.CancelAsync();
            await Assert.ThatAsync(() => run, Throws.InstanceOf<OperationCanceledException>());
        }
    }

    [Test]
    public async Task ACaThatForgotTheAccountIsSaidAndGetsNoOtherOne(CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true }, cancellationToken);
        var state = new AcmeState(StateDirectory.Open(_directory["state"]), TimeProvider.System);
        await KeptAsync(pebble, state, isForced: false, keeper => keeper.Status is [{ Activity: CertificateActivity.Resting, IsSuggested: true }], cancellationToken);
        var account = state.Accounts.Find(pebble.DirectoryUrl)!.Url;

        await pebble.RestartAsync(cancellationToken);
        var status = await KeptAsync(pebble, state, isForced: true, keeper => keeper.Status is [{ LastError: not null }], cancellationToken);

        Assert.That(status.LastError, Does.Contain("accountDoesNotExist"));
        Assert.That(account, Is.Not.Null);
        Assert.That(state.Accounts.Find(pebble.DirectoryUrl)!.Url, Is.EqualTo(account));
        Assert.That(MemoryOf(state).Load().Failures.All.Keys, Is.EqualTo(new[] { new FailureSubject(FailureScope.Authority, "", "pebble") }));
    }

    /// <summary>As after a loss of what was known of the account but its key, or an import of the key alone.</summary>
    [TestCase("new@example.org")]
    [TestCase(null)]
    public async Task AnAccountThatIsFoundByItsKeyIsToldAnotherAddress(string? address, CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true }, cancellationToken);
        var state = new AcmeState(StateDirectory.Open(_directory["state"]), TimeProvider.System);
        using (var authorities = await AuthoritiesAsync(pebble, state, cancellationToken))
            await authorities.OpenAsync("pebble", cancellationToken);
        File.Delete(state.Accounts.FactsPathOf(pebble.DirectoryUrl));

        _contacts = address is null ? [] : [address];
        using var others = await AuthoritiesAsync(pebble, state, cancellationToken);
        await others.OpenAsync("pebble", cancellationToken);

        var account = state.Accounts.Known(pebble.DirectoryUrl)!;
        Assert.That(state.Accounts.Find(pebble.DirectoryUrl)!.Contacts, Is.EqualTo(_contacts));
        using var http = new AcmeHttp(new AcmeHttpOptions { UserAgent = "templater-tests/1.0", Authorities = [pebble.Transport.Authority], Limits = Quick }, TimeProvider.System);
        Assert.That((await new AcmeClient(pebble.DirectoryUrl, http, TimeProvider.System).ReadAccountAsync(account, cancellationToken)).Contact, Is.EqualTo(new[] { $"mailto:{address ?? "admin@example.org"}" }));
    }

    [Test]
    public async Task ANewAccountKeyIsKeptUntilItIsSeenWhichOneTheCaHas(CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(cancellationToken: cancellationToken);
        await using var proxy = new AcmeFaultProxy(pebble.Transport, pebble.Port);
        var state = new AcmeState(StateDirectory.Open(_directory["state"]), TimeProvider.System);
        using var authorities = await AuthoritiesAsync(pebble, state, cancellationToken, proxy.DirectoryUrl);
        await authorities.OpenAsync("pebble", cancellationToken);
        await authorities.SwitchAsync("pebble", cancellationToken);
        // The CA takes the key, the reply is lost, and then somebody else answers for it.
        var isTaken = false;
        proxy.Fault = async (request, onward, _) =>
        {
            if (isTaken && request.Path == "/sign-me-up")
                return ProxiedReply.Of(403, "text/html", "<h1>closed</h1>");
            var reply = await onward(request);
            isTaken |= request.Path == "/rollover-account-key";
            return request.Path == "/rollover-account-key" ? null : reply;
        };

        await Assert.ThatAsync(() => authorities.ChangeAsync("pebble", cancellationToken), Throws.TypeOf<AcmeException>());
        await Assert.ThatAsync(() => authorities.AbandonAsync("pebble", cancellationToken), Throws.TypeOf<AcmeException>());
        proxy.Fault = null;
        await Assert.ThatAsync(() => authorities.AbandonAsync("pebble", cancellationToken), Throws.TypeOf<AcmeException>().With.Message.Contains("both are kept"));
        await authorities.ChangeAsync("pebble", cancellationToken);

        Assert.That((await authorities.OpenAsync("pebble", cancellationToken)).Account, Is.EqualTo(state.Accounts.Find(proxy.DirectoryUrl)!.Url));
        Assert.That(authorities.Switched, Is.Empty);
    }

    // A process that keeps until something holds.
    private async Task<CertificateStatus> KeptAsync(Pebble pebble, AcmeState state, bool isForced, Func<CertificateKeeper, bool> holds, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var authorities = await AuthoritiesAsync(pebble, state, cancellationToken);
        var store = new CertificateStore(new StoreOptions { Directory = _directory["certs"] }, TimeProvider.System);
        var keeper = new CertificateKeeper(PartsOf(authorities, state, store, null) with { IsStateless = false }, TimeProvider.System);
        keeper.Want([_wanted with { Authorities = ["pebble"] }], ImmutableDictionary<string, string>.Empty.Add(Name, ProvenAnswers.ForAnyone));
        if (isForced)
            keeper.Renew(Name);
        var run = keeper.RunAsync(stop.Token);
        await SeenAsync(run, () => holds(keeper), cancellationToken);
        await stop.CancelAsync();
        await Assert.ThatAsync(() => run, Throws.InstanceOf<OperationCanceledException>());
        return keeper.Status.Single();
    }

    private async Task<Authorities> AuthoritiesAsync(Pebble pebble, AcmeState state, CancellationToken cancellationToken, Uri? directory = null)
    {
        var bundle = _directory.Write("roots.pem", pebble.Transport.Authority.ExportCertificatePem() + "\n");
        var named = new[] { new AcmeAuthority("dead", DeadDirectory), new AcmeAuthority("pebble", directory ?? pebble.DirectoryUrl) { CaBundle = bundle, Contacts = _contacts } };
        return await Authorities.OpenAsync(
            named.ToImmutableSortedDictionary(one => one.Name, one => one, StringComparer.Ordinal), state.Accounts,
            new AcmeHttpOptions { UserAgent = "templater-tests/1.0", Limits = Quick }, TimeProvider.System, _notices.Enqueue, cancellationToken);
    }

    private Dictionary<string, Uri> Directories { get; } = new() { ["dead"] = DeadDirectory };

    private KeeperMemoryFile MemoryOf(AcmeState state) => state.Keeper(Directories);

    private KeeperParts PartsOf(Authorities authorities, AcmeState state, CertificateStore store, SelfCheck? check)
    {
        foreach (var (name, directory) in authorities.Directories)
            Directories[name] = directory;
        return new()
        {
            Authorities = authorities,
            Vault = new StoreVault(store, state.Orders, Directories, TimeProvider.System),
            Memory = MemoryOf(state),
            SolverFor = _ => new StatelessSolver(),
            Preflight = check is null ? null : new CertificatePreflight(new DnsClient(DnsClientOptions.FromResolvConf(""), TimeProvider.System), check, TimeProvider.System)
            {
                Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
                FindCaa = (_, _) => Task.FromResult(new CaaSet("", [])),
            },
            Changed = _ => { },
            Notice = _notices.Enqueue,
        };
    }

    // A look: the proxy takes over what is answered now, and that is proven.
    private async Task UntilAsync(CertificateKeeper keeper, Authorities authorities, Task run, Func<bool> holds, CancellationToken cancellationToken) =>
        await SeenAsync(
            run,
            () =>
            {
                var answers = keeper.Answers;
                _thumbprint = answers.Thumbprints[KeeperPlanner.NextAuthority(_wanted, answers.Turned)];
                keeper.Want([_wanted], ImmutableDictionary<string, string>.Empty.Add(Name, _thumbprint));
                return holds();
            },
            cancellationToken);

    private static async Task SeenAsync(Task run, Func<bool> holds, CancellationToken cancellationToken, TimeSpan? pause = null)
    {
        while (!holds())
        {
            if (run.IsCompleted)
                await run;
            await Task.Delay(pause ?? TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }
}
