using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Tests.Certificates.Store;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>What is done about a store beside ordering: mending, and removing what nobody wants.</summary>
[CancelAfter(20_000)]
public sealed class StoreUpkeepTests : StoreBench
{
    private const string Other = "b.example.com";

    private readonly List<string> _removed = [];
    private int _changes;
    private AcmeState _state = null!;
    private StoreUpkeep _upkeep = null!;

    [SetUp]
    public void Open()
    {
        _removed.Clear();
        _changes = 0;
        _state = new AcmeState(StateDirectory.Open(Scratch["state"]), Time);
        _upkeep = new StoreUpkeep(new StoreOptions { Directory = Certs, Keep = TimeSpan.FromDays(2) }, Time)
        {
            Orders = _state.Orders,
            References = () => CertificateReferences.Read(StateDirectory.Open(Scratch["state"]), [Scratch["config/nginx.conf"]]),
            Removed = names => _removed.AddRange(names),
            Changed = () => _changes++,
        };
    }

    [Test]
    public async Task WhatNobodyWantsGoesAfterItsTimeInAProgramThatRuns(CancellationToken cancellationToken)
    {
        await SavedAsync(_upkeep.Store);
        await SavedAsync(_upkeep.Store, Other);
        _upkeep.Want([Wanted(Other)]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = _upkeep.RunAsync(stop.Token);
        for (var hour = 0; hour < 47; hour++)
            await PassAsync(TimeSpan.FromHours(1), cancellationToken);
        Assert.That(_removed, Is.Empty);

        for (var hour = 0; hour < 3; hour++)
            await PassAsync(TimeSpan.FromHours(1), cancellationToken);
        Assert.That(_removed, Is.EqualTo(new[] { Name }));
        Assert.That(Found().Single(), Does.StartWith(Other + " "));
        await stop.CancelAsync();
        await Assert.ThatAsync(() => run, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task NothingGoesBeforeItIsKnownWhatIsWanted(CancellationToken cancellationToken)
    {
        await SavedAsync(_upkeep.Store);
        await CollectForDaysAsync(10, cancellationToken);
        _upkeep.Want(null);
        await CollectForDaysAsync(10, cancellationToken);
        Assert.That((_removed.Count, Found().Length), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task WhatTheLiveFileNamesStaysUntilItDoesNot(CancellationToken cancellationToken)
    {
        await SavedAsync(_upkeep.Store);
        Scratch.Write("config/nginx.conf", $"ssl_certificate /certs/live/{Name}/fullchain.pem;\n");
        _upkeep.Want([]);
        await CollectForDaysAsync(10, cancellationToken);
        Assert.That(_removed, Is.Empty);
        Scratch.Write("config/nginx.conf", "http {}\n");
        await CollectForDaysAsync(4, cancellationToken);
        Assert.That(_removed, Is.EqualTo(new[] { Name }));
    }

    [Test]
    public async Task AnOrderThatNobodyWentOnWithIsForgotten(CancellationToken cancellationToken)
    {
        using var key = PrivateKey.Generate();
        await _state.Orders.JournalOf(Name).KeepAsync(new PendingOrder(Authority, new Uri(Authority, "order/1"), [Identifier.Parse(Name)], key), cancellationToken);
        _upkeep.Want([]);
        await CollectForDaysAsync(29, cancellationToken);
        Assert.That(_state.Orders.Of(Name), Has.Count.EqualTo(1));
        await CollectForDaysAsync(3, cancellationToken);
        Assert.That(_state.Orders.Of(Name), Is.Empty);
    }

    [Test]
    public async Task WhatCannotBeRemovedIsToldUntilItCan(CancellationToken cancellationToken)
    {
        await SavedAsync(_upkeep.Store);
        _upkeep.Want([]);
        await _upkeep.CollectAsync(cancellationToken);
        // Where what is removed has to go first.
        Scratch.Write($"certs/archive/.removed-{Name}", "in the way");
        await CollectForDaysAsync(4, cancellationToken);
        Assert.That((_upkeep.Findings.Single().Reason, _changes), Is.EqualTo((ReasonIds.OutputFailed, 1)));
        File.Delete(Scratch[$"certs/archive/.removed-{Name}"]);
        await CollectForDaysAsync(1, cancellationToken);
        Assert.That((_upkeep.Findings.Length, _changes, _removed.Count), Is.EqualTo((0, 2, 1)));
    }

    [Test]
    public async Task WhatIsInTheWayIsToldUntilItIsGone(CancellationToken cancellationToken)
    {
        await SavedAsync(_upkeep.Store);
        File.Delete(Path.Combine(Certs, "live", Name));
        Scratch.Write($"certs/live/{Name}/mine", "mine");
        await _upkeep.MendAsync(cancellationToken);
        Assert.That(_upkeep.Findings.Single().Message, Does.Contain("what is there was not made by Templater"));

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = _upkeep.RunAsync(stop.Token);
        await PassAsync(StoreUpkeep.RetryInterval, cancellationToken);
        Assert.That(_upkeep.Findings, Has.Length.EqualTo(1));
        Directory.Delete(Path.Combine(Certs, "live", Name), recursive: true);
        await PassAsync(StoreUpkeep.RetryInterval, cancellationToken);
        Assert.That((_upkeep.Findings.Length, _changes, Found().Length), Is.EqualTo((0, 2, 1)));
        await stop.CancelAsync();
        await Assert.ThatAsync(() => run, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task WhatWasStoredAndCouldNotBeShownIsShownWhenThatCanBeDone(CancellationToken cancellationToken)
    {
        Scratch.Write("certs/live", "where a folder has to be");
        var vault = new StoreVault(_upkeep.Store, _state.Orders, new Dictionary<string, Uri>(), Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = _upkeep.RunAsync(stop.Token);

        await Assert.ThatAsync(() => SavedAsync(_upkeep.Store), Throws.TypeOf<OutputFileException>());
        Assert.That((vault.Held.Count, vault.IdOf(Name)), Is.EqualTo((0, (string?)null)), "no proxy has it, so that it counts as missing");
        await PassAsync(StoreUpkeep.RetryInterval, cancellationToken);
        Assert.That(_upkeep.Findings.Single().Message, Does.Contain("certs/archive/" + Name));

        File.Delete(Path.Combine(Certs, "live"));
        await PassAsync(StoreUpkeep.RetryInterval, cancellationToken);
        Assert.That((_upkeep.Findings.Length, Found().Length, vault.Held.Count), Is.EqualTo((0, 1, 1)));
        Assert.That(_changes, Is.EqualTo(3), "the finding comes, and goes with the pair");
        await stop.CancelAsync();
        await Assert.ThatAsync(() => run, Throws.InstanceOf<OperationCanceledException>());
    }

    private static WantedCertificate Wanted(string name) => new() { Name = name, Names = [name], Authorities = ["first"] };

    private async Task CollectForDaysAsync(int days, CancellationToken cancellationToken)
    {
        for (var look = 0; look < days * 4; look++)
        {
            Time.Advance(TimeSpan.FromHours(6));
            await _upkeep.CollectAsync(cancellationToken);
        }
    }

    // Its only timer is that of its next tick: it waits again when that is there.
    private async Task PassAsync(TimeSpan span, CancellationToken cancellationToken)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += StoreUpkeep.RetryInterval)
        {
            while (Time.PendingTimers == 0)
                await Task.Delay(1, cancellationToken);
            Time.Advance(StoreUpkeep.RetryInterval);
            while (Time.PendingTimers == 0)
                await Task.Delay(1, cancellationToken);
        }
    }
}
