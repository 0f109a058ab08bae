using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

public sealed class SnapshotCommandTests : IDisposable
{
    private const string Inspect = """
        [{"Id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","Name":"/shop","Created":"2026-01-01T00:00:00Z",
        "State":{"Status":"running"},"Image":"sha256:1","Config":{"Image":"my/shop","Env":["PASSWORD=hunter2","VIRTUAL_HOST=a.example.com"],"Labels":{}},
        "HostConfig":{},"NetworkSettings":{"Networks":{}},"Mounts":[]}]
        """;

    private readonly TempDirectory _directory = new();

    [Test]
    public async Task ItKeepsOfTheEnvironmentOnlyWhatIsRead()
    {
        var run = await CommandRun.Of("snapshot", "--from", _directory.Write("c.json", Inspect));
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("VIRTUAL_HOST").And.Contain("shop").And.Not.Contain("hunter2"));
    }

    [Test]
    public async Task ItReadsStandardInput()
    {
        var (fed, named) = (await CommandRun.Fed(Inspect, "snapshot", "--from", "-"), await CommandRun.Of("snapshot", "--from", _directory.Write("c.json", Inspect)));
        Assert.That((fed.ExitCode, fed), Is.EqualTo((0, named)));
    }

    [Test]
    public async Task ItWritesAFileThatItReadsBackUnchanged()
    {
        var first = _directory["first.json"];
        var code = (await CommandRun.Of("snapshot", "--from", _directory.Write("c.json", Inspect), "--output", first)).ExitCode;
        var again = await CommandRun.Of("snapshot", "--from", first);
        Assert.That((code, again.Output), Is.EqualTo((0, _directory.Read("first.json"))));
    }

    [Test]
    public async Task AFileThatIsNoSnapshotIsInvalid()
    {
        var run = await CommandRun.Of("snapshot", "--from", _directory.Write("c.json", "{"));
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((3, "")));
        Assert.That(run.Error, Does.StartWith("error invalid-input: ").And.Contain("c.json"));
    }

    [Test]
    public async Task AMissingFileIsInvalid() => Assert.That((await CommandRun.Of("snapshot", "--from", _directory["none"])).ExitCode, Is.EqualTo(3));

    [Test]
    public async Task AnUnwritableOutputIsTheEnvironmentsFault()
    {
        var run = await CommandRun.Of("snapshot", "--from", _directory.Write("c.json", Inspect), "--output", "/proc/none/x");
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((4, run.Error)));
        Assert.That(run.Error, Does.StartWith("error output-denied: cannot write /proc/none/x: "));
    }

    public void Dispose() => _directory.Dispose();
}
