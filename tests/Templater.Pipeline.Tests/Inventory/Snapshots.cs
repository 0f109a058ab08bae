using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Inventory;

/// <summary>Snapshots for tests.</summary>
internal static class Snapshots
{
    /// <summary>A moment.</summary>
    public static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A snapshot in which no member has its default value.</summary>
    public static Snapshot Full() => new()
    {
        TakenAt = Noon.AddTicks(1234567),
        Engine = new EngineDescription("29.7.0", "1.52", "big-host", IsSwarmManager: true),
        Containers = [Shop("shop-web-1"), Shop("shop-web-2")],
        Networks = [new Network("n1", "front", "bridge", "local", IsInternal: true, IsIngress: true, ["172.20.0.0/16", "fd00::/64"])],
        Self = Id(7),
        HasAddresses = false,
        Certificates =
        [
            new CertificatePair
            {
                Name = "shop", ChainPath = "/certs/shop.crt", KeyPath = "/certs/shop.key", Names = ["*.example.com", "example.com"],
                NotBefore = Noon.AddDays(-1), NotAfter = Noon.AddDays(89), Fingerprint = new string('a', 64), ContentDigest = new string('b', 64), IssuersDigest = new string('e', 64),
                IsInHAProxyFolder = true,
            },
        ],
        UnusableCertificates =
        [
            new UnusablePair { Name = "blog", ChainPath = "/certs/haproxy/blog.pem", IsInHAProxyFolder = true, Names = ["blog.example.com"], Problem = "blog.pem is empty.", Remedy = "Make it readable." },
        ],
        OperatorFiles =
        [
            new OperatorFile { Kind = OperatorFile.Passwords, Name = "staff", Path = "/auth/staff", Digest = "00ff", Text = "ops:x", Problem = "it cannot be read", Directives = "return" },
        ],
        Slots = Map(("nginx", new SlotAssignment(Map(("shop", new UpstreamSlots(4, Map(("k1", 1), ("k2", 3)))))))),
        Quarantined = Map((Id(1).Value, "template-error: …")),
        Acme = new AcmeAnswers { Thumbprints = Map(("letsencrypt", new string('t', 43))), Turned = Map(("*.example.com", "zerossl")) },
    };

    /// <summary>A running container with a value in every member.</summary>
    public static Container Shop(string name) => new()
    {
        Id = Id(name[^1] - '0'),
        Name = name,
        Image = new ImageReference("registry.example.com:5000", "my/shop", "2.1", "sha256:" + new string('c', 64)),
        State = ContainerState.Running,
        Health = HealthStatus.Starting,
        Created = Noon.AddHours(-2),
        Started = Noon.AddHours(-1),
        Labels = Map(("templater.host", "shop.example.com"), ("Ünïcode", "<\"quotes\"> \\ \t\0 \u2028 😀")),
        Env = Map(("VIRTUAL_HOST", "a.example.com")),
        Endpoints =
        [
            new Endpoint
            {
                NetworkName = "front", NetworkId = "n1", IPv4 = "172.20.0.3", IPv6 = "fd00::3", Gateway = "172.20.0.1",
                Aliases = ["shop", "web"], GatewayPriority = 2,
            },
        ],
        Ports = [new ContainerPort(53, "udp", 53), new ContainerPort(80, "tcp", 8080)],
        Mounts = [new Mount("bind", "vol", "/srv", "/data", ReadWrite: true)],
        NetworkMode = "front",
        User = "65532",
        StopSignal = "SIGQUIT",
        Compose = new ComposeIdentity("shop", "web", 1),
        Swarm = new SwarmIdentity("shop_web", "shop", "t1"),
    };

    /// <summary>A container id made of one digit.</summary>
    public static ContainerId Id(int number) => new(number.ToString("x64", CultureInfo.InvariantCulture));

    /// <summary>An ordinal map.</summary>
    public static ImmutableSortedDictionary<string, T> Map<T>(params (string Key, T Value)[] pairs) =>
        pairs.ToImmutableSortedDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.Ordinal);
}
