using System.Collections.Immutable;
using System.Text;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Certificates;
using Templater.Testing;
using Templater.Testing.Hosts;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>What is written for hosts that nobody wrote.</summary>
public sealed class GeneratedConfigTests
{
    private const int ShortCount = 40;
    private const int FullCount = 1500;
    private const int ShortSample = 12;
    private const int FullSample = 400;

    private static readonly string[][] Pairs = [["a.example.com"], ["*.example.com", "example.com"], ["shop.example.com", "www.example.com"]];

    private TempDirectory _directory = null!;
    private ImmutableArray<CertificatePair> _pairs;

    [OneTimeSetUp]
    public void MakePairs()
    {
        _directory = new TempDirectory();
        _pairs = [.. Pairs.SelectMany(Pair)];
    }

    [OneTimeTearDown]
    public void Remove() => _directory.Dispose();

    [TestCase("nginx")]
    [TestCase("haproxy")]
    public void TheOrderOfContainersChangesNoByte(string template)
    {
        var renderer = new Scenario { Proxy = Settings }.Renderer(template);
        for (var seed = 0; seed < (Rotation.IsFullTier ? FullCount : ShortCount); seed++)
        {
            var host = HostGenerator.Make(seed, _pairs);
            var expected = Text(renderer, host.Snapshot, host);
            Assert.That(Text(renderer, host.Shuffled(seed), host), Is.EqualTo(expected), $"{host}");
            // What is remembered from the render before must not matter either.
            Assert.That(Text(new Scenario { Proxy = Settings }.Renderer(template), host.Shuffled(seed + 1), host), Is.EqualTo(expected), $"{host}");
        }
    }

    [TestCase("nginx")]
    [TestCase("haproxy")]
    public void NobodyReachesWhatAContainerCloses(string template)
    {
        var renderer = new Scenario { Proxy = Settings }.Renderer(template);
        var examined = 0;
        for (var seed = 0; seed < (Rotation.IsFullTier ? FullCount : 2 * ShortCount); seed++)
        {
            var host = HostGenerator.Make(seed, _pairs);
            var doors = new Doors(template, Text(renderer, host.Snapshot, host));
            foreach (var (id, wish) in host.Wishes)
            {
                // What shares its address with others may be reached as one of them.
                var container = host.Snapshot.Containers.Single(one => one.Id == id);
                foreach (var address in container.Endpoints.SelectMany(endpoint => new[] { endpoint.IPv4, endpoint.IPv6 }).Where(address => address.Length > 0 && IsAlone(host, container, address)))
                {
                    foreach (var door in doors.To(address))
                    {
                        examined++;
                        Assert.That(wish.Closed, Is.False, $"{host}, {container.Name}: {door.Place}");
                        Assert.That(wish.Allow is null || (door.Allows(wish.Allow == "private" ? "10.0.0.0/8" : wish.Allow) && !door.Allows("198.51.100.9")), Is.True, $"{host}, {container.Name}: {door.Place}");
                        Assert.That(!wish.Login || door.AsksForPassword, Is.True, $"{host}, {container.Name}: {door.Place}");
                    }
                }
            }
        }

        Assert.That(examined, Is.GreaterThan(20));
    }

    [Test]
    public async Task NginxAcceptsWhatIsWritten()
    {
        var renderer = new Scenario { Proxy = Settings }.Renderer("nginx");
        await ForSample(host => RealChecker.AcceptsNginx(StreamModule.Load + Text(renderer, host.Snapshot, host)));
    }

    [Test]
    public async Task HAProxyAcceptsWhatIsWritten()
    {
        var renderer = new Scenario { Proxy = Settings }.Renderer("haproxy");
        await ForSample(host =>
        {
            var file = File(renderer, host.Snapshot, host);
            foreach (var side in file.SideFiles)
                _directory.Write(side.Name, Encoding.UTF8.GetString(side.Content.Span));
            return RealChecker.AcceptsHAProxy(Encoding.UTF8.GetString(file.Content.Span));
        });
    }

    private ProxySettings Settings => new() { IPv6 = true, AccessLog = false, CertsDirectory = _directory.Path, ConfigDirectory = _directory.Path };

    private async Task ForSample(Func<GeneratedHost, Task> examine)
    {
        for (var seed = 0; seed < (Rotation.IsFullTier ? FullSample : ShortSample); seed++)
        {
            await examine(HostGenerator.Make(seed, _pairs));
        }
    }

    private static bool IsAlone(GeneratedHost host, Container container, string address) => host.Snapshot.Containers.All(other =>
        other.Id == container.Id || (other.NetworkMode != "container:" + container.Id && !other.Endpoints.Any(endpoint => endpoint.IPv4 == address || endpoint.IPv6 == address)));

    private static string Text(OutputRenderer renderer, Snapshot snapshot, GeneratedHost host) => Encoding.UTF8.GetString(File(renderer, snapshot, host).Content.Span);

    private static RenderedFile File(OutputRenderer renderer, Snapshot snapshot, GeneratedHost host)
    {
        var rendering = renderer.Render(snapshot, host.Policy, new ProxyHint.None(), CancellationToken.None);
        Assert.That(rendering.File, Is.Not.Null, () => $"{host}: {string.Join('\n', rendering.Findings)}");
        return rendering.File!;
    }

    private IEnumerable<CertificatePair> Pair(string[] names)
    {
        var name = names[0].Replace('*', '_');
        var (chain, key) = TestCertificates.Make(HostGenerator.Now.AddDays(-1), HostGenerator.Now.AddDays(60), names);
        var both = _directory.Write($"haproxy/{name}.pem", chain + key);
        yield return Pair(name, names, _directory.Write(name + ".crt", chain), _directory.Write(name + ".key", key));
        yield return Pair(name, names, both, both) with { IsInHAProxyFolder = true };
    }

    private static CertificatePair Pair(string name, string[] names, string chain, string key) => new()
    {
        Name = name,
        ChainPath = chain,
        KeyPath = key,
        Names = [.. names.Order(StringComparer.Ordinal)],
        NotBefore = HostGenerator.Now.AddDays(-1),
        NotAfter = HostGenerator.Now.AddDays(60),
        Fingerprint = "f-" + name,
        ContentDigest = "d-" + name,
    };
}
