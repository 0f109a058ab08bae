using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Preflight;
using Templater.Pipeline.Inventory;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment.Preflight;

/// <summary>Whether the proxy's user can read the keys.</summary>
public sealed class KeysCheckTests
{
    private const uint Templater = 65532;

    [TestCase("", 0x1A0u, Templater, true, TestName = "root reads everything")]
    [TestCase("0:0", 0x100u, Templater, true)]
    [TestCase("root", 0x100u, Templater, true)]
    [TestCase("99:99", 0x1A0u, Templater, false, TestName = "HAProxy's image and a key of Templater's group")]
    [TestCase("99:99", 0x1A0u, 99u, true, TestName = "HAProxy's image and a key of its group")]
    [TestCase("haproxy", 0x1A0u, Templater, false, TestName = "the name of HAProxy's user stands for 99")]
    [TestCase("nginx", 0x1A0u, 101u, true, TestName = "the name of nginx's user stands for 101")]
    [TestCase("99:99", 0x180u, 99u, false, TestName = "its group, but the mode lets only the owner read")]
    [TestCase("99:99", 0x1A4u, Templater, true, TestName = "a key that everybody may read")]
    [TestCase("65532", 0x100u, 7u, true, TestName = "the owner reads")]
    [TestCase("65532", 0x020u, 7u, false, TestName = "the owner has no right that only the group has")]
    [TestCase("1000", 0x1A0u, 7u, true, TestName = "a group that only the image knows is not accused")]
    [TestCase("1000", 0x180u, 7u, false)]
    [TestCase("1000:app", 0x1A0u, 7u, true, TestName = "a group by name is not accused")]
    [TestCase("app", 0x100u, 7u, true, TestName = "a user by name is not accused")]
    [TestCase("-1", 0x100u, 7u, true)]
    [TestCase("99999999999", 0x100u, 7u, true)]
    public void AKeyIsReadByItsOwnerItsGroupOrEverybody(string user, uint mode, uint group, bool mayRead)
    {
        var findings = KeysCheck.Examine([Proxy(user)], null, [Key(group, mode)]);
        Assert.That(findings.IsEmpty, Is.EqualTo(mayRead), string.Join('\n', findings));
    }

    [TestCase("65532", true)]
    [TestCase("7 65532", true)]
    [TestCase("certs", true, TestName = "a further group by name is not accused")]
    [TestCase("7 99", false)]
    [TestCase("", false)]
    public void AFurtherGroupReadsToo(string groups, bool mayRead) =>
        Assert.That(KeysCheck.Examine([Proxy("99:99") with { Groups = groups }], null, [Key(Templater, 0x1A0)]).IsEmpty, Is.EqualTo(mayRead));

    [Test]
    public void TheMessageNamesTheUserTheFileAndTheWayOut() => Assert.That(
        KeysCheck.Examine([Proxy("99:99")], null, [Key(Templater, 0x1A0), Key(Templater, 0x1A0)]).Single().ToString(),
        Is.EqualTo("error key-unreadable: the proxy \"haproxy\" runs as 99:99 and cannot read /certs/haproxy/shop.pem (65532:65532, 0640), nor 1 more. Give it to that group (chgrp 99) with mode 0640, and the folders above it mode 0755."));

    [Test]
    public void AFolderThatMayNotBeEnteredIsNamedInsteadOfTheKey() => Assert.That(
        KeysCheck.Examine([Proxy("99:99")], null, [Key(99, 0x1A0).SetItem(1, new FileFacts("/certs/haproxy", Templater, Templater, 0x1C0))]).Single().Message,
        Does.Contain("cannot read /certs/haproxy (65532:65532, 0700)"));

    [Test]
    public void TemplatersOwnContainerIsNotAsked() => Assert.That(KeysCheck.Examine([Proxy("99:99")], Proxy("").Id, [Key(Templater, 0x1A0)]), Is.Empty);

    [Test]
    public void FilesAreLookedAtUpToTheDirectoryOfCertificates()
    {
        using var directory = new TempDirectory();
        Directory.CreateDirectory(directory["certs/haproxy"]);
        File.WriteAllText(directory["certs/haproxy/shop.pem"], "");
        Assert.That(FileFacts.Above(directory["certs/haproxy/shop.pem"], directory["certs/"]).Select(static facts => facts.Path),
            Is.EqualTo(new[] { directory["certs/haproxy/shop.pem"], directory["certs/haproxy"], directory["certs"] }));
        Assert.That(FileFacts.Above(directory["certs/haproxy/gone.pem"], directory["certs"]).First().Path, Is.EqualTo(directory["certs/haproxy"]));
    }

    private static ImmutableArray<FileFacts> Key(uint group, uint mode) =>
        [new("/certs/haproxy/shop.pem", Templater, group, mode), new("/certs/haproxy", Templater, Templater, 0x1ED), new("/certs", Templater, Templater, 0x1ED)];

    private static Container Proxy(string user) => new()
    {
        Id = new ContainerId(new string('a', 64)),
        Name = "haproxy",
        Image = new ImageReference("", "haproxy", "3.2", ""),
        State = ContainerState.Running,
        User = user,
    };
}
