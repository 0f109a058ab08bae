using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Which processes are another HAProxy beside the one that answers: 10 is its master, 11 its worker.</summary>
public sealed class HAProxyStraysTests
{
    private const string Own = "haproxy -W -db -S /run/m.sock,level,admin -f /config/haproxy.cfg";

    private static readonly ProcessPlace Here = new(1, "8:1");

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
        HAProxyStrays.Of("/run/m.sock", [new ProxyProcess(8, 0, "haproxy worker")], [Process(8, 1, "sh"), Process(20, 1, "haproxy")], static _ => Own, static _ => Here), Is.Empty);

    // As on a host whose HAProxy is the known one, beside a container with another: the same path is another file there.
    [TestCase(2, null, false, TestName = "{m}(a PID namespace of its own)")]
    [TestCase(1, "8:2", false, TestName = "{m}(another root directory)")]
    [TestCase(1, "8:1", true, TestName = "{m}(the same)")]
    [TestCase(null, null, true, TestName = "{m}(nothing known)")]
    public void OneOfAnotherContainerIsNone(int? depth, string? root, bool expected) =>
        Assert.That(Of(Own, parent: 1, new ProcessPlace(depth, root)), Is.EqualTo(expected ? [20] : Array.Empty<int>()));

    [TestCase("Name:\thaproxy\nNSpid:\t4711\t1\n", 2)]
    [TestCase("Name:\thaproxy\nNSpid:\t4711\n", 1)]
    [TestCase("Name:\thaproxy\n", null)]
    [TestCase(null, null)]
    public void HowDeepAProcessIsStandsInItsStatus(string? status, int? expected) => Assert.That(ProcTable.ParseDepth(status), Is.EqualTo(expected));

    [Test, Platform("Linux")]
    public void TheOwnPlaceIsKnown() =>
        Assert.That(ProcTable.PlaceOf(Environment.ProcessId), Has.Property(nameof(ProcessPlace.Depth)).Positive.And.Property(nameof(ProcessPlace.Root)).Match("^[0-9]+:[0-9]+$"));

    private static ImmutableArray<int> Of(string title, int parent, ProcessPlace? place = null) => HAProxyStrays.Of(
        "/run/m.sock",
        [new ProxyProcess(11, 0, "haproxy worker")],
        [Process(10, 1, "haproxy"), Process(11, 10, "haproxy"), Process(20, parent, "haproxy"), Process(21, 20, "haproxy"), Process(30, 1, "other")],
        pid => pid == 20 ? title : Own,
        pid => pid == 20 ? place ?? Here : Here);

    private static LocalProcess Process(int pid, int parent, string name) => new(pid, parent, name, pid);
}
