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
    public async Task WhatIsAskedIsTakenOnce()
    {
        Assert.That(await TakenAsync(Requests), Is.Empty);
        foreach (var request in All.Reverse())
            Requests.Ask(request);
        Requests.Ask(All[0]);
        Assert.That(All.Select(Requests.IsPending), Is.All.True);
        var other = Requests;
        Assert.That(await TakenAsync(other), Is.EqualTo(All));
        Assert.That(((await TakenAsync(other)).Length, All.Any(Requests.IsPending)), Is.EqualTo((0, false)));
    }

    [Test]
    public async Task WhatIsNotRememberedLiesThereForTheNextProcess()
    {
        Requests.Ask(All[2]);
        var asked = 0;
        var requests = Requests;
        await requests.TakeAsync(_ => Task.FromResult(++asked < 0));
        await Assert.ThatAsync(() => requests.TakeAsync(_ => throw new OperationCanceledException("the program ends")), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((asked, requests.IsPending(All[2])), Is.EqualTo((1, true)));
        Assert.That(await TakenAsync(Requests), Is.EqualTo(new[] { All[2] }));
    }

    [Test]
    public async Task WhatIsAskedMeanwhileByTheSameNameIsTakenNext()
    {
        Requests.Ask(All[2]);
        var (requests, newer) = (Requests, All[2] with { Id = "newer" });
        await requests.TakeAsync(_ =>
        {
            Requests.Ask(newer);
            File.SetLastWriteTimeUtc(Directory.EnumerateFiles(Folder).Single(), File.GetLastWriteTimeUtc(Folder).AddSeconds(1));
            return Task.FromResult(true);
        });
        Assert.That(await TakenAsync(requests), Is.EqualTo(new[] { newer }));
        Assert.That(Directory.EnumerateFiles(Folder), Is.Empty);
    }

    [TestCase("")]
    [TestCase("renew")]
    [TestCase("1 a.example.com")]
    [TestCase("revoke a.example.com")]
    [TestCase("replace a.example.com id more")]
    public async Task WhatNobodyUnderstandsIsTakenAway(string text)
    {
        Scratch.Write("state/acme/requests/mine", text);
        Assert.That(((await TakenAsync(Requests)).Length, Directory.EnumerateFiles(Folder).Count()), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task WhatIsNotFinishedOrTooLongIsNotTaken()
    {
        Scratch.Write("state/acme/requests/a.new", "renew a.example.com");
        Scratch.Write("state/acme/requests/b", "renew " + new string('b', 5000));
        Assert.That(await TakenAsync(Requests), Is.Empty);
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
        Assert.That(Nobody.Do(() => TakenAsync(requests).Result).Select(static request => request.Name), Is.EqualTo(new[] { "b.example.com" }));
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
        Assert.That(Nobody.Do(() => TakenAsync(requests).Result), Has.Length.EqualTo(100), "at once");
        Assert.That(Nobody.Do(() => TakenAsync(requests).Result), Has.Length.EqualTo(20));
        Assert.That(Nobody.Do(() => TakenAsync(requests).Result), Is.Empty);
        File.SetUnixFileMode(Scratch.Write("state/acme/requests/z", "renew z.example.com"), Open);
        Assert.That(Nobody.Do(() => TakenAsync(requests).Result).Select(static request => request.Name), Is.EqualTo(new[] { "z.example.com" }));

        File.SetUnixFileMode(Folder, Open);
        Assert.That(Nobody.Do(() => TakenAsync(requests).Result), Is.Empty);
        Assert.That(Directory.EnumerateFiles(Folder), Is.Empty, "they go when they can");
    }

    private static async Task<KeeperRequest[]> TakenAsync(KeeperRequests requests)
    {
        var taken = new List<KeeperRequest>();
        await requests.TakeAsync(request =>
        {
            taken.Add(request);
            return Task.FromResult(true);
        });
        return [.. taken];
    }

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private void OpenToNobody()
    {
        Nobody.Require();
        foreach (var folder in (string[])["state/acme/requests", "state/acme", "state", "."])
            File.SetUnixFileMode(Directory.CreateDirectory(Scratch[folder]).FullName, Open);
    }
}
