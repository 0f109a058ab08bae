using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Tests.Deployment;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>What an operator asks of the Templater that runs.</summary>
public sealed class KeeperRequestsTests : DirectoryFixture
{
    private const UnixFileMode Open = (UnixFileMode)511;

    private static readonly KeeperRequest[] All =
    [
        new(KeeperRequestKind.Issue, "*.example.com"),
        new(KeeperRequestKind.Renew, "a.example.com"),
        new(KeeperRequestKind.Replace, "a.example.com") { Id = "AbC-_.x1" },
        new(KeeperRequestKind.RollOver, "letsencrypt"),
    ];

    private KeeperRequests Requests => new(Scratch["state"]);

    private string Folder => Scratch["state/acme/requests"];

    [Test]
    public void WhatIsAskedIsTakenOnce()
    {
        Assert.That(Requests.Take(), Is.Empty);
        foreach (var request in All.Reverse())
            Requests.Ask(request);
        Requests.Ask(All[0]);
        Assert.That(All.Select(Requests.IsPending), Is.All.True);
        var other = Requests;
        Assert.That(other.Take(), Is.EqualTo(All));
        Assert.That((other.Take().Length, All.Any(Requests.IsPending)), Is.EqualTo((0, false)));
    }

    [TestCase("")]
    [TestCase("renew")]
    [TestCase("1 a.example.com")]
    [TestCase("revoke a.example.com")]
    [TestCase("replace a.example.com id more")]
    public void WhatNobodyUnderstandsIsTakenAway(string text)
    {
        Scratch.Write("state/acme/requests/mine", text);
        Assert.That((Requests.Take().Length, Directory.EnumerateFiles(Folder).Count()), Is.EqualTo((0, 0)));
    }

    [Test]
    public void WhatIsNotFinishedOrTooLongIsNotTaken()
    {
        Scratch.Write("state/acme/requests/a.new", "renew a.example.com");
        Scratch.Write("state/acme/requests/b", "renew " + new string('b', 5000));
        Assert.That(Requests.Take(), Is.Empty);
        Assert.That(Directory.EnumerateFiles(Folder).Select(Path.GetFileName), Is.EqualTo(new[] { "a.new" }));
    }

    [Test]
    [Platform("Linux")]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void OneOfAnotherUserIsTakenAwayAndHoldsUpNobody()
    {
        OpenToNobody();
        File.SetUnixFileMode(Scratch.Write("state/acme/requests/a", "renew a.example.com"), UnixFileMode.UserRead);
        File.SetUnixFileMode(Scratch.Write("state/acme/requests/b", "renew b.example.com"), Open);

        var requests = Requests;
        Assert.That(Nobody.Do(requests.Take).Select(static request => request.Name), Is.EqualTo(new[] { "b.example.com" }));
        Assert.That(Directory.EnumerateFiles(Folder), Is.Empty);
    }

    [Test]
    [Platform("Linux")]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void OneThatCannotBeTakenAwayIsTakenOnceAndHoldsUpNobody()
    {
        OpenToNobody();
        for (var i = 0; i < 120; i++)
            File.SetUnixFileMode(Scratch.Write($"state/acme/requests/a{i}", $"renew a{i}"), Open);
        File.SetUnixFileMode(Folder, UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        var requests = Requests;
        Assert.That(Nobody.Do(requests.Take), Has.Length.EqualTo(100), "at once");
        Assert.That(Nobody.Do(requests.Take), Has.Length.EqualTo(20));
        Assert.That(Nobody.Do(requests.Take), Is.Empty);
        File.SetUnixFileMode(Scratch.Write("state/acme/requests/z", "renew z.example.com"), Open);
        Assert.That(Nobody.Do(requests.Take).Select(static request => request.Name), Is.EqualTo(new[] { "z.example.com" }));

        File.SetUnixFileMode(Folder, Open);
        Assert.That(Nobody.Do(requests.Take), Is.Empty);
        Assert.That(Directory.EnumerateFiles(Folder), Is.Empty, "they go when they can");
    }

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private void OpenToNobody()
    {
        Nobody.Require();
        foreach (var folder in (string[])["state/acme/requests", "state/acme", "state", "."])
            File.SetUnixFileMode(Directory.CreateDirectory(Scratch[folder]).FullName, Open);
    }
}
