namespace Templater.Cli.Tests;

public sealed class CommandLineTests
{
    [Test]
    public async Task TheVersionIsPrinted() => Assert.That(await CommandRun.Of("--version"), Is.EqualTo(new CommandRun(0, "1.0.0\n", "")));

    [Test]
    public async Task WithoutACommandItSaysSoAndHowToGoOn()
    {
        var run = await CommandRun.Of();
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((2, "")));
        Assert.That(run.Error, Does.StartWith("error usage: a command was expected.\n").And.Contain("Commands:"));
    }

    [TestCase("error usage: settigns was not expected here. Did you mean settings?\n", "settigns")]
    [TestCase("error usage: --http-prt is not a flag of settings. Did you mean --http-port?\n", "settings", "--http-prt", "80")]
    [TestCase("error usage: --http-prt is not a flag of settings. Did you mean --http-port?\n", "settings", "--http-prt=80")]
    [TestCase("error usage: --zzzzzzzz is not a flag of settings.\n", "settings", "--zzzzzzzz")]
    [TestCase("error usage: Required argument missing for option: '--http-port'.\n", "settings", "--http-port")]
    [TestCase("error usage: a\\nb was not expected here.\n", "settings", "a\nb")]
    public async Task WrongUsageIsOneLineWithTheNearestName(string expected, params string[] arguments) =>
        Assert.That(await CommandRun.Of(arguments), Is.EqualTo(new CommandRun(2, "", expected)));

    [Test]
    public async Task IllegalSettingsEndWithTheUsageCode() => Assert.That(
        await CommandRun.With(new() { ["TEMPLATER_HTTP_PORT"] = "x" }, "settings"),
        Is.EqualTo(new CommandRun(2, "", "error invalid-setting: http_port=\"x\" (TEMPLATER_HTTP_PORT): expected a number from 1 to 65535.\n")));
}
