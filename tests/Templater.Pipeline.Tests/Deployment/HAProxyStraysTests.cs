using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Which processes are another HAProxy beside the one that answers: 10 is its master, 11 its worker.</summary>
public sealed class HAProxyStraysTests
{
    private const string Own = "haproxy -W -db -S /run/m.sock,level,admin -f /config/haproxy.cfg";

    [TestCase("haproxy -sf 19 -x sockpair@3 -W -db -S /run/m.sock -f /other.cfg", true, TestName = "{m}(the same socket)")]
    [TestCase("haproxy -W -S /run/other.sock -f /config/haproxy.cfg", true, TestName = "{m}(the same file)")]
    [TestCase("haproxy -D -f /config/haproxy.cfg", true, TestName = "{m}(no master at all)")]
    [TestCase("haproxy -W -S /run/m.sock2 -f /other.cfg", false, TestName = "{m}(another socket and another file)")]
    [TestCase("haproxy -c -f /config/haproxy.cfg", false, TestName = "{m}(a check)")]
    [TestCase("haproxy -f", false, TestName = "{m}(nothing said)")]
    [TestCase("", false, TestName = "{m}(nothing to be seen)")]
    public void AnotherWithTheSameSocketOrFileIsOne(string title, bool expected) =>
        Assert.That(Of(title, parent: 1), Is.EqualTo(expected ? [20] : Array.Empty<int>()));

    [Test]
    public void AWorkerIsNone() => Assert.That(Of(Own, parent: 10), Is.Empty);

    [Test]
    public void OneWhoseWorkersAreNotSeenTellsNothing() => Assert.That(
        HAProxyStrays.Of("/run/m.sock", [new ProxyProcess(8, 0, "haproxy worker")], [Process(8, 1, "sh"), Process(20, 1, "haproxy")], static _ => Own), Is.Empty);

    private static ImmutableArray<int> Of(string title, int parent) => HAProxyStrays.Of(
        "/run/m.sock",
        [new ProxyProcess(11, 0, "haproxy worker")],
        [Process(10, 1, "haproxy"), Process(11, 10, "haproxy"), Process(20, parent, "haproxy"), Process(21, 20, "haproxy"), Process(30, 1, "other")],
        pid => pid == 20 ? title : Own);

    private static LocalProcess Process(int pid, int parent, string name) => new(pid, parent, name, pid);
}
