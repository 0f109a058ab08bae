using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Files that a configuration names are there before it, and go after it.</summary>
public sealed class SideFileTests
{
    private const string First = ".nginx.auth-0000000000000001";
    private const string Second = ".nginx.auth-0000000000000002";
    private const string Third = ".nginx.auth-0000000000000003";

    private DeployerBench _bench = null!;

    private string Folder => Path.GetDirectoryName(_bench.Path)!;

    [SetUp]
    public void CreateBench() => _bench = new DeployerBench();

    [TearDown]
    public void RemoveBench() => _bench.Dispose();

    private IEnumerable<string> Present() => Directory.EnumerateFiles(Folder, ".nginx.auth-*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private string PathOf(string name) => Path.Combine(Folder, name);

    private Task<DeployOutcome> DeployAsync(string text, params string[] sides)
    {
        _bench.Time.Advance(TimeSpan.FromSeconds(10));
        var file = _bench.FileOf($"{text} {string.Join(' ', sides)}");
        return _bench.Deployer.DeployAsync(file with { SideFiles = [.. sides.Select(name => new SideFile(name, Encoding.UTF8.GetBytes("content of " + name)))] }, "test", CancellationToken.None);
    }

    [Test]
    public async Task TheyAreThereWhenTheConfigurationIsJudgedAndWhenTheProxyIsTold()
    {
        var seen = new List<bool>();
        _bench.Proxy.Check = _ => { seen.Add(File.Exists(PathOf(First))); return new Templater.Pipeline.Deployment.Checks.CheckResult.Accepted(); };
        _bench.Proxy.OnReload = () => seen.Add(File.Exists(PathOf(First)));

        await DeployAsync("one", First);

        Assert.That(seen, Is.EqualTo(new[] { true, true }));
        Assert.That(File.ReadAllText(PathOf(First)), Is.EqualTo("content of " + First));
    }

    [Test]
    [Platform("Linux")]
    public async Task TheWorkersOfTheProxyMayReadThem()
    {
        await DeployAsync("one", First);
        if (!OperatingSystem.IsWindows())
            Assert.That(File.GetUnixFileMode(PathOf(First)) & UnixFileMode.OtherRead, Is.EqualTo(UnixFileMode.OtherRead));
    }

    [Test]
    public async Task TheyStayForOneGenerationAndGoThen()
    {
        await DeployAsync("one", First);
        await DeployAsync("two", Second);
        Assert.That(Present(), Is.EqualTo(new[] { First, Second }));

        await DeployAsync("three", Second, Third);
        Assert.That(Present(), Is.EqualTo(new[] { Second, Third }));

        await DeployAsync("four");
        await DeployAsync("five");
        Assert.That(Present(), Is.Empty);
    }

    [Test]
    public async Task WhatIsPutBackFindsWhatItNamed()
    {
        await DeployAsync("one", First);
        _bench.Proxy.Judge = text => text.StartsWith("bad", StringComparison.Ordinal) ? new ProofResult.Refused("no") : null;

        await DeployAsync("bad", Second);
        await DeployAsync("bad again", Third);

        Assert.That((_bench.OnDisk.StartsWith("one ", StringComparison.Ordinal), File.Exists(PathOf(First))), Is.EqualTo((true, true)));
    }

    [TestCase(null)]
    [TestCase("changed by somebody")]
    [TestCase("CONTENT OF .nginx.auth-0000000000000001")]
    public async Task OneThatSomebodyRemovedOrChangedIsWrittenAgain(string? content)
    {
        await DeployAsync("one", First);
        if (content is null)
            File.Delete(PathOf(First));
        else
            File.WriteAllText(PathOf(First), content);

        Assert.That(await DeployAsync("one", First), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(File.ReadAllText(PathOf(First)), Is.EqualTo("content of " + First));
    }

    [Test]
    public async Task OthersFilesAreLeftAlone()
    {
        string[] others = [".nginx2.auth-0000000000000001", "nginx.auth-0000000000000001", ".nginx.conf"];
        foreach (var name in others)
            File.WriteAllText(PathOf(name), "x");

        await DeployAsync("one", First);
        await DeployAsync("two");
        await DeployAsync("three");

        Assert.That(others.Where(name => !File.Exists(PathOf(name))), Is.Empty);
    }

    [Test]
    public async Task WithoutThemTheConfigurationStaysAsItWas()
    {
        await DeployAsync("one");
        Directory.CreateDirectory(PathOf(First));

        var outcome = await DeployAsync("two", First);

        Assert.That(_bench.OnDisk, Does.StartWith("one "));
        Assert.That(outcome.Findings.Select(finding => finding.Reason), Does.Contain(ReasonIds.OutputFailed));
    }

    [Test]
    public void TheirTextIsTheirName() => Assert.That(new SideFile(First, "secret"u8.ToArray()).ToString(), Is.EqualTo(First));
}
