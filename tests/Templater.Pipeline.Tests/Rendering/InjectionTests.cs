using System.Text;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>Whatever a container says, the structure of a file stays what it is with a harmless value.</summary>
public sealed class InjectionTests
{
    private const string Harmless = "harmless";
    private const string Innocent = "innocent.example.com";

    private static readonly string[] Keys =
    [
        "templater.response.set.X-A", "templater.response.add.X-B", "templater.response.default.X-C", "templater.request.set.X-D", "templater.request.add.X-E",
        "templater.request.default.X-F", "templater.path", "templater.rewrite", "templater.redirect.to", "templater.hsts", "templater.sticky", "templater.data.x",
        "templater.host", "templater.redirect.from", "templater.allow", "templater.upstream.server-name", "templater.check", "templater.response.delete", "templater.timeout.server",
    ];

    private static readonly string[] Values =
    [
        .. NastyText.Printable, .. NastyText.Impossible, new string('a', 1990), new string('$', 1990), new string('"', 1990), new string('a', 5000), new string('x', 10_000),
        "/" + new string('b', 900), "~^/a;{}$", "=/x\";", "/a;{}\"'\\%#$b", "https://x.example.com/;}{\"$y%[src]", "unix:/var/run/docker.sock", "a.example.com; return 200",
    ];

    [TestCase("nginx")]
    [TestCase("nginx-http")]
    [TestCase("haproxy")]
    public void NoValueOfAnyLabelChangesTheStructure(string template)
    {
        var known = Known(template);
        foreach (var key in Keys)
        {
            var text = Victims(key).Text(template);
            AssertOthersAreServed(text, key, "all");
            Assert.That(Directives(template, text), Is.SubsetOf(known), key);
        }
    }

    [TestCase("nginx")]
    [TestCase("haproxy")]
    public async Task TheRealCheckerAcceptsAllNastyValuesAtOnce(string template)
    {
        using var certificates = new TempDirectory();
        Directory.CreateDirectory(certificates["haproxy"]);
        var scenario = new Scenario { Proxy = new ProxySettings { CertsDirectory = certificates.Path } };
        scenario.Add("innocent", ("templater.host", Innocent));
        var number = 0;
        foreach (var key in Keys)
        {
            foreach (var value in Values)
                scenario.Add($"c{number} {value.ReplaceLineEndings("~")}", ("templater.host", $"n{number++}.example.com"), (key == "templater.host" ? "templater.data.y" : key, value));
        }

        var text = scenario.Text(template);
        AssertOthersAreServed(text, "all", "all");
        await (template == "nginx" ? RealChecker.AcceptsNginx(text) : RealChecker.AcceptsHAProxy(text));
    }

    [Test]
    public void CentauriTakesWhateverComes()
    {
        foreach (var key in Keys)
        {
            var text = Victims(key).Text("centauri");
            Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(text)), Is.Null, $"{key}\n{text}");
            AssertOthersAreServed(text, key, "all");
        }
    }

    [TestCase("nginx")]
    [TestCase("haproxy")]
    public void NamesImagesAndNetworksStayInComments(string template)
    {
        var harmless = Victims("templater.data.x");
        var nasty = Victims("templater.data.x");
        for (var i = 0; i < Values.Length; i++)
        {
            var value = Values[i];
            nasty.Change($"victim{i:000}", container => container with { Name = $"victim{i:000}{value}", Image = new ImageReference("", value, value, "") });
        }

        Assert.That(Skeleton(template, nasty.Text(template)), Is.EqualTo(Skeleton(template, harmless.Text(template))));
    }

    [TestCase("nginx.scriban", "{{# format: nginx #}}\n# {{ containers[0].name }}\n", 2, 6)]
    [TestCase("site.haproxy.scriban", "{{ for c in containers }}\n  # {{ c.labels[\"a\"] }}\n{{ end }}", 2, 8)]
    [TestCase("x.nginx.scriban", "{{ for h in virtual_hosts }}{{ x = h.data.note }}\n{{ x | string.upcase }}{{ end }}", 2, 4)]
    [TestCase("wrong.nginx.scriban", "{{ containers[0].name | haproxy.string }}", 1, 4)]
    public void ATemplateThatPrintsAContainersTextUnquotedIsRefused(string name, string template, int line, int column)
    {
        using var directory = new TempDirectory();
        var output = new Scenario().Output("nginx") with { Template = directory.Write(name, template) };
        var load = OutputRenderer.Load(output, new DiskTemplateFiles());
        Assert.That(load.Renderer, Is.Null);
        Assert.That(load.Findings[0].Reason, Is.EqualTo(ReasonIds.TemplateError));
        Assert.That((load.Diagnostics[0].Line, load.Diagnostics[0].Column), Is.EqualTo((line, column)), load.Findings[0].Message);
    }

    [Test]
    public void AValueThatOnlyTheTemplateCanRefuseQuarantinesItsContainerAlone()
    {
        // A header's name may hold characters that nginx has no variable for.
        var scenario = Victim("templater.response.default.X.Odd", "1");
        var rendering = scenario.Render("nginx");
        Assert.That(rendering.Quarantined, Has.Count.EqualTo(1));
        Assert.That(rendering.Findings.Single(finding => finding.Reason == ReasonIds.Quarantined).Message, Does.Contain("victim").And.Contain("http.scriban:"));
        AssertOthersAreServed(Encoding.UTF8.GetString(rendering.File!.Content.Span), "X.Odd", "1");
    }

    private static Scenario Victim(string key, string value)
    {
        (string, string)[] labels = key == "templater.host" ? [(key, value)] : [("templater.host", "victim.example.com"), (key, value)];
        return new Scenario().Add("innocent", ("templater.host", Innocent)).Add("victim", labels);
    }

    /// <summary>One container for each nasty value of a label, beside an innocent one.</summary>
    private static Scenario Victims(string key)
    {
        var scenario = new Scenario().Add("innocent", ("templater.host", Innocent));
        for (var i = 0; i < Values.Length; i++)
        {
            if (key == "templater.host")
                scenario.Add($"victim{i:000}", (key, Values[i]));
            else
                scenario.Add($"victim{i:000}", ("templater.host", $"v{i:000}.example.com"), (key, Values[i]));
        }

        return scenario;
    }

    private static void AssertOthersAreServed(string text, string key, string value) =>
        Assert.That(text, Does.Contain(Innocent).And.Contain("172.20.0.2:8080"), $"{key}={value}");

    private static List<List<string>> Parsed(string template, string text) =>
        template == "haproxy" ? ConfigSkeleton.HAProxy(text) : ConfigSkeleton.Nginx(text);

    private static IEnumerable<string> Directives(string template, string text) => Parsed(template, text).Select(words => words[0]).Distinct();

    private static List<string> Skeleton(string template, string text) =>
        [.. Parsed(template, text).Where(words => words[0] is not ("set-var" or "return")).Select(words => $"{words[0]} {words.Count} {words[^1]}")];

    /// <summary>Every directive that the templates themselves write.</summary>
    private static HashSet<string> Known(string template)
    {
        using var certificates = new TempDirectory();
        var rich = SampleHosts.Trusted(SampleHosts.Rich(certificates.Path)).Text(template);
        var plain = Victim("templater.data.x", Harmless).Text(template);
        return [.. Directives(template, rich), .. Directives(template, plain)];
    }
}
