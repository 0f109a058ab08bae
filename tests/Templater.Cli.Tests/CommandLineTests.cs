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
    [TestCase("error usage: --zzzzzzzz is not a flag of settings. See templater settings --help.\n", "settings", "--zzzzzzzz")]
    [TestCase("error usage: --http-port needs a value: expected a number from 1 to 65535.\n", "settings", "--http-port")]
    [TestCase("error usage: a\\nb was not expected here. See templater settings --help.\n", "settings", "a\nb")]
    [TestCase("error usage: --ipv6 needs a value: expected true or false.\n", "render", "--ipv6")]
    [TestCase("error usage: --ipv6 needs a value: expected true or false. -o is itself a flag.\n", "render", "--ipv6", "-o", "x")]
    [TestCase("error usage: --template needs a value: expected nginx, nginx-http, haproxy, centauri, domains, or a path that has a slash or ends in .scriban. --from is itself a flag.\n", "render", "--template", "--from", "x")]
    [TestCase("error usage: --from needs a value: --from FILE.\n", "render", "--template", "domains", "--from")]
    [TestCase("error usage: --set needs a value: --set KEY=VALUE.\n", "render", "--set")]
    [TestCase("error usage: --from was given 2 times and takes one value: \"a\", \"b\". Leave one.\n", "render", "--from", "a", "--from", "b")]
    [TestCase("error usage: --format=\"xml\": expected one of text, json.\n", "model", "--format", "xml")]
    [TestCase("error usage: SHELL=\"tcsh\": expected one of bash, zsh, fish.\n", "completion", "tcsh")]
    [TestCase("error usage: completion needs SHELL: The shell to print it for: bash, zsh, fish. See templater completion --help.\n", "completion")]
    [TestCase("error usage: check needs FILE: Templates (*.scriban) and settings files (*.yaml). See templater check --help.\n", "check")]
    [TestCase("error usage: certs roll-over needs CA: Name of the CA, as certs lists it. See templater certs roll-over --help.\n", "certs", "roll-over")]
    [TestCase("error usage: --set is not a flag of healthcheck. See templater healthcheck --help.\n", "healthcheck", "--set", "a=b")]
    [TestCase("error usage: there is no command and no reason rendr. Commands are run, render, check, explain, labels, snapshot, model, templates, settings, status, doctor, rollback, certs, healthcheck, completion, help. Did you mean render?\n", "help", "rendr")]
    [TestCase("error usage: there is no command and no reason no-prt. Commands are run, render, check, explain, labels, snapshot, model, templates, settings, status, doctor, rollback, certs, healthcheck, completion, help. Did you mean no-port?\n", "help", "no-prt")]
    [TestCase("error usage: --from -: run reads containers again whenever they change, and standard input only once. Write them to a file and name it, or use render --from -.\n", "run", "--template", "domains", "--from", "-")]
    public async Task WrongUsageIsOneLineWithTheNearestName(string expected, params string[] arguments) =>
        Assert.That(await CommandRun.Of(arguments), Is.EqualTo(new CommandRun(2, "", expected)));

    [Test]
    public async Task AWordThatBeginsWithAnAtSignIsAWord() =>
        Assert.That((await CommandRun.Of("check", "@x")).Error, Is.EqualTo("error template-error: there is no file ./@x.\n"));

    [TestCase("run")]
    [TestCase("render")]
    [TestCase("completion")]
    public async Task HelpTellsWhatTheFlagTells(string command)
    {
        var (asked, flag) = (await CommandRun.Of("help", command), await CommandRun.Of(command, "--help"));
        Assert.That(asked, Is.EqualTo(flag));
        Assert.That(asked.ExitCode, Is.Zero);
        Assert.That(asked.Output, Does.Contain($"templater {command}"));
    }

    [Test]
    public async Task HelpAloneListsTheCommands() => Assert.That(await CommandRun.Of("help"), Is.EqualTo(await CommandRun.Of("--help")));

    [Test]
    public async Task EveryTextOfHelpBeginsAlikeAndIsComplete()
    {
        using var signals = new ProcessSignals();
        var tree = CommandRun.Tree(signals);
        using (Assert.EnterMultipleScope())
        {
            foreach (var command in tree.Subcommands)
            {
                Assert.That(command.Description, Does.Match(@"^[A-Z].*\.$"), command.Name);
                foreach (var option in command.Options)
                    Assert.That(option.Description, Does.Match(@"^[A-Z].*[^.]$"), $"{command.Name} {option.Name}");
                foreach (var option in command.Options.Where(static option => option.ValueType != typeof(bool)))
                    Assert.That(option.HelpName, Does.Match("^([A-Z0-9=-]+|[a-z]+(\\|[a-z]+)+)$"), $"{command.Name} {option.Name}");
                foreach (var argument in command.Arguments)
                {
                    Assert.That(argument.Name, Is.EqualTo(argument.Name.ToUpperInvariant()), command.Name);
                    Assert.That(argument.Description, Does.Match(@"^[A-Z].*[^.]$"), command.Name);
                }
            }
        }

        foreach (var name in new[] { "run", "render" })
            Assert.That((await CommandRun.Of(name, "--help")).Output, Does.Contain("see templater settings").And.Contain("--set"));
        foreach (var name in new[] { "settings", "healthcheck", "check", "snapshot" })
            Assert.That((await CommandRun.Of(name, "--help")).Output, Does.Not.Contain("--set "), name);
        Assert.That((await CommandRun.Of("--help")).Output, Does.Not.Contain("/?").And.Not.Contain("/h"));
    }

    [Test]
    public async Task IllegalSettingsEndWithTheUsageCode() => Assert.That(
        await CommandRun.With(new() { ["TEMPLATER_HTTP_PORT"] = "x" }, "settings"),
        Is.EqualTo(new CommandRun(2, "", "error invalid-setting: http_port=\"x\" (TEMPLATER_HTTP_PORT): expected a number from 1 to 65535.\n")));
}
