using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Inventory.Engine;

namespace Templater.Pipeline.Tests.Inventory;

public sealed class OwnContainerTests
{
    private const string A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string B = "aaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    [TestCase($"644 631 8:1 /var/lib/docker/containers/{A}/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw", A)]
    [TestCase($"644 631 0:25 /containers/overlay-containers/{A}/userdata/hostname /etc/hostname rw - tmpfs tmpfs rw", A)]
    [TestCase($"644 631 8:1 /var/lib/docker/containers/{A}/resolv.conf /etc/resolv.conf rw - ext4 /dev/sda1 rw", A)]
    [TestCase($"644 631 8:1 /var/lib/docker/containers/{A} /inspected rw - ext4 /dev/sda1 rw", null)]
    [TestCase($"644 631 8:1 /lib/{A}aa/hostname /etc/hostname rw - ext4 /dev/sda1 rw", null)]
    [TestCase("644 631 8:1 / /etc/hostname rw - ext4 /dev/sda1 rw", null)]
    [TestCase("rubbish\n\n1 2 3", null)]
    public void MountsTellTheId(string text, string? id) =>
        Assert.That(OwnContainer.FromMountInfo(text).FirstOrDefault(), Is.EqualTo(id));

    [TestCase($"12:pids:/docker/{A}", A)]
    [TestCase($"0::/system.slice/docker-{A}.scope", A)]
    [TestCase($"1:name=systemd:/docker/{A}/docker/{B}", B)]
    [TestCase($"0::/machine.slice/libpod-{A}.scope/container", A)]
    [TestCase("0::/", null)]
    [TestCase("", null)]
    public void ControlGroupsTellTheId(string text, string? id) =>
        Assert.That(OwnContainer.FromCgroup(text).FirstOrDefault(), Is.EqualTo(id));

    [TestCase("aaaaaaaaaaaa", true)]
    [TestCase("web-1", false)]
    [TestCase("abc", false)]
    [TestCase("AAAAAAAAAAAA", false)]
    public void AHostNameThatLooksLikeAShortIdIsACandidate(string name, bool isOne) =>
        Assert.That(OwnContainer.FromHostName(name).Any(), Is.EqualTo(isOne));

    [Test]
    public void ACandidateCountsOnlyWhenItMeansExactlyOneListedContainer()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(OwnContainer.Find(["aaaaaaaaaaaa"], [A, B]), Is.Null);
            Assert.That(OwnContainer.Find(["aaaaaaaaaaaab"], [A, B]), Is.EqualTo(new ContainerId(B)));
            Assert.That(OwnContainer.Find(["cccccccccccc", A], [A, B]), Is.EqualTo(new ContainerId(A)));
            Assert.That(OwnContainer.Find([], [A]), Is.Null);
        }
    }
}

public sealed class EventWordsTests
{
    [TestCase("create", "web created", false)]
    [TestCase("start", "web started", false, LifecycleSign.Started)]
    [TestCase("die", "web ended (exit 137)", true, LifecycleSign.Ended)]
    [TestCase("stop", "web stopped", true)]
    [TestCase("destroy", "web removed", true, LifecycleSign.Ended)]
    [TestCase("rename", "web renamed", true)]
    [TestCase("pause", "web paused", true)]
    [TestCase("unpause", "web resumed", false)]
    [TestCase("update", "web updated", false)]
    [TestCase("health_status: healthy", "web is healthy", false)]
    [TestCase("health_status: unhealthy", "web is unhealthy", true)]
    [TestCase("something new", "web something new", true)]
    public void ContainerEventsHaveWords(string action, string text, bool explains, LifecycleSign sign = LifecycleSign.None)
    {
        var change = Read("container", action, ("name", "web"), ("exitCode", "137"));
        Assert.That(change, Is.EqualTo(new SourceChange(SourceChangeKind.Event, new ContainerId("id"), "web", text, explains) { Sign = sign, Expects = action == "unpause" ? new(new ContainerId("id"), null) : null }));
    }

    [TestCase("connect", "web joined front", false)]
    [TestCase("disconnect", "web left front", true)]
    public void NetworkEventsNameTheContainerOfTheList(string action, string text, bool explains)
    {
        var change = Read("network", action, ("name", "front"), ("container", "id"));
        Assert.That(change, Is.EqualTo(new SourceChange(SourceChangeKind.Event, new ContainerId("id"), "web", text, explains) { IsStep = true, Expects = action == "connect" ? new(new ContainerId("id"), "n1") : null }));
    }

    [TestCase("1", false)]
    [TestCase("12", false)]
    [TestCase("15", true)]
    [TestCase("9", true)]
    public void AReloadSignalIsNoHintAndAStopSignalIs(string signal, bool isHint) =>
        Assert.That(Read("container", "kill", ("name", "web"), ("signal", signal)) is not null, Is.EqualTo(isHint));

    [TestCase("15", "", true)]
    [TestCase("2", "", true)]
    [TestCase("3", "", true)]
    [TestCase("9", "", true)]
    [TestCase("SIGTERM", "", true)]
    [TestCase("term", "", true)]
    [TestCase("1", "", false)]
    [TestCase("10", "", false)]
    [TestCase("12", "", false)]
    [TestCase("6", "", false)]
    [TestCase("", "", false)]
    [TestCase("nonsense", "nonsense", false)]
    [TestCase("10", "SIGUSR1", true)]
    [TestCase("10", "USR1", true)]
    [TestCase("28", "SIGWINCH", true)]
    [TestCase("1", "SIGQUIT", false)]
    [TestCase("37", "SIGRTMIN+3", true)]
    [TestCase("15", "SIGQUIT", true)]
    public void TheFirstSignOfStoppingIsASignalThatStops(string signal, string stopSignal, bool stops) =>
        Assert.That(
            Read(stopSignal, "container", "kill", ("name", "web"), ("signal", signal))?.Sign == LifecycleSign.Stopping,
            Is.EqualTo(stops));

    [Test]
    public void ANameCannotForgeALogLine()
    {
        var change = Read("container", "start", ("name", "a\nerror everything: " + new string('x', 1000)));
        Assert.That(change!.Text, Does.Not.Contain("\n").And.Length.LessThanOrEqualTo(SourceChange.MaxTextLength));
    }

    [Test]
    public void OtherTypesAreNoHints() => Assert.That(Read("image", "pull"), Is.Null);

    private static SourceChange? Read(string type, string action, params (string Key, string Value)[] attributes) => Read("", type, action, attributes);

    private static SourceChange? Read(string stopSignal, string type, string action, params (string Key, string Value)[] attributes) => EventWords.Read(
        new DockerEvent
        {
            Type = type,
            Action = action,
            Actor = new EventActor { ID = type == "container" ? "id" : "n1", Attributes = attributes.ToDictionary(static a => a.Key, static a => a.Value) },
        },
        static _ => "web",
        _ => stopSignal);
}

public sealed class BackoffTests
{
    [Test]
    public void WaitsDoubleUpToTheLongest()
    {
        var backoff = new Backoff();
        var waits = Enumerable.Range(0, 9).Select(_ => backoff.Next().TotalSeconds).ToList();
        Assert.That(waits, Is.EqualTo(new[] { 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10 }));
    }

    [TestCase(9, 0.4)]
    [TestCase(10, 0.1)]
    public void OnlyAHealthyConnectionStartsThemAnew(int seconds, double next)
    {
        var backoff = new Backoff();
        backoff.Next();
        backoff.Next();
        backoff.Connected(TimeSpan.FromSeconds(seconds));
        Assert.That(backoff.Next().TotalSeconds, Is.EqualTo(next));
    }
}
