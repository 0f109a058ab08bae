using System.Text.Json;
using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

/// <summary>Rendering once: what comes out, and what is refused.</summary>
public sealed class RenderCommandTests : RenderFixture
{
    [Test]
    public async Task TheResultGoesToStandardOutput() =>
        Assert.That(await Render(Listing), Is.EqualTo(new CommandRun(0, "shop.example.com\n", "")));

    [TestCase("shop.example.com\n", 0, "")]
    [TestCase("old.example.com\n", 1, "@@ -1 +1 @@\n-old.example.com\n+shop.example.com\n")]
    public async Task DiffTellsWhetherItIsWhatWasCommitted(string committed, int code, string hunks)
    {
        var path = Scratch.Write("expected.txt", committed);
        var expected = hunks.Length == 0 ? "" : $"--- {path}\n+++ rendered\n{hunks}";
        Assert.That(await Render(Listing, "--diff", path), Is.EqualTo(new CommandRun(code, expected, "")));
    }

    [Test]
    public async Task ContainersComeFromStandardInputToo() => Assert.That(
        await CommandRun.Fed(Scratch.Read("containers.json"), "render", "--template", "domains", "--from", "-"),
        Is.EqualTo(new CommandRun(0, "shop.example.com\n", "")));

    [Test]
    public async Task WhatIsWrongWithStandardInputIsCalledByThatName()
    {
        var empty = await CommandRun.Fed("", "render", "--template", "domains", "--from", "-");
        Assert.That((empty.ExitCode, empty.Error), Is.EqualTo((3, "error invalid-input: standard input:1:1: a recorded snapshot, the output of docker inspect, or lines of docker ps --no-trunc --format json was expected, but it is empty. Write it with: templater snapshot, or docker inspect $(docker ps -q).\n")));
        var cut = await CommandRun.Fed(Scratch.Read("containers.json")[..150], "render", "--template", "domains", "--from", "-");
        Assert.That(cut.ExitCode, Is.EqualTo(3));
        Assert.That(cut.Error, Does.Match("^error invalid-input: standard input:1:[0-9]+: .* so it was cut off; write it anew\\.\n$"));
    }

    [Test]
    public async Task AMistakeInTheTemplateIsShownWithItsPlaceAndWhatWasMeant()
    {
        var run = await Render("{{# format: plain #}}\n{{ for c in containers }}{{ c.lables[\"team\"] }}{{ end }}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((run.ExitCode, run.Output), Is.EqualTo((3, "")));
            Assert.That(run.Error, Does.Contain("site.scriban:2:").And.Contain("\"lables\" is not a member of container").And.Contain("did you mean \"labels\"?"));
        }
    }

    [Test]
    public async Task AMistakeInTheTemplateIsOneJsonObject()
    {
        var run = await Render("{{# format: plain #}}\n{{ for c in containers }}{{ c.lables }}{{ end }}", "--format", "json");
        using var json = JsonDocument.Parse(run.Error);
        Assert.That((json.RootElement.GetProperty("reason").GetString(), run.ExitCode), Is.EqualTo(("template-error", 3)));
    }

    [Test]
    public async Task ATextOfAContainerPrintedUnquotedIsRefused()
    {
        var run = await Render("{{# format: nginx #}}\n# {{ containers[0].name }}\n");
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((3, "")));
        Assert.That(run.Error, Does.Contain("site.scriban:2:"));
    }

    [Test]
    public async Task AMissingTemplateIsInvalid()
    {
        var run = await CommandRun.Of("render", "--template", Scratch["none.scriban"], "--from", Recorded);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((3, $"error template-error: there is no file {Scratch["none.scriban"]}.\n")));
    }

    [Test]
    public async Task StrictRefusesWhatWouldOnlyBeWarnedAbout()
    {
        Scratch.Write("containers.json", Containers("admin", "templater.host", "admin.example.com", "\"3000/tcp\":{},\"9090/tcp\":{}"));
        var (loose, strict) = (await Render(Listing), await Render(Listing, "--strict"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loose.ExitCode, Is.Zero);
            Assert.That(loose.Error, Does.StartWith("containers.json: warning port-ambiguous: container \"admin\""));
            Assert.That(strict.ExitCode, Is.EqualTo(3));
            Assert.That(strict.Error, Does.EndWith("1 container refused (--strict)\n"));
        }
    }

    [Test]
    public async Task StrictAcceptsAContainerThatAskedForNothing()
    {
        Scratch.Write("containers.json", Containers("db", "other", "x"));
        Assert.That((await Render(Listing, "--strict")).ExitCode, Is.Zero);
    }

    [TestCase("true", 0)]
    [TestCase("false", 3)]
    public async Task ValidateRunsTheCheckerOnTheResult(string program, int code) =>
        Assert.That((await Render(Listing, "--validate", $"command:/bin/{program}")).ExitCode, Is.EqualTo(code));

    [Test]
    public async Task ValidateWithoutACheckerIsTheEnvironmentsFault()
    {
        var run = await Render(Listing, "--validate");
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((4, run.Error)));
        Assert.That(run.Error, Does.StartWith("error checker-failed: "));
    }

    [Test]
    public async Task ValuesReachTheTemplate() =>
        Assert.That((await Render("{{# format: plain #}}{{ values.team }}", "--set", "team=web")).Output, Is.EqualTo("web"));

    [TestCase("{{# format: plain #}}{{ values.http_port }}", "8080", false)]
    [TestCase("{{# format: plain #}}{{ values?.http_port ?? 1 }}", "8080", false)]
    [TestCase("{{# format: plain #}}{{ values['http_port'] }}", "8080", false)]
    [TestCase("{{# format: plain #}}{{ values.http_port2 ?? 'x' }}", "x", true)]
    [TestCase("{{# format: plain #}}no", "no", true)]
    public async Task AValueThatIsNamedLikeASettingAndReadByNobodyIsWarnedAbout(string template, string output, bool isWarned)
    {
        var run = await Render(template, "--set", "http_port=8080");
        Assert.That(run, Is.EqualTo(new CommandRun(0, output, isWarned
            ? $"warning setting-not-in-effect: --set http_port=… only makes a value that templates see as values.http_port, which {Scratch["site.scriban"]} does not read; the setting http_port stays as it is. Did you mean --http-port?\n"
            : "")));
    }

    [TestCase("nginx", "http-port")]
    [TestCase("haproxy", "ipv6")]
    [TestCase("domains", "TEMPLATE")]
    public async Task NoShippedTemplateReadsAValueThatIsNamedLikeASetting(string template, string name) => Assert.That(
        (await CommandRun.Of("render", "--template", template, "--from", Recorded, "--certs-dir", Scratch["certs"], "--set", name + "=1")).Error,
        Does.Contain($"--set {name}=… only makes a value"));

    [Test]
    public async Task WithoutATemplateTheUsageIsWrong()
    {
        var run = await CommandRun.Of("render", "--from", Recorded);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((2, "")));
        Assert.That(run.Error, Does.Contain("TEMPLATER_TEMPLATE"));
    }

    [Test]
    public async Task SeveralOutputsMustBeChosenFrom()
    {
        var path = Scratch.Write("t.yaml", "outputs: { a: { template: nginx }, b: { template: domains } }");
        var run = await CommandRun.Of("render", "--config", path, "--from", Recorded);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((2, "error invalid-setting: the settings have 2 outputs (a, b); choose one with --template.\n")));
    }

    [Test]
    public async Task AnEngineThatForbidsACallIsNamedWithTheCall()
    {
        await using var engine = new FakeDockerEngine();
        engine.Faults.Fail("/networks", 403, "forbidden");
        engine.AddContainer("shop", container => container.Network("front"));
        var run = await CommandRun.Of("render", "--template", "domains", "--docker-host", engine.Host, "--certs-dir", Scratch.Path);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((run.ExitCode, run.Output), Is.EqualTo((4, "")));
            Assert.That(run.Error, Does.StartWith("error call-forbidden: ").And.Contain("GET /networks (403)").And.Contain("Needed for: choosing networks."));
        }
    }

    [Test]
    public async Task ALiveEngineAndItsSnapshotRenderTheSame()
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("shop", container => container.Label("templater.host", "shop.example.com").Expose(8080).Network("front"));
        engine.AddContainer("api", container => container.Label("templater.host", "api.example.com").Expose(8080).Network("front"));
        string[] common = ["--docker-host", engine.Host, "--certs-dir", Scratch["certs"], "--state-dir", Scratch["state"]];
        var live = await CommandRun.Of(["render", "--template", "nginx", .. common]);
        await CommandRun.Of(["snapshot", "--output", Scratch["snapshot.json"], .. common]);
        var recorded = await CommandRun.Of("render", "--template", "nginx", "--from", Scratch["snapshot.json"]);
        Assert.That(live.ExitCode, Is.Zero, live.Error);
        Assert.That(recorded.Output, Is.EqualTo(live.Output));
    }
}
