using Templater.Acme.Protocol;
using Templater.Pipeline.Deployment;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Store;

public sealed class AccountStoreTests : AcmeStateFixture
{
    private const string Folder = "accounts/ca.example%2Fdir";
    private static readonly Uri Url = new("https://ca.example/account/1");

    [Test]
    public async Task EachCaHasAKeyOfItsOwnThatStays()
    {
        var accounts = Opened().Accounts;
        Assert.That(accounts.Find(Authority), Is.Null);

        var account = await accounts.ObtainAsync(Authority, KeyType.Ec256, CancellationToken.None);
        var other = await accounts.ObtainAsync(OtherAuthority, KeyType.Ec256, CancellationToken.None);

        Assert.Multiple(async () =>
        {
            Assert.That(Thumbprint(other.Key), Is.Not.EqualTo(Thumbprint(account.Key)));
            Assert.That(account.Account, Is.Null, "no CA was asked");
            Assert.That(Thumbprint((await Opened().Accounts.ObtainAsync(Authority, KeyType.Ec384, CancellationToken.None)).Key), Is.EqualTo(Thumbprint(account.Key)));
            Assert.That(Files().Where(static file => file.StartsWith(Folder, StringComparison.Ordinal)), Is.EqualTo(new[] { Folder + "/account.json", Folder + "/account.key" }));
        });
    }

    [Test, Platform("Linux")]
    public async Task NobodyElseMayReadWhatIsKept()
    {
        await Opened().Accounts.ObtainAsync(Authority, KeyType.Ec256, CancellationToken.None);
        await Opened().Accounts.BeginRollOverAsync(Authority, KeyType.Ec256, CancellationToken.None);
        foreach (var file in Files())
            Assert.That(ModeOf(System.IO.Path.Combine(Path, file)), Is.EqualTo(0b110_000_000), file);
        foreach (var folder in Directory.EnumerateDirectories(Path, "*", SearchOption.AllDirectories))
            Assert.That(ModeOf(folder), Is.EqualTo(0b111_000_000), folder);
    }

    [Test]
    public async Task WhatTheCaCallsItIsKept()
    {
        var accounts = Opened().Accounts;
        var account = await accounts.ObtainAsync(Authority, KeyType.Ec256, CancellationToken.None);
        await accounts.NoteAsync(Authority, Url, ["ops@example.com"], CancellationToken.None);

        var found = Opened().Accounts.Find(Authority)!;

        Assert.Multiple(() =>
        {
            Assert.That(found.Account!.Url, Is.EqualTo(Url));
            Assert.That(Thumbprint(found.Account.Key), Is.EqualTo(Thumbprint(account.Key)));
            Assert.That(found.Contacts, Is.EqualTo(new[] { "ops@example.com" }));
            Assert.That(found.ToString(), Does.Not.Contain(account.Key.ToPem().Split('\n')[1]));
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task ARollOverSurvivesACrashAndEndsWithOneKey(bool isChanged)
    {
        var before = await Opened().Accounts.ObtainAsync(Authority, KeyType.Ec256, CancellationToken.None);
        await Opened().Accounts.NoteAsync(Authority, Url, [], CancellationToken.None);
        var next = await Opened().Accounts.BeginRollOverAsync(Authority, KeyType.Ec256, CancellationToken.None);

        var meanwhile = Opened().Accounts.Find(Authority)!;
        var again = await Opened().Accounts.BeginRollOverAsync(Authority, KeyType.Ec256, CancellationToken.None);
        await Opened().Accounts.EndRollOverAsync(Authority, isChanged, CancellationToken.None);
        await Opened().Accounts.EndRollOverAsync(Authority, isChanged, CancellationToken.None);
        var after = Opened().Accounts.Find(Authority)!;

        Assert.Multiple(() =>
        {
            Assert.That((Thumbprint(meanwhile.Key), Thumbprint(meanwhile.NextKey)), Is.EqualTo((Thumbprint(before.Key), Thumbprint(next))));
            Assert.That(Thumbprint(again), Is.EqualTo(Thumbprint(next)));
            Assert.That(Thumbprint(after.Key), Is.EqualTo(Thumbprint(isChanged ? next : before.Key)));
            Assert.That(after.NextKey, Is.Null);
            Assert.That(after.Url, Is.EqualTo(Url));
            Assert.That(Files(), Has.Length.EqualTo(2));
        });
    }

    [Test]
    public async Task AKeyThatCannotBeReadIsKeptAndTold()
    {
        await Opened().Accounts.ObtainAsync(Authority, KeyType.Ec256, CancellationToken.None);
        Scratch.Write($"state/acme/{Folder}/account.key", "torn");

        var accounts = Opened().Accounts;

        Assert.That(accounts.Find(Authority), Is.Null);
        Assert.That(Scratch.Read($"state/acme/{Folder}/account.key.bad"), Is.EqualTo("torn"));
        Assert.That(Notices.Single().Severity, Is.EqualTo(FindingSeverity.Error));
        Assert.That(Notices.Single().Message, Does.Contain("account.key.bad. Put back a copy"));
    }

    [Test]
    public async Task WhereTheKeyIsLostTheOneToComeTakesItsPlace()
    {
        await Opened().Accounts.ObtainAsync(Authority, KeyType.Ec256, CancellationToken.None);
        var next = await Opened().Accounts.BeginRollOverAsync(Authority, KeyType.Ec256, CancellationToken.None);
        Scratch.Write($"state/acme/{Folder}/account.key", "");

        var found = Opened().Accounts.Find(Authority)!;

        Assert.That((Thumbprint(found.Key), found.NextKey), Is.EqualTo((Thumbprint(next), (PrivateKey?)null)));
    }

    [Test]
    public async Task AKeyThatTookThePlaceOfALostOneOutlivesAnotherRollOver()
    {
        await Opened().Accounts.ObtainAsync(Authority, KeyType.Ec256, CancellationToken.None);
        var first = await Opened().Accounts.BeginRollOverAsync(Authority, KeyType.Ec256, CancellationToken.None);
        Scratch.Write($"state/acme/{Folder}/account.key", "torn");
        var second = await Opened().Accounts.BeginRollOverAsync(Authority, KeyType.Ec256, CancellationToken.None);

        var found = Opened().Accounts.Find(Authority)!;

        Assert.That((Thumbprint(found.Key), Thumbprint(found.NextKey)), Is.EqualTo((Thumbprint(first), Thumbprint(second))));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("{\"format\": 1}")]
    [TestCase("{\"format\": 1, \"directory\": \"https://ca.example/dir\", \"contacts\": [null]}")]
    [TestCase("{\"format\": 1, \"directory\": \"https://ca.example/dir\", \"url\": \"nowhere\", \"contacts\": []}")]
    public async Task WithoutItsFactsAnAccountIsFoundByItsKey(string text)
    {
        var account = await Opened().Accounts.ObtainAsync(Authority, KeyType.Ec256, CancellationToken.None);
        Scratch.Write($"state/acme/{Folder}/account.json", text);

        var found = Opened().Accounts.Find(Authority)!;

        Assert.That((Thumbprint(found.Key), found.Url), Is.EqualTo((Thumbprint(account.Key), (Uri?)null)));
        Assert.That(Scratch.Read($"state/acme/{Folder}/account.json.bad"), Is.EqualTo(text));
        Assert.That(Notices, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task FactsOfANewerFormatAreLeftAlone()
    {
        await Opened().Accounts.ObtainAsync(Authority, KeyType.Ec256, CancellationToken.None);
        const string Newer = "{\"format\": 7}";
        Scratch.Write($"state/acme/{Folder}/account.json", Newer);

        Assert.That(() => Opened().Accounts.Find(Authority), Throws.TypeOf<StateDirectoryException>().With.Property("Reason").EqualTo(StateDirectoryReason.NewerFormat));
        Assert.That(Scratch.Read($"state/acme/{Folder}/account.json"), Is.EqualTo(Newer));
    }

    [Test]
    public async Task AnAccountIsAdoptedWhereThereIsNone()
    {
        using var key = PrivateKey.Generate();
        using var other = PrivateKey.Generate();
        var accounts = Opened().Accounts;

        Assert.That(await accounts.AdoptAsync(Authority, key, Url, [], CancellationToken.None), Is.True);
        Assert.That(await accounts.AdoptAsync(Authority, key, Url, [], CancellationToken.None), Is.True, "the same again");
        Assert.That(await accounts.AdoptAsync(Authority, other, Url, [], CancellationToken.None), Is.False);
        Assert.That(Thumbprint(Opened().Accounts.Find(Authority)!.Key), Is.EqualTo(Thumbprint(key)));
    }

    [Test]
    public async Task ManyAtOnceGetOneKey()
    {
        StateDirectory.Open(Scratch["state"]);
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            Thumbprint((await Opened().Accounts.ObtainAsync(Authority, KeyType.Ec256, CancellationToken.None)).Key))).ToList().Select(AdvancedAsync));
        Assert.That(keys.Distinct().Count(), Is.EqualTo(1));
    }

    // Each of them is as another process: they wait for one another on the clock.
    private async Task<string> AdvancedAsync(Task<string> task)
    {
        while (!task.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Delay(1);
        }

        return await task;
    }
}
