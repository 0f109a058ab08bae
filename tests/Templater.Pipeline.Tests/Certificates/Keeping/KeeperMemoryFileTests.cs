using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Tests.Certificates.Store;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class KeeperMemoryFileTests : AcmeStateFixture
{
    private static readonly DateTimeOffset Now = new(2027, 2, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly Dictionary<string, Uri> Names = new() { ["first"] = Authority, ["second"] = OtherAuthority };

    private static readonly KeeperMemory All = new KeeperMemory
    {
        Failures = Failures.None
            .With(new(FailureScope.Authority, "", "first"), "no connection", Now, null)
            .With(new(FailureScope.Refusal, "a.example", "second"), "too many", Now, Now.AddDays(1))
            .With(new(FailureScope.Names, "a.example", ""), "404", Now, null)
            .With(new(FailureScope.Preflight, "a.example", ""), "no address", Now, null)
            .With(new(FailureScope.Names, "h.example", ""), "404", Now, null).Hurried("h.example", []),
        Turned = KeeperMemory.Nothing.Turned.Add("a.example", "second"),
        Renewals = KeeperMemory.Nothing.Renewals
            .Add("a.example", new("id-1", new SuggestedWindow("id-1", Now, Now.AddDays(1)), Now.AddHours(6), 0))
            .Add("b.example", new("id-2", null, Now.AddHours(6), 3)),
        Begun = KeeperMemory.Nothing.Begun.Add("c.example", new(Now, "c.example", "first")),
        LeftOut = KeeperMemory.Nothing.LeftOut.Add("a.example", ["x.example"]),
        RollingOver = ImmutableSortedSet.Create(StringComparer.Ordinal, "first"),
    }.With("first", new(Now, "a.example", IsIssued: true)).With("first", new(Now, "b.example", IsIssued: false));

    [Test]
    public async Task WhatIsSavedIsThereAfterARestart()
    {
        await File(Names).SaveAsync(All, CancellationToken.None);
        var loaded = File(Names).Load();

        Assert.Multiple(() =>
        {
            Assert.That(loaded.Failures.All, Is.EquivalentTo(All.Failures.All));
            Assert.That(loaded.PastOf("first"), Is.EqualTo(All.PastOf("first")));
            Assert.That(loaded.Turned, Is.EqualTo(All.Turned));
            Assert.That(loaded.Renewals, Is.EquivalentTo(All.Renewals));
            Assert.That(loaded.Begun, Is.EquivalentTo(All.Begun));
            Assert.That(loaded.LeftOut["a.example"], Is.EqualTo(new[] { "x.example" }));
            Assert.That(loaded.RollingOver, Is.EqualTo(new[] { "first" }));
        });
        Assert.That(System.IO.File.GetUnixFileMode(System.IO.Path.Combine(Path, "keeper.json")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public async Task AnAuthorityThatIsCalledOtherwiseOrMissingForAWhileIsNotForgotten()
    {
        await File(Names).SaveAsync(All, CancellationToken.None);
        Assert.That(File(new() { ["renamed"] = Authority }).Load().PastOf("renamed"), Is.EqualTo(All.PastOf("first")));

        var without = File(new() { ["second"] = OtherAuthority });
        await without.SaveAsync(without.Load(), CancellationToken.None);
        Assert.That(File(Names).Load().PastOf("first"), Is.EqualTo(All.PastOf("first")));
    }

    [Test]
    public async Task OneAuthorityWithTwoNamesIsRememberedOnce()
    {
        var memory = All.With("alias", new(Now.AddMinutes(1), "z.example", IsIssued: true)) with
        {
            Failures = All.Failures.With(new(FailureScope.Authority, "", "alias"), "no connection either", Now.AddMinutes(1), null),
        };
        await File(new(Names) { ["alias"] = Authority }).SaveAsync(memory, CancellationToken.None);

        var loaded = File(Names).Load();
        Assert.That(loaded.PastOf("first").Select(order => order.Names), Is.EqualTo(new[] { "a.example", "b.example", "z.example" }));
        Assert.That(loaded.Failures.Of(new(FailureScope.Authority, "", "first"))?.Reason, Is.EqualTo("no connection either"));
    }

    [Test]
    public async Task WhatAnEarlierVersionNotedOfRevokedCertificatesIsPassedOver()
    {
        await File(Names).SaveAsync(All, CancellationToken.None);
        var path = System.IO.Path.Combine(Path, "keeper.json");
        var json = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(path))!;
        json["revoked"] = new JsonArray("aki.serial");
        await System.IO.File.WriteAllTextAsync(path, json.ToJsonString());

        Assert.That(File(Names).Load().PastOf("first"), Is.EqualTo(All.PastOf("first")));
        Assert.That(Notices, Is.Empty);
    }

    [Test]
    public void WithoutAFileNothingIsRemembered() => Assert.That(File(Names).Load().Failures.All, Is.Empty);

    [TestCase("failures", "[null]")]
    [TestCase("failures", "null")]
    [TestCase("failures", "[{\"scope\":\"Names\",\"names\":\"a\",\"directory\":\"\",\"count\":1,\"at\":\"2027-02-10T12:00:00Z\",\"not_before\":null,\"reason\":\"x\"},{\"scope\":\"Names\",\"names\":\"a\",\"directory\":\"\",\"count\":1,\"at\":\"2027-02-10T12:00:00Z\",\"not_before\":null,\"reason\":\"y\"}]")]
    [TestCase("failures", "[{\"scope\":\"Everything\",\"names\":\"a\",\"directory\":\"\",\"count\":1,\"at\":\"2027-02-10T12:00:00Z\",\"not_before\":null,\"reason\":\"x\"}]")]
    [TestCase("past", "{\"https://ca.example/dir\":[null]}")]
    [TestCase("turned", "{\"a\":null}")]
    [TestCase("renewals", "{\"a\":null}")]
    [TestCase("left_out", "{\"a\":[null]}")]
    [TestCase("format", "0")]
    public async Task WhatCannotBeUnderstoodIsPutAside(string member, string value)
    {
        await File(Names).SaveAsync(All, CancellationToken.None);
        var path = System.IO.Path.Combine(Path, "keeper.json");
        var json = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(path))!;
        Assert.That(json[member], Is.Not.Null);
        json[member] = JsonNode.Parse(value);
        await System.IO.File.WriteAllTextAsync(path, json.ToJsonString());

        Assert.That(File(Names).Load().Past, Is.Empty);
        Assert.That(System.IO.File.Exists(path + ".bad"));
        Assert.That(Notices.Single().Message, Does.StartWith("what became of orders at CAs could not be read and was kept as "));
    }

    private KeeperMemoryFile File(Dictionary<string, Uri> authorities) => Opened().Keeper(authorities);
}
