using System.Text.Json;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>nginx-proxy's debug endpoint: who has it, and what stands in it.</summary>
public sealed class DebugAnswerTests
{
    private const string Label = "com.github.nginx-proxy.nginx-proxy.debug-endpoint";
    private const string Place = "location /nginx-proxy-debug {";
    private const string Start = "set $templater_debug ";

    [TestCase(true, null, true)]
    [TestCase(true, "false", false)]
    [TestCase(true, "no idea", true)]
    [TestCase(false, null, false)]
    [TestCase(false, "true", true)]
    [TestCase(false, "no idea", false)]
    public async Task TheLabelBeatsTheVariable(bool isOn, string? label, bool isThere)
    {
        var text = With(isOn, label).Text("nginx-http");
        Assert.That(text.Contains(Place, StringComparison.Ordinal), Is.EqualTo(isThere));
        await RealChecker.AcceptsNginx(Around(text));
    }

    [Test]
    public void OutsideCompatThereIsNone()
    {
        var scenario = With(false, "true");
        scenario.Policy = scenario.Policy with { NginxProxy = null };
        Assert.That(scenario.Text("nginx-http"), Does.Not.Contain("nginx-proxy-debug"));
    }

    [Test]
    public void ItHasTheirMembersAndNothingOfTheEnvironment()
    {
        var scenario = With(true, null);
        scenario.Change("app", static container => container with { Env = container.Env.SetItem("TOKEN", "hidden"), Labels = container.Labels.SetItem("secret", "hidden") });
        var text = scenario.Text("nginx-http");
        using var answer = Answer(text);
        var (global, vhost) = (answer.RootElement.GetProperty("global"), answer.RootElement.GetProperty("vhost"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(text, Does.Not.Contain("hidden"));
            Assert.That(global.GetProperty("enable_debug_endpoint").GetString(), Is.EqualTo("true"));
            Assert.That(vhost.GetProperty("enable_debug_endpoint").GetBoolean(), Is.True);
            Assert.That(vhost.GetProperty("hostname").GetString(), Is.EqualTo("app.example.com"));
            Assert.That(vhost.GetProperty("https_method").GetString(), Is.EqualTo("noredirect"), "there is no certificate");
            Assert.That(vhost.GetProperty("cert").GetString(), Is.Empty);
            Assert.That(vhost.GetProperty("cert_ok").GetBoolean(), Is.False);
            Assert.That(vhost.GetProperty("upstream_name").GetString(), Is.EqualTo("app.example.com"));
            Assert.That(vhost.GetProperty("paths").GetProperty("/").GetProperty("ports").GetProperty("8080")[0].GetProperty("Name").GetString(), Is.EqualTo("app"));
        }
    }

    [Test]
    public void TheTextOfAnExpressionIsNotShown()
    {
        var scenario = With(true, null);
        Variable(scenario, "VIRTUAL_HOST", "~^app\\d+\\.example\\.com$");
        using var answer = Answer(scenario.Text("nginx-http"));
        Assert.That(answer.RootElement.GetProperty("vhost").GetProperty("hostname").GetString(), Is.EqualTo("Hostname is a regexp and unsafe to include in the debug response."));
    }

    [Test]
    public async Task PathsThatAreTooMuchForNginxAreLeftOut()
    {
        var scenario = With(true, null);
        Variable(scenario, "VIRTUAL_HOST_MULTIPORTS", "app.example.com:\n" + string.Join('\n', Enumerable.Range(0, 60).Select(static number => $"  /p{number}: {{port: 8080}}")));
        var text = scenario.Text("nginx-http");
        using var answer = Answer(text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.RootElement.GetProperty("vhost").TryGetProperty("paths", out _), Is.False);
            Assert.That(answer.RootElement.GetProperty("warning").GetString(), Is.EqualTo("Virtual paths configuration for this hostname is too large and has been stripped from response."));
        }

        await RealChecker.AcceptsNginx(Around(text));
    }

    [Test]
    public async Task WhatIsTooMuchInAllIsOnlyAWarning()
    {
        var scenario = With(true, null);
        scenario.Policy = scenario.Policy with { NginxProxy = new NginxProxyCompat { ShowsDebug = true, LogFormat = new string('"', 1900) } };
        var text = scenario.Text("nginx-http");
        using var answer = Answer(text);
        Assert.That(answer.RootElement.EnumerateObject().Select(static member => member.Name), Is.EqualTo(new[] { "warning" }));
        await RealChecker.AcceptsNginx(Around(text));
    }

    /// <summary>A path of an application, which anybody may have, is not taken from it; nginx would refuse the file, too.</summary>
    [TestCase("/nginx-proxy-debug", false)]
    [TestCase("^~ /nginx-proxy-debug", false)]
    [TestCase("= /nginx-proxy-debug", true)]
    [TestCase("/nginx-proxy-debug/", true)]
    [TestCase("~ ^/nginx-proxy-debug", true)]
    public async Task ARouteAtThatPlaceStays(string path, bool isThere)
    {
        var scenario = With(true, null);
        Variable(scenario, "VIRTUAL_PATH", path);
        var text = scenario.Text("nginx-http");
        Assert.That(text.Contains("$templater_debug ", StringComparison.Ordinal), Is.EqualTo(isThere));
        await RealChecker.AcceptsNginx(Around(text));
    }

    /// <summary>What containers write cannot leave the text that it stands in.</summary>
    [TestCase("VIRTUAL_PATH", "/a'b")]
    [TestCase("VIRTUAL_PATH", "/$host")]
    [TestCase("VIRTUAL_PATH", "~ ^/(a|b)\"{2}$")]
    [TestCase("VIRTUAL_PATH", "~ \\\\")]
    [TestCase("VIRTUAL_DEST", "/$request_uri")]
    [TestCase("HSTS", "max-age=5; \"preload\"")]
    public async Task TextsOfContainersStayTexts(string name, string value)
    {
        var scenario = With(true, null);
        Variable(scenario, name, value);
        var text = scenario.Text("nginx-http");
        if (text.Contains(Place, StringComparison.Ordinal))
            using (Answer(text))
                Assert.That(text.Split(Start)[1].Split('\n')[1].Trim(), Does.StartWith("return 200 '"));
        await RealChecker.AcceptsNginx(Around(text));
    }

    [Test]
    public void OfTwoThatDisagreeTheOlderHoldsAndThatIsSaid()
    {
        var scenario = With(false, "true").Add("later");
        scenario.Change("app", static container => container with { Created = Scenario.Now.AddHours(-1) });
        scenario.Change("later", static container => container with { Env = container.Env.SetItem("VIRTUAL_HOST", "app.example.com"), Labels = container.Labels.SetItem(Label, "false") });
        scenario.Policy = scenario.Policy with { Conflict = ConflictRule.Merge };
        var rendering = scenario.Render("nginx-http");
        Assert.That(rendering.Routing.Findings.Select(static finding => finding.Reason), Does.Contain(ReasonIds.ConflictValue));
        Assert.That(scenario.Text("nginx-http"), Does.Contain(Place));
        scenario.Change("later", static container => container with { Created = Scenario.Now.AddDays(-1) });
        Assert.That(scenario.Text("nginx-http"), Does.Not.Contain(Place));
    }

    // The text as nginx reads it.
    private static JsonDocument Answer(string text)
    {
        var line = text.Split(Start)[1].Split('\n')[0];
        var inner = line[1..^2].Replace("${templater_dollar}", "$", StringComparison.Ordinal);
        return JsonDocument.Parse("{" + System.Text.RegularExpressions.Regex.Replace(inner, "\\\\([\\\\\"'])", "$1"));
    }

    private static Scenario With(bool isOn, string? label)
    {
        var scenario = new Scenario { Policy = new RoutingPolicy { NginxProxy = new NginxProxyCompat { ShowsDebug = isOn } } }.Add("app");
        Variable(scenario, "VIRTUAL_HOST", "app.example.com");
        if (label is not null)
            scenario.Change("app", container => container with { Labels = container.Labels.SetItem(Label, label) });
        return scenario;
    }

    private static void Variable(Scenario scenario, string name, string value) =>
        scenario.Change("app", container => container with { Env = container.Env.SetItem(name, value) });

    private static string Around(string text) => $"events {{}}\nhttp {{\naccess_log off;\n{text.Replace("/var/log/nginx/access.log", "/dev/null", StringComparison.Ordinal)}\n}}\n";
}
