using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Inventory;

public sealed class ContainerReaderTests
{
    private static readonly string Id = new('a', 64);

    private static readonly TestCaseData[] Names =
    [
        new(new[] { "/web" }, "web"),
        new(new[] { "/other/alias", "/web" }, "web"),
        new(new[] { "/other/alias" }, "aaaaaaaaaaaa"),
        new(Array.Empty<string>(), "aaaaaaaaaaaa"),
        new(new[] { "" }, "aaaaaaaaaaaa"),
        new(new[] { "/" }, "aaaaaaaaaaaa"),
    ];

    [TestCaseSource(nameof(Names))]
    public void DotegeW17AContainerHasANameEvenWithoutOne(string[] names, string expected) =>
        Assert.That(ContainerReader.Name(names, Id), Is.EqualTo(expected));

    [Test]
    public void WhatIsNoAddressIsNone()
    {
        var details = new ContainerInspect
        {
            Id = Id,
            Name = "/web",
            State = new Docker.Wire.ContainerState { Status = "running" },
            NetworkSettings = new ContainerNetworks
            {
                Networks = new Dictionary<string, EndpointSettings>
                {
                    ["a"] = new() { IPAddress = "1.2.3.4; return 200", GlobalIPv6Address = "FD00:0::1", Gateway = "::1" },
                    ["b"] = new() { IPAddress = "fd00::1", GlobalIPv6Address = "fe80::1%eth0" },
                },
            },
        };
        var endpoints = new ContainerReader(EnvFilter.Default).Read(details).Endpoints;
        Assert.That(endpoints.Select(static e => (e.IPv4, e.IPv6, e.Gateway)), Is.EqualTo(new[] { ("", "fd00::1", ""), ("", "", "") }));
    }

    [Test]
    public void ThousandsOfLabelsAndPortsAreBounded()
    {
        var row = new ContainerSummary
        {
            Id = Id,
            Names = ["/web"],
            State = "running",
            Labels = Enumerable.Range(0, 5000).ToDictionary(static i => $"l{i:d4}", static _ => new string('x', 10_000)),
            Ports = [.. Enumerable.Range(-10, 80_000).Select(static i => new PortSummary { PrivatePort = i, Type = "tcp" })],
        };
        var details = new ContainerReader(EnvFilter.Default).Read(new ContainerInspect { Id = Id, Name = "/web" });
        var container = ContainerReader.Merge(row, details);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(container.Labels, Has.Count.EqualTo(1000));
            Assert.That(container.Labels.Values, Has.All.Length.EqualTo(UntrustedText.MaxLength));
            Assert.That(container.Ports, Has.Length.EqualTo(4096));
            Assert.That(container.Ports[0].Number, Is.EqualTo(1));
        }
    }

    [Test]
    public void WhatTheReaderMakesIsCanonical()
    {
        var details = new ContainerInspect
        {
            Id = Id,
            Name = "/web",
            State = new Docker.Wire.ContainerState { Status = "running" },
            Config = new ContainerConfig
            {
                Env = ["VIRTUAL_PORT=1", "VIRTUAL_HOST=a"],
                ExposedPorts = ["90/tcp", "80/udp", "80/tcp", "80/tcp"],
                Labels = new Dictionary<string, string> { ["b"] = "1", ["B"] = "2", ["a"] = "3" },
            },
            Mounts = [new MountPoint { Destination = "/b" }, new MountPoint { Destination = "/a" }],
            NetworkSettings = new ContainerNetworks
            {
                Networks = new Dictionary<string, EndpointSettings> { ["z"] = new() { Aliases = ["y", "x", "y"] }, ["Z"] = new(), ["a"] = new() },
            },
        };
        var container = new ContainerReader(EnvFilter.Default).Read(details);
        var kept = SnapshotOrder.Canonical(container);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(kept.Labels.Keys, Is.EqualTo(container.Labels.Keys));
            Assert.That(kept.Env.Keys, Is.EqualTo(container.Env.Keys));
            Assert.That(kept.Ports, Is.EqualTo(container.Ports));
            Assert.That(kept.Mounts, Is.EqualTo(container.Mounts));
            Assert.That(kept.Endpoints.Select(static e => e.NetworkName), Is.EqualTo(container.Endpoints.Select(static e => e.NetworkName)));
            Assert.That(kept.Endpoints.SelectMany(static e => e.Aliases), Is.EqualTo(container.Endpoints.SelectMany(static e => e.Aliases)));
        }
    }
}
