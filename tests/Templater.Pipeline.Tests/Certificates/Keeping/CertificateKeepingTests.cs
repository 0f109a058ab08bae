using System.Collections.Immutable;
using System.Net;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Certificates.Store;
using Templater.Pipeline.Web;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

[CancelAfter(20_000)]
public sealed class CertificateKeepingTests : AcmeStateFixture
{
    private AcmePlan Plan => new()
    {
        Policy = new AcmePolicy { Preferred = ["first"], Authorities = ImmutableSortedDictionary<string, Uri>.Empty },
        Authorities = ImmutableSortedDictionary<string, AcmeAuthority>.Empty.Add("first", new("first", Authority)).Add("second", new("second", OtherAuthority)),
        Store = new StoreOptions { Directory = Scratch["certs"] },
    };

    [Test]
    public async Task TheThumbprintsAreKnownBeforeAnyAuthorityIsAsked(CancellationToken cancellationToken)
    {
        using var keeping = await OpenAsync(Plan, cancellationToken);
        using var again = await OpenAsync(Plan, cancellationToken);
        var thumbprints = keeping.Keeper.Answers.Thumbprints;

        Assert.That(thumbprints.Keys, Is.EqualTo(new[] { "first", "second" }));
        Assert.That(thumbprints["first"], Is.EqualTo(Opened().Accounts.Find(Authority)!.Key.Public.Thumbprint).And.Not.EqualTo(thumbprints["second"]));
        Assert.That(again.Keeper.Answers.Thumbprints, Is.EqualTo(thumbprints), "they are on the disk");
    }

    [Test]
    public async Task ItEndsWhenItIsTold(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var keeping = await OpenAsync(Plan with { Policy = Plan.Policy with { Listen = new IPEndPoint(IPAddress.Loopback, 0) } }, cancellationToken);
        var run = keeping.RunAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThatAsync(() => run, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task AnAddressThatIsTakenIsSaid(CancellationToken cancellationToken)
    {
        using var other = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        other.Start();
        await Assert.ThatAsync(
            () => OpenAsync(Plan with { Policy = Plan.Policy with { Listen = (IPEndPoint)other.LocalEndpoint } }, cancellationToken),
            Throws.TypeOf<ListenFailedException>().With.Message.Contains("another program listens there"));
    }

    [Test]
    public async Task WhatCouldNotBePutTogetherHoldsNoAddress(CancellationToken cancellationToken)
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = (IPEndPoint)probe.LocalEndpoint;
        probe.Stop();
        // What a newer version remembers, which is found out when the address is listened on already.
        Scratch.Write("state/acme/keeper.json", "{\"format\":99}");
        var plan = Plan with { Policy = Plan.Policy with { Listen = address } };
        await Assert.ThatAsync(() => OpenAsync(plan, cancellationToken), Throws.TypeOf<StateDirectoryException>());
        File.Delete(Scratch["state/acme/keeper.json"]);
        using var keeping = await OpenAsync(plan, cancellationToken);
    }

    private Task<CertificateKeeping> OpenAsync(AcmePlan plan, CancellationToken cancellationToken) => CertificateKeeping.OpenAsync(
        plan, new KeepingSurroundings(Opened(), new CertificateStore(plan.Store, Time), Time, "templater-tests/1.0", "", _ => { }, _ => { }), cancellationToken);
}
