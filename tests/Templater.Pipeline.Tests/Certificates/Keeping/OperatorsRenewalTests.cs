using System.Collections.Immutable;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Certificates.Store;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>What the operator says of renewals, as the keeper that is put together plans them.</summary>
[CancelAfter(20_000)]
public sealed class OperatorsRenewalTests : StoreBench
{
    [TestCase(0.25)]
    [TestCase(0.6)]
    public async Task TheKeeperLeavesThePartOfALifetimeThatTheOperatorNames(double fraction, CancellationToken cancellationToken)
    {
        // As imported: no authority is asked about it.
        var stored = Issued() with { Authority = null };
        await Store().SaveAsync(stored, cancellationToken);
        var renewal = new RenewalPolicy { FractionLeft = fraction };
        using var keeping = await WantedAsync(renewal, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = keeping.RunAsync(stop.Token);

        while (!keeping.Keeper.IsStatusKnown)
            await Task.Delay(1, cancellationToken);

        Assert.That(keeping.Keeper.Status.Single().RenewAt, Is.EqualTo(renewal.DueAt(stored.Life, null)).And.Not.EqualTo(new RenewalPolicy().DueAt(stored.Life, null)));
        await stop.CancelAsync();
        await Assert.ThatAsync(() => run, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task WhatWasRestoredStaysUntilItIsDue(CancellationToken cancellationToken)
    {
        var (first, second) = (Issued() with { Authority = null }, Issued() with { Authority = null });
        await Store().SaveAsync(first, cancellationToken);
        await Store().SaveAsync(second, cancellationToken);
        using var keeping = await WantedAsync(new RenewalPolicy(), cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = keeping.RunAsync(stop.Token);
        await UntilAsync(keeping.Keeper, second);

        await Store().RestorePreviousAsync(Name, cancellationToken);
        await UntilAsync(keeping.Keeper, first);
        for (var minutes = 0; minutes < 10; minutes++)
        {
            Time.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(1, cancellationToken);
        }

        var status = keeping.Keeper.Status.Single();
        Assert.That((status.Id, status.Activity, status.LastError, status.RenewAt), Is.EqualTo((first.Life.Id, CertificateActivity.Resting, (string?)null, new RenewalPolicy().DueAt(first.Life, null))));
        await stop.CancelAsync();
        await Assert.ThatAsync(() => run, Throws.InstanceOf<OperationCanceledException>());

        async Task UntilAsync(CertificateKeeper keeper, StoredCertificate expected)
        {
            while (keeper.Status is not [var one] || one.Id != expected.Life.Id)
            {
                Time.Advance(TimeSpan.FromSeconds(30));
                await Task.Delay(1, cancellationToken);
            }
        }
    }

    private async Task<CertificateKeeping> WantedAsync(RenewalPolicy renewal, CancellationToken cancellationToken)
    {
        var plan = new AcmePlan
        {
            Policy = new AcmePolicy { Preferred = ["first"], Authorities = ImmutableSortedDictionary<string, Uri>.Empty },
            Authorities = ImmutableSortedDictionary<string, AcmeAuthority>.Empty.Add("first", new("first", Authority)),
            Store = new StoreOptions { Directory = Certs },
            Renewal = renewal,
        };
        var state = new AcmeState(StateDirectory.Open(Scratch["state"]), Time);
        var keeping = await CertificateKeeping.OpenAsync(plan, new(state, Store(), Time, "templater-tests/1.0", "", _ => { }, _ => { }), cancellationToken);
        keeping.Keeper.Want([new WantedCertificate { Name = Name, Names = [Name], Authorities = ["first"] }], ImmutableDictionary<string, string>.Empty);
        return keeping;
    }
}
