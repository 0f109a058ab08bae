using System.Collections.Immutable;
using System.Text;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Which version a configuration is written for.</summary>
public sealed class ProxyVersionsTests
{
    // The setting; else the checker and the image, of which the older one; else the oldest that is supported.
    [TestCase("1.18.0", "1.30.2", "1.29.4", "1.18.0", VersionSource.Setting)]
    [TestCase("1.31", "1.22.1", "1.22.1", "1.31", VersionSource.Setting)]
    [TestCase("1.25.1", null, null, "1.25.1", VersionSource.Setting)]
    [TestCase(null, "1.26.3", "1.30.2", "1.26.3", VersionSource.Checker)]
    [TestCase(null, "1.30.2", "1.26.3", "1.26.3", VersionSource.Image)]
    [TestCase(null, "1.30.2", "1.30", "1.30", VersionSource.Image)]
    [TestCase(null, "1.30.2", "1.30.2", "1.30.2", VersionSource.Checker)]
    [TestCase(null, "1.30.2", null, "1.30.2", VersionSource.Checker)]
    [TestCase(null, null, "1.29.4", "1.29.4", VersionSource.Image)]
    [TestCase(null, null, null, "1.22", VersionSource.Default)]
    public void TheOrderIsFixed(string? setting, string? checker, string? image, string expected, VersionSource source)
    {
        var proxy = Given.Proxy("edge") with { Image = new ImageReference("", "nginx", image ?? "latest", "") };
        var snapshot = Given.Snapshot(proxy) with
        {
            ProxyVersions = ImmutableSortedDictionary<string, ProxyVersion>.Empty
                .Add("nginx", new ProxyVersion(Parsed(setting), Parsed(checker)))
                .Add("another", new ProxyVersion(new Version(9, 9), null)),
        };
        var found = Located(snapshot, ProxyKind.Nginx);
        Assert.That((found.Version!.ToString(), found.VersionSource, found.ImageVersion?.ToString()), Is.EqualTo((expected, source, image)));
    }

    [TestCase(ProxyKind.Nginx, "1.22")]
    [TestCase(ProxyKind.HAProxy, "2.6")]
    [TestCase(ProxyKind.Centauri, null)]
    [TestCase(ProxyKind.Other, null)]
    public void WhereNothingTellsTheOldestIsAssumed(ProxyKind kind, string? expected) =>
        Assert.That(Located(Given.Snapshot(Given.Container("db")), kind).Version?.ToString(), Is.EqualTo(expected));

    [Test]
    public void TheSettingOfThisRunBeatsTheRecordedOne()
    {
        var snapshot = Given.Snapshot() with { ProxyVersions = ImmutableSortedDictionary<string, ProxyVersion>.Empty.Add("nginx", new ProxyVersion(new Version(1, 25), new Version(1, 26))) };
        Assert.That(ProxyLocator.Locate(snapshot, "nginx", ProxyKind.Nginx, new ProxyHint.None(), version: new Version(1, 30)).Version, Is.EqualTo(new Version(1, 30)));
    }

    // The environment, then the label, then the tag; what cannot be a version of that proxy is none.
    [TestCase("1.30", "", "", "nginx", "1.30")]
    [TestCase("1.30.1-alpine", "", "", "nginx", "1.30.1")]
    [TestCase("1", "", "", "library/nginx", null)]
    [TestCase("latest", "", "1.29.4", "nginx", "1.29.4")]
    [TestCase("1.30", "1.28.0", "1.29.4", "nginx", "1.29.4")]
    [TestCase("1.30", "1.28.0", "", "nginx", "1.28.0")]
    [TestCase("latest", "v1.28", "", "nginx", null)]
    [TestCase("1.26", "22.04", "", "ubuntu/nginx", "1.26")]
    [TestCase("2026.11", "", "", "my/nginx", null)]
    [TestCase("latest", "", "99.1", "nginx", null)]
    [TestCase("latest", "", "", "nginx", null)]
    [TestCase("1.6", "1.7", "", "my/edge", null)]
    [TestCase("1.2.3.4.5", "", "", "nginx", null)]
    [TestCase("99999999999.1", "", "", "nginx", null)]
    public void AContainerTellsItsVersion(string tag, string label, string variable, string repository, string? version)
    {
        var proxy = Given.Proxy().WithEnv(("NGINX_VERSION", variable)) with { Image = new ImageReference("", repository, tag, "") };
        proxy = proxy with { Labels = proxy.Labels.SetItem("org.opencontainers.image.version", label) };
        Assert.That(Located(Given.Snapshot(proxy), ProxyKind.Nginx).ImageVersion?.ToString(), Is.EqualTo(version));
    }

    [TestCase("3.2-alpine", "3.2")]
    [TestCase("24.04", null)]
    public void SoDoesHAProxy(string tag, string? version)
    {
        var proxy = Given.Container("edge", ("templater.proxy", "nginx")) with { Image = new ImageReference("", "haproxy", tag, "") };
        Assert.That(Located(Given.Snapshot(proxy), ProxyKind.HAProxy).ImageVersion?.ToString(), Is.EqualTo(version));
    }

    [Test]
    public void ItIsThatOfTheOldestProxy()
    {
        var older = Given.Proxy("b").Since(TimeSpan.FromDays(1)) with { Image = new ImageReference("", "nginx", "1.22", "") };
        Assert.That(Located(Given.Snapshot(Given.Proxy("a"), older), ProxyKind.Nginx).Version, Is.EqualTo(new Version(1, 22)));
    }

    [Test]
    public void WhatIsToldIsRecorded()
    {
        var snapshot = Given.Snapshot() with
        {
            ProxyVersions = ImmutableSortedDictionary<string, ProxyVersion>.Empty
                .Add("edge", new ProxyVersion(new Version(1, 30, 2), null)).Add("haproxy", new ProxyVersion(null, new Version(3, 2))).Add("x", new ProxyVersion(null, null)),
        };
        var bytes = SnapshotFile.ToBytes(snapshot);
        Assert.That(SnapshotFile.Read(bytes, "x").ProxyVersions, Is.EquivalentTo(snapshot.ProxyVersions.Remove("x")));
        Assert.That(Encoding.UTF8.GetString(SnapshotFile.ToBytes(snapshot with { ProxyVersions = snapshot.ProxyVersions.Clear() })), Does.Not.Contain("proxy_versions"));
        var damaged = Encoding.UTF8.GetString(bytes).Replace("\"3.2\"", "\"new\"", StringComparison.Ordinal);
        Assert.Throws<SnapshotFailedException>(() => SnapshotFile.Read(Encoding.UTF8.GetBytes(damaged), "x"));
    }

    [TestCase("nginx", ProxyKind.Nginx, "1.18", "the proxy is version 1.18; the shipped templates are written for nginx 1.22 and newer, so it may refuse them. Use a newer one, or a template of your own.")]
    [TestCase("haproxy", ProxyKind.HAProxy, "2.4.1", "the proxy is version 2.4.1; the shipped templates are written for HAProxy 2.6 and newer, so it may refuse them. Use a newer one, or a template of your own.")]
    [TestCase("nginx", ProxyKind.Nginx, "1.22", null)]
    [TestCase("haproxy", ProxyKind.HAProxy, "2.6.12", null)]
    public void OneThatIsTooOldIsSaid(string image, ProxyKind kind, string version, string? message)
    {
        var snapshot = Given.Snapshot(Given.Container("edge", ("templater.proxy", "nginx")) with { Image = new ImageReference("", image, version, "") });
        var findings = ProxyPreflight.Examine(snapshot, Located(snapshot, kind), "/x/y.conf").Where(static f => f.Reason == ReasonIds.ProxyVersion);
        Assert.That(findings.SingleOrDefault()?.Message, Is.EqualTo(message));
    }

    private static ProxyContext Located(Snapshot snapshot, ProxyKind kind) => ProxyLocator.Locate(snapshot, "nginx", kind, new ProxyHint.None());

    private static Version? Parsed(string? text) => text is null ? null : Version.Parse(text);
}
