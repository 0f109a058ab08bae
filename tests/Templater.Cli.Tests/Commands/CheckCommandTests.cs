using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

public sealed class CheckCommandTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Test]
    public async Task GoodFilesAreCounted()
    {
        var run = await CommandRun.Of("check", _directory.Write("a.nginx.scriban", "ok"), _directory.Write("t.yaml", "http_port: 80\n"));
        Assert.That(run, Is.EqualTo(new CommandRun(0, "2 files, 0 errors\n", "")));
    }

    [Test]
    public async Task AMistakeIsShownWithItsLineAndWhatWasMeant()
    {
        var path = _directory.Write("site.nginx.scriban", "one\n{{ for c in containers }}{{ c.lables }}{{ end }}");
        var run = await CommandRun.Of("check", path, _directory.Write("t.yaml", "http_port: 80\n"));
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((3, "2 files, 1 error\n")));
        Assert.That(run.Error, Does.StartWith(path + ":2:").And.Contain("\"lables\" is not a member of container").And.Contain("^ did you mean \"labels\"?"));
    }

    [Test]
    public async Task SettingsAreCheckedToo()
    {
        var path = _directory.Write("t.yml", "http_prt: 80\nhttps_port: x\n");
        Assert.That(await CommandRun.Of("check", path), Is.EqualTo(new CommandRun(3, "1 file, 2 errors\n",
            $"error invalid-setting: {path}:1:1: http_prt is not a setting. Did you mean http_port?\n"
            + $"error invalid-setting: https_port=\"x\" ({path}:2:13): expected a number from 1 to 65535.\n")));
    }

    [Test]
    public async Task ContainersAreNoTemplate()
    {
        var path = _directory.Write("containers.json", "[]");
        Assert.That(await CommandRun.Of("check", path), Is.EqualTo(new CommandRun(3, "1 file, 1 error\n",
            $"error invalid-input: {path}: templates (*.scriban) and settings files (*.yaml, *.yml) are checked. Containers are checked by: templater render --template domains --from {path}\n")));
    }

    [Test]
    public async Task AMissingFileIsAnError() =>
        Assert.That((await CommandRun.Of("check", _directory["none.scriban"])).ExitCode, Is.EqualTo(3));

    [Test]
    public async Task WithoutFilesTheUsageIsWrong() => Assert.That((await CommandRun.Of("check")).ExitCode, Is.EqualTo(2));

    public void Dispose() => _directory.Dispose();
}
