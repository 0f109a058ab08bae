using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Tests.Deployment;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>What an operator asks of the Templater that runs.</summary>
public sealed class KeeperRequestsTests : DirectoryFixture
{
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
}
