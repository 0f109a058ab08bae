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
        var plan = new AcmePlan
        {
            Policy = new AcmePolicy { Preferred = ["first"], Authorities = ImmutableSortedDictionary<string, Uri>.Empty },
            Authorities = ImmutableSortedDictionary<string, AcmeAuthority>.Empty.Add("first", new("first", Authority)),
            Store = new StoreOptions { Directory = Certs },
            Renewal = new RenewalPolicy { FractionLeft = fraction },
        };
        var known = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var state = new AcmeState(StateDirectory.Open(Scratch["state"]), Time);
        using var keeping = await CertificateKeeping.OpenAsync(plan, new(state, Store(), Time, "templater-tests/1.0", "", _ => known.TrySetResult(), _ => { }), cancellationToken);
        keeping.Keeper.Want([new WantedCertificate { Name = Name, Names = [Name], Authorities = ["first"] }], ImmutableDictionary<string, string>.Empty);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = keeping.RunAsync(stop.Token);

        await known.Task.WaitAsync(cancellationToken);

        Assert.That(keeping.Keeper.Status.Single().RenewAt, Is.EqualTo(plan.Renewal.DueAt(stored.Life, null)).And.Not.EqualTo(new RenewalPolicy().DueAt(stored.Life, null)));
        await stop.CancelAsync();
        await Assert.ThatAsync(() => run, Throws.InstanceOf<OperationCanceledException>());
    }
}
