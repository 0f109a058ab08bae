using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Challenges;
using Templater.Testing;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Challenges;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class WebrootSolverTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Folder => Path.Combine(_directory.Path, ".well-known", "acme-challenge");

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task TheAnswerIsAFileThatEverybodyMayReadUntilItIsTakenAway()
    {
        var solver = new WebrootSolver(_directory.Path);
        await solver.PresentAsync(Challenge("token-1"), CancellationToken.None);
        await solver.PresentAsync(Challenge("token-2"), CancellationToken.None);

        Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName), Is.EquivalentTo(new[] { "token-1", "token-2" }));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(Folder, "token-1")), Is.EqualTo("token-1.thumbprint"));
        Assert.That(File.GetUnixFileMode(Path.Combine(Folder, "token-1")), Is.EqualTo((UnixFileMode)Convert.ToInt32("644", 8)));
        Assert.That(File.GetUnixFileMode(Folder), Is.EqualTo((UnixFileMode)Convert.ToInt32("755", 8)));

        await new WebrootSolver(_directory.Path).CleanUpAsync(Challenge("token-1"), CancellationToken.None);
        Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName), Is.EqualTo(new[] { "token-2" }));
        await solver.CleanUpAsync(Challenge("token-1"), CancellationToken.None);
    }

    [Test]
    public async Task WhatACrashLeftInItsPlaceIsReplaced()
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, ".token-1.new"), "half");
        await File.WriteAllTextAsync(Path.Combine(Folder, "token-1"), "old");

        await new WebrootSolver(_directory.Path).PresentAsync(Challenge("token-1"), CancellationToken.None);

        Assert.That(await File.ReadAllTextAsync(Path.Combine(Folder, "token-1")), Is.EqualTo("token-1.thumbprint"));
        Assert.That(Directory.GetFiles(Folder), Has.Length.EqualTo(1));
    }

    [TestCase("../../outside")]
    [TestCase("a/b")]
    [TestCase(".hidden")]
    [TestCase("")]
    public void ATokenThatIsNoneBecomesNoFile(string token)
    {
        var solver = new WebrootSolver(_directory.Path);
        var challenge = Challenge("token") with { Token = token };
        Assert.That(() => solver.PresentAsync(challenge, CancellationToken.None), Throws.TypeOf<ChallengeException>());
        Assert.That(() => solver.CleanUpAsync(challenge, CancellationToken.None), Throws.TypeOf<ChallengeException>());
        Assert.That(Directory.EnumerateFileSystemEntries(_directory.Path), Is.Empty);
    }

    [Test]
    public void ADirectoryThatIsNotMountedIsNotMade()
    {
        var missing = _directory["missing"];
        Assert.That(
            () => new WebrootSolver(missing).PresentAsync(Challenge("token"), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.StartsWith($"the answer cannot be written below {missing} as ").And.Message.Contains("TEMPLATER_ACME_WEBROOT"));
        Assert.That(Directory.Exists(missing), Is.False);
    }

    private static PendingChallenge Challenge(string token) => new(Identifier.Dns("a.example"), ChallengeType.Http01, token, token + ".thumbprint", new Uri("https://ca.example/account"));
}
