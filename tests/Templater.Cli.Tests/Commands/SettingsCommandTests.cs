using System.Text.Json;
using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

public sealed class SettingsCommandTests
{
    [Test]
    public async Task TheTableWithDefaultsIsAsAccepted() => Golden.Verify((await CommandRun.Of("settings")).Output, "settings.txt");

    [Test]
    public async Task ValuesAreShownWithTheirSource()
    {
        var run = await CommandRun.With(new() { ["TEMPLATER_HTTP_PORT"] = "8080" }, "settings", "--https-port", "8443");
        Assert.That(run.Output, Does.Match(@"(?m)^http_port +8080 +TEMPLATER_HTTP_PORT$").And.Match("(?m)^https_port +8443 +--https-port$"));
    }

    [TestCase("text")]
    [TestCase("json")]
    public async Task SecretsAreMasked(string format)
    {
        var run = await CommandRun.With(new() { ["TEMPLATER_ACME_EAB_HMAC"] = "hunter2" }, "settings", "--format", format);
        Assert.That(run.Output + run.Error, Does.Contain("(secret)").And.Not.Contain("hunter2"));
    }

    [Test]
    public async Task JsonHasOneObjectForEachSetting()
    {
        using var json = JsonDocument.Parse((await CommandRun.Of("settings", "--format", "json")).Output);
        Assert.That(json.RootElement.EnumerateArray().First().GetProperty("setting").GetString(), Is.EqualTo("docker_host"));
    }

    [Test]
    public async Task ValuesOfSeveralOutputsAreListedBelow()
    {
        using var directory = new TempDirectory();
        var path = directory.Write("t.yaml", "outputs:\n  nginx: { template: nginx, values: { a: 1 } }\n  domains: { template: domains, reload: none }\n");
        var run = await CommandRun.Of("settings", "--config", path);
        Assert.That(run.Output, Does.Match("(?m)^outputs.domains.reload +none +.*t.yaml:3:41$").And.Match("(?m)^outputs.nginx.values.a +1$"));
    }

    [Test]
    public async Task SettingsWithoutEffectAreWarnedAbout()
    {
        var run = await CommandRun.With(new() { ["TEMPLATER_ACME_PLACEHOLDER"] = "true" }, "settings");
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0,
            "warning setting-not-in-effect: acme_placeholder (TEMPLATER_ACME_PLACEHOLDER) has no effect: no certificates are obtained without acme_email.\n")));
    }
}
