using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A checker of another version than the proxy judges another program's configuration.</summary>
public sealed class ProgramVersionTests
{
    private static readonly Container Edge = new()
    {
        Id = new ContainerId("e1"),
        Name = "edge",
        Image = new ImageReference("", "nginx", "1", ""),
        State = ContainerState.Running,
    };

    [TestCase("nginx version: nginx/1.22.1\n", "1.22.1")]
    [TestCase("nginx version: nginx/1.29.4 (Ubuntu)\n", "1.29.4")]
    [TestCase("HAProxy version 2.6.12-1+deb12u1 2023/12/16 - https://haproxy.org/\nStatus: long-term supported branch\n", "2.6.12")]
    [TestCase("HA-Proxy version 1.8.30-1 2021/04/12\n", "1.8.30")]
    [TestCase("HAProxy version 3.3-dev5-1 2025\n", "3.3")]
    [TestCase("nginx version: openresty/1.21.4.1\n", null)]
    [TestCase("nginx version: nginx/99999999999.1\n", null)]
    [TestCase("sh: nginx: not found\n", null)]
    [TestCase("", null)]
    public void TheVersionIsReadFromWhatTheProgramSays(string output, string? expected) =>
        Assert.That(ProgramVersion.Read(new CommandResult(0, output))?.ToString(), Is.EqualTo(expected));

    [Test]
    public void AProgramThatFailsTellsNoVersion() =>
        Assert.That(ProgramVersion.Read(new CommandResult(1, "nginx version: nginx/1.22.1")), Is.Null);

    [TestCase("1.22.1", "1.30.2", "warning checker-version: nginx -t is version 1.22.1, the proxy \"edge\" runs 1.30.2: one may refuse what the other takes. Build Templater's image on the proxy's own (--build-arg PROXY_IMAGE).")]
    [TestCase("1.22.1", "1.22.0", "warning checker-version: nginx -t is version 1.22.1, the proxy \"edge\" runs 1.22.0: one may refuse what the other takes. Build Templater's image on the proxy's own (--build-arg PROXY_IMAGE).")]
    [TestCase("1.22.1", "1.22.1", null)]
    [TestCase("1.22.1", "1.22", null)]
    [TestCase("1.22.1", null, null)]
    public void ADifferenceIsSaid(string checker, string? proxy, string? expected) => Assert.That(
        ProgramVersion.Difference("nginx -t", Version.Parse(checker), Given(), Proxy(proxy))?.ToString(), Is.EqualTo(expected));

    [Test]
    public async Task TheProgramIsAskedOnce()
    {
        using var bench = new DeployerBench();
        bench.Proxy.Version = new Version(1, 22, 1);

        var first = await bench.Deployer.CompareVersionsAsync(Given(), Proxy("1.30.2"), CancellationToken.None);
        var second = await bench.Deployer.CompareVersionsAsync(Given(), Proxy("1.30.2"), CancellationToken.None);

        Assert.That(first, Is.Not.Null.And.EqualTo(second));
        Assert.That(await bench.Deployer.CompareVersionsAsync(Given(), Proxy(null), CancellationToken.None), Is.Null);
        Assert.That(bench.Proxy.VersionQuestions, Is.EqualTo(1));
    }

    [Test]
    public async Task NobodyIsAskedWhereNobodyChecks()
    {
        using var bench = new DeployerBench { HasChecker = false };
        bench.Reopen();

        Assert.That(await bench.Deployer.CompareVersionsAsync(Given(), Proxy("1.30.2"), CancellationToken.None), Is.Null);
        Assert.That(bench.Proxy.VersionQuestions, Is.Zero);
    }

    [TestCase("nginx", ProxyKind.Nginx)]
    [TestCase("haproxy", ProxyKind.HAProxy)]
    [Platform("Linux")]
    public async Task TheRealProgramsTellTheirVersion(string program, object kind)
    {
        RealProxy.Require(program);
        using var directory = new TempDirectory();

        var checker = ProxyCheckers.Find(new OutputDefinition { Name = program, Kind = (ProxyKind)kind, Template = program, Path = directory["out"] }, directory.Path, new CommandRunner(TimeProvider.System))!;

        Assert.That(await checker.VersionAsync(CancellationToken.None), Is.Not.Null.And.GreaterThan(new Version(1, 0)));
    }

    private static Snapshot Given() => new() { TakenAt = DateTimeOffset.UnixEpoch, Containers = [Edge] };

    private static ProxyContext Proxy(string? version) => new()
    {
        Output = "nginx",
        Kind = ProxyKind.Nginx,
        Containers = [Edge.Id],
        IsKnown = true,
        ImageVersion = version is null ? null : Version.Parse(version),
    };
}
