using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>A host with containers, to be rendered with a template.</summary>
internal sealed class Scenario
{
    public static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly List<Container> _containers = [];
    private readonly List<CertificatePair> _certificates = [];
    private readonly List<UnusablePair> _unusable = [];

    public ProxySettings Proxy { get; set; } = new();

    public RoutingPolicy Policy { get; set; } = new();

    /// <summary>True for HAProxy behind its master socket.</summary>
    public bool IsToldAtRunTime { get; set; }

    public ImmutableSortedDictionary<string, string> Values { get; set; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Who orders certificates next; null = nobody.</summary>
    public AcmeAnswers? Acme { get; set; }

    /// <summary>Reads the files that labels name; null = there are none.</summary>
    public OperatorFileReader? Files { get; set; }

    public Snapshot Snapshot => new()
    {
        TakenAt = Now,
        Acme = Acme,
        OperatorFiles = Files?.Read([.. _containers]) ?? [],
        Containers = [.. _containers.OrderBy(container => container.Name, StringComparer.Ordinal)],
        Networks = [new Network("net1", "front", "bridge", "local", false, false, ["172.20.0.0/16"])],
        Certificates = [.. _certificates.OrderBy(pair => pair.Name, StringComparer.Ordinal)],
        UnusableCertificates = [.. _unusable.OrderBy(pair => pair.Name, StringComparer.Ordinal)],
    };

    /// <summary>Adds a running container; its address follows from its number.</summary>
    public Scenario Add(string name, params (string Key, string Value)[] labels)
    {
        var number = _containers.Count + 2;
        _containers.Add(new Container
        {
            Id = new ContainerId(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(name)))),
            Name = name,
            Image = new ImageReference("", "my/" + (labels.Length > 0 ? "app" : "other"), "1", ""),
            State = ContainerState.Running,
            Created = Now.AddMinutes(-10),
            Started = Now.AddMinutes(-10),
            Labels = labels.ToImmutableSortedDictionary(label => label.Key, label => label.Value, StringComparer.Ordinal),
            Endpoints = [new Endpoint { NetworkName = "front", NetworkId = "net1", IPv4 = $"172.20.{number / 250}.{number % 250}" }],
            Ports = [new ContainerPort(8080, "tcp")],
        });
        return this;
    }

    /// <summary>Adds what somebody else made, and puts it on the network of all others.</summary>
    public Scenario Add(IEnumerable<Container> containers)
    {
        _containers.AddRange(containers.Select(static container => container with { Endpoints = [.. container.Endpoints.Select(static e => e.NetworkName == "front" ? e with { NetworkId = "net1" } : e)] }));
        return this;
    }

    /// <summary>Replaces a container by a changed copy.</summary>
    public void Change(string name, Func<Container, Container> change)
    {
        var index = _containers.FindIndex(container => container.Name == name);
        _containers[index] = change(_containers[index]);
    }

    /// <summary>Adds a pair with made-up paths, for checks that do not open it.</summary>
    public Scenario Certificate(string folder, string chain, string key, params string[] names)
    {
        _certificates.Add(new CertificatePair
        {
            Name = names[0],
            ChainPath = $"{folder}/{chain}",
            KeyPath = $"{folder}/{key}",
            Names = [.. names],
            NotBefore = Now.AddDays(-1),
            NotAfter = Now.AddDays(60),
            Fingerprint = new string('a', 64),
            ContentDigest = new string('b', 64),
            IsInHAProxyFolder = chain.StartsWith("haproxy/", StringComparison.Ordinal),
        });
        return this;
    }

    /// <summary>Adds a pair whose files are there and cannot be used, as any proxy would read it.</summary>
    public Scenario BadCertificate(string name)
    {
        _unusable.Add(new UnusablePair { Name = name, ChainPath = $"/certs/haproxy/{name}.pem", IsInHAProxyFolder = true, Names = [name], Problem = $"{name}.pem is empty." });
        return this;
    }

    public OutputDefinition Output(string template) => new()
    {
        Name = template,
        Kind = ShippedTemplates.Find(template)?.Kind ?? ProxyKind.Other,
        Template = template,
        Path = "/config/out",
        IsToldAtRunTime = IsToldAtRunTime,
        Proxy = Proxy.Version is null && ProxyPrograms.Newer(template.StartsWith("nginx", StringComparison.Ordinal) ? "nginx" : template) is { } newer ? Proxy with { Version = newer } : Proxy,
        Values = Values,
    };

    /// <summary>The template, loaded; it serves for all scenarios with the same settings.</summary>
    public OutputRenderer Renderer(string template)
    {
        var load = OutputRenderer.Load(Output(template), new DiskTemplateFiles());
        Assert.That(load.Renderer, Is.Not.Null, () => string.Join('\n', load.Diagnostics.Select(Templater.Language.DiagnosticFormatter.Format)) + string.Join('\n', load.Findings));
        return load.Renderer!;
    }

    public OutputRendering Render(string template, OutputRenderer? renderer = null) =>
        (renderer ?? Renderer(template)).Render(Snapshot, Policy, new ProxyHint.None(), CancellationToken.None);

    /// <summary>The rendered text; the test fails when there is none.</summary>
    public string Text(string template, OutputRenderer? renderer = null) => Encoding.UTF8.GetString(File(template, renderer).Content.Span);

    /// <summary>The rendered file; the test fails when there is none.</summary>
    public RenderedFile File(string template, OutputRenderer? renderer = null)
    {
        var rendering = Render(template, renderer);
        Assert.That(rendering.File, Is.Not.Null, () => string.Join('\n', rendering.Findings.Select(finding => finding.ToString())));
        return rendering.File!;
    }

    /// <summary>One of the hosts of the bigger scenarios.</summary>
    public static string Host(int number) => string.Create(CultureInfo.InvariantCulture, $"h{number}.example.com");
}
