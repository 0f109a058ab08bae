using Templater.Acme;
using Templater.Acme.Protocol;

namespace Templater.Pipeline.Tests.Certificates.Store;

public sealed class OrderStoreTests : AcmeStateFixture
{
    private const string Name = "*.example.com";
    private static readonly Uri Url = new("https://ca.example/order/1");

    [Test]
    public async Task AnOrderComesBackWithEverythingThatItNeeds()
    {
        using var key = PrivateKey.Generate();
        var order = new PendingOrder(Authority, Url, [Identifier.Dns(Name), Identifier.Parse("2001:db8::1")], key);
        await Opened().Orders.JournalOf(Name).KeepAsync(order with { Key = null }, CancellationToken.None);
        Assert.That(Opened().Orders.Find(Name, Authority)!.Key, Is.Null);
        await Opened().Orders.JournalOf(Name).KeepAsync(order, CancellationToken.None);

        var found = Opened().Orders.Find(Name, Authority)!;

        Assert.Multiple(() =>
        {
            Assert.That((found.Directory, found.Url), Is.EqualTo((Authority, Url)));
            Assert.That(found.Identifiers, Is.EqualTo(order.Identifiers));
            Assert.That(Thumbprint(found.Key), Is.EqualTo(Thumbprint(key)));
            Assert.That(Opened().Orders.Find(Name, OtherAuthority), Is.Null);
            Assert.That(Opened().Orders.Find("example.com", Authority), Is.Null);
        });
    }

    [Test, Platform("Linux")]
    public async Task NobodyElseMayReadIt()
    {
        using var key = PrivateKey.Generate();
        await Opened().Orders.JournalOf(Name).KeepAsync(new PendingOrder(Authority, Url, [Identifier.Dns(Name)], key), CancellationToken.None);
        Assert.That(Files(), Is.EqualTo(new[] { "orders/_.example.com/ca.example%2Fdir.json" }));
        Assert.That(ModeOf(System.IO.Path.Combine(Path, Files()[0])), Is.EqualTo(0b110_000_000));
    }

    [Test]
    public async Task AnotherCaDoesNotCostWhatTheFirstMayHaveIssued()
    {
        using var key = PrivateKey.Generate();
        await Opened().Orders.JournalOf(Name).KeepAsync(new PendingOrder(OtherAuthority, Url, [Identifier.Dns(Name)], null), CancellationToken.None);
        await Opened().Orders.JournalOf(Name).KeepAsync(new PendingOrder(Authority, Url, [Identifier.Dns(Name)], key), CancellationToken.None);

        Assert.That(Opened().Orders.Of(Name).Select(static order => (order.Directory, order.Key is not null)), Is.EqualTo(new[] { (Authority, true), (OtherAuthority, false) }));

        await Opened().Orders.ForgetAsync(Name, OtherAuthority, CancellationToken.None);
        Assert.That(Opened().Orders.Of(Name).Select(static order => order.Directory), Is.EqualTo(new[] { Authority }));
        await Opened().Orders.ForgetAsync(Name, null, CancellationToken.None);
        await Opened().Orders.ForgetAsync(Name, null, CancellationToken.None);
        Assert.That(Opened().Orders.Of(Name), Is.Empty);
        Assert.That(System.IO.Directory.EnumerateFileSystemEntries(System.IO.Path.Combine(Path, "orders")), Is.Empty);
    }

    [Test]
    public async Task WhatNobodyWentOnWithIsForgottenInTheEnd()
    {
        await Opened().Orders.JournalOf("a.example.com").KeepAsync(new PendingOrder(Authority, Url, [Identifier.Dns("a.example.com")], null), CancellationToken.None);
        Time.Advance(Pipeline.Certificates.Store.OrderStore.MaxAge);
        await Opened().Orders.JournalOf("b.example.com").KeepAsync(new PendingOrder(Authority, Url, [Identifier.Dns("b.example.com")], null), CancellationToken.None);
        await Opened().Orders.ForgetOldAsync(CancellationToken.None);
        Assert.That(Opened().Orders.Of("a.example.com"), Has.Count.EqualTo(1));

        Time.Advance(TimeSpan.FromSeconds(1));
        await Opened().Orders.ForgetOldAsync(CancellationToken.None);

        Assert.That((Opened().Orders.Of("a.example.com").Count, Opened().Orders.Of("b.example.com").Count), Is.EqualTo((0, 1)));
    }

    [TestCase("")]
    [TestCase("{\"format\": 1}")]
    [TestCase("{\"format\": 1, \"name\": \"a\", \"directory\": \"https://ca.example/dir\", \"url\": \"https://ca.example/order/1\", \"identifiers\": [null], \"key\": null, \"kept_at\": \"2026-01-01T00:00:00Z\"}")]
    [TestCase("{\"format\": 1, \"name\": \"a\", \"directory\": \"https://ca.example/dir\", \"url\": \"https://ca.example/order/1\", \"identifiers\": [{\"type\": \"dns\", \"value\": \"a\"}], \"key\": \"torn\", \"kept_at\": \"2026-01-01T00:00:00Z\"}")]
    public void OneThatCannotBeReadIsKeptAsideAndMadeAnew(string text)
    {
        const string file = "orders/a.example.com/ca.example%2Fdir.json";
        var orders = Opened().Orders;
        Scratch.Write("state/acme/" + file, text);

        Assert.That(orders.Find("a.example.com", Authority), Is.Null);
        Assert.That(Scratch.Read($"state/acme/{file}.bad"), Is.EqualTo(text));
        Assert.That(Notices.Single().Message, Does.StartWith("an order that was under way could not be read and was kept as ").And.EndWith(".bad. It is made anew."));
    }
}
