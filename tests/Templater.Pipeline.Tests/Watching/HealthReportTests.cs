using Templater.Pipeline.Tests.Inventory;
using Templater.Pipeline.Watching;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Watching;

public sealed class HealthReportTests
{
    private static readonly DateTimeOffset Now = Snapshots.Noon;
    private static readonly OutputStatus Good = new("nginx", "/config/nginx.conf", "9f31", 1, "live", true, false, null, false, 3);

    private static readonly WatcherStatus Healthy = new()
    {
        Started = Now.AddHours(-1),
        Written = Now,
        Source = "unix:///x",
        LastCompleteSnapshot = Now.AddSeconds(-30),
        Outputs = [Good],
    };

    private static readonly TestCaseData[] Cases =
    [
        new(Healthy, null),
        new(null, "has not written its status yet"),
        new(Healthy with { LastCompleteSnapshot = null }, "nothing has been read completely from unix:///x yet"),
        new(Healthy with { LastCompleteSnapshot = Now.AddMinutes(-5) }, null),
        new(Healthy with { LastCompleteSnapshot = Now.AddMinutes(-6) }, "for 6 min"),
        new(Healthy with { Outputs = [] }, "no output has been looked at yet"),
        new(Healthy with { Outputs = [Good with { Exists = false }] }, "does not exist yet: /config/nginx.conf"),
        new(Healthy with { Outputs = [Good with { IsUnwritable = true }] }, "cannot be written: /config/nginx.conf"),
        new(Healthy with { Outputs = [Good with { OwedSince = Now.AddMinutes(-4) }] }, null),
        new(Healthy with { Outputs = [Good with { OwedSince = Now.AddMinutes(-6) }] }, "has not taken its configuration for 6 min"),
        new(Healthy with { Outputs = [Good with { OwedSince = Now.AddMinutes(-60), WaitsForProxy = true }] }, null),
        new(Healthy with { Outputs = [Good, Good with { Name = "domains", Exists = false }] }, "output domains"),
        new(Healthy with { Findings = [new FindingStatus("error", "template-error", "bad", null), new FindingStatus("warning", "invalid-host", "bad", "web")] }, null),
    ];

    [TestCaseSource(nameof(Cases))]
    public void OnlyAStaleSnapshotAnUnwritableOutputOrAnOldDebtIsUnhealthy(WatcherStatus? status, string? problem)
    {
        var report = HealthReport.Evaluate(status, Now, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.IsHealthy, Is.EqualTo(problem is null));
            Assert.That(string.Join('\n', report.Problems), problem is null ? Is.Empty : Does.Contain(problem));
        }
    }

    private static readonly TestCaseData[] LivenessCases =
    [
        new(Healthy, null),
        new(Healthy with { Started = Now.AddMinutes(-4), LastCompleteSnapshot = null, Outputs = [] }, null),
        new(Healthy with { Started = Now.AddMinutes(-4), Outputs = [Good with { Exists = false }] }, null),
        new(Healthy with { Started = Now.AddMinutes(-4), Outputs = [Good with { Exists = false, IsUnwritable = true }] }, "cannot be written: /config/nginx.conf"),
        new(Healthy with { Started = Now.AddMinutes(-6), LastCompleteSnapshot = null }, "nothing has been read completely from unix:///x yet"),
        new(Healthy with { Started = Now.AddMinutes(-6), Outputs = [Good with { Exists = false }] }, "does not exist yet"),
        new(Healthy with { LastCompleteSnapshot = Now.AddMinutes(-6) }, "for 6 min"),
    ];

    [TestCaseSource(nameof(LivenessCases))]
    public void WhatAProgramStillWaitsForAfterItsStartIsNoReasonToRestartIt(WatcherStatus status, string? problem)
    {
        var report = HealthReport.OfLiveness(status, Now, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
        Assert.That((report.IsHealthy, string.Join('\n', report.Problems)), Is.EqualTo((problem is null, string.Join('\n', report.Problems))));
        Assert.That(string.Join('\n', report.Problems), problem is null ? Is.Empty : Does.Contain(problem));
    }

    [Test]
    public void AnUnreadableEngineIsNamed()
    {
        var status = Healthy with { LastCompleteSnapshot = null, Findings = [new FindingStatus("error", "socket-denied", "cannot open it.", null)] };
        Assert.That(
            HealthReport.Evaluate(status, Now, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5)).Problems.Single(),
            Does.EndWith("(socket-denied: cannot open it.)"));
    }

    [Test]
    public async Task TheStatusFileIsReplacedAndReadBack()
    {
        using var directory = new TempDirectory();
        var file = new StatusFile(directory.Path);
        await file.WriteAsync(Healthy with { Containers = 1 }, CancellationToken.None);
        await file.WriteAsync(Healthy with { Containers = 2 }, CancellationToken.None);
        var read = file.Read();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read!.Containers, Is.EqualTo(2));
            Assert.That(read.Outputs, Is.EqualTo(new[] { Good }));
            Assert.That(read.LastCompleteSnapshot, Is.EqualTo(Healthy.LastCompleteSnapshot));
            Assert.That(Directory.GetFiles(directory.Path), Has.Length.EqualTo(1));
        }
    }

    [TestCase("")]
    [TestCase("rubbish")]
    [TestCase("{}")]
    [TestCase("null")]
    [TestCase("{\"format\":2,\"started\":\"2026-01-01T00:00:00Z\",\"written\":\"2026-01-01T00:00:00Z\",\"source\":\"x\"}")]
    public void AFileThatIsNoStatusOfThisVersionIsNone(string text)
    {
        using var directory = new TempDirectory();
        directory.Write(StatusFile.FileName, text);
        Assert.That(new StatusFile(directory.Path).Read(), Is.Null);
    }

    [Test]
    public void AMissingFileIsNone() => Assert.That(new StatusFile("/nowhere").Read(), Is.Null);
}
