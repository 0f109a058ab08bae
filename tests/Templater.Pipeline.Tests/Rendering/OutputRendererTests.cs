using System.Text;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

public sealed class OutputRendererTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void Create() => _directory = new TempDirectory();

    [TearDown]
    public void Remove() => _directory.Dispose();

    [Test]
    public void TheGenerationStandsForTheBytes()
    {
        var one = Shop().Render("nginx").File!;
        var same = Shop().Render("nginx").File!;
        var other = Shop().Add("more", ("templater.host", "more.example.com")).Render("nginx").File!;
        Assert.That(one.Generation, Has.Length.EqualTo(16).And.Not.EqualTo(other.Generation));
        Assert.That(same.Content.Span.SequenceEqual(one.Content.Span), Is.True);
        Assert.That(one.PrintsGeneration, Is.True);
        Assert.That(Encoding.UTF8.GetString(one.Content.Span), Does.Contain(one.Generation));
    }

    [Test]
    public void ALabelCannotPretendToPrintTheGeneration()
    {
        var path = _directory.Write("own.nginx.scriban", "{{ for c in containers }}# {{ c.name | nginx.comment }}\n{{ end }}{{ # generation }}");
        var file = Render(path, new Scenario().Add("0000000000000000")).File!;
        Assert.That(file.PrintsGeneration, Is.False);
        Assert.That(Encoding.UTF8.GetString(file.Content.Span), Is.EqualTo("# 0000000000000000\n"));
    }

    [TestCase("{{ generation }}", "{0}")]
    [TestCase("{{ g = generation }}{{ g }}", "{0}")]
    [TestCase("{{ for c in containers }}{{ c.name | nginx.comment }} {{ generation }}\n{{ end }}", "0000000000000000 {0}\n")]
    [TestCase("{{ generation | string.slice 0 4 }}{{ generation }}", "{1}{0}")]
    public void TheGenerationIsPrintedWhateverTheTemplateDoesWithIt(string template, string expected)
    {
        var path = _directory.Write("own.nginx.scriban", template);
        var file = Render(path, new Scenario().Add("0000000000000000")).File!;
        Assert.That(Encoding.UTF8.GetString(file.Content.Span), Is.EqualTo(
            string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, file.Generation, file.Generation[..4])));
    }

    [Test]
    public void NewBytesOfACertificateAreANewGeneration()
    {
        var before = Shop().Certificate("/certs", "s.crt", "s.key", "shop.example.com");
        var renewed = before.Snapshot.Certificates[0] with { ContentDigest = new string('c', 64) };
        var renderer = OutputRenderer.Load(before.Output("nginx"), new DiskTemplateFiles()).Renderer!;
        var first = renderer.Render(before.Snapshot, before.Policy, new ProxyHint.None(), CancellationToken.None).File!;
        var second = renderer.Render(before.Snapshot with { Certificates = [renewed] }, before.Policy, new ProxyHint.None(), CancellationToken.None).File!;
        Assert.That(second.Generation, Is.Not.EqualTo(first.Generation));
    }

    [Test]
    public void LinesLeadBackToTheirContainers()
    {
        var scenario = Shop();
        var file = scenario.Render("nginx").File!;
        var lines = Encoding.UTF8.GetString(file.Content.Span).Split('\n');
        var line = Array.FindIndex(lines, text => text.Contains("server 172.20.0.2:8080", StringComparison.Ordinal)) + 1;
        var owners = file.Provenance.Where(owner => owner.FirstLine <= line && line <= owner.LastLine).SelectMany(owner => owner.Containers);
        Assert.That(owners.Distinct(), Is.EqualTo(new[] { scenario.Snapshot.Containers[0].Id }));
        Assert.That(file.Provenance.Where(owner => owner.FirstLine <= 3), Is.Empty, "the head belongs to nobody");
    }

    [Test]
    public void AnErrorThatOneContainerCausesLeavesItOutAlone()
    {
        var path = _directory.Write("own.scriban", "{{# format: plain #}}{{ for c in containers }}{{ if c.labels[\"bad\"] }}{{ c.compose.service }}{{ end }}{{ c.name }}\n{{ end }}");
        var scenario = new Scenario().Add("a").Add("b", ("bad", "1")).Add("c");
        var rendering = Render(path, scenario);
        Assert.That(rendering.Quarantined.Keys, Is.EqualTo(new[] { scenario.Snapshot.Containers[1].Id.Value }));
        Assert.That(rendering.Quarantined.Values.Single(), Does.Contain("own.scriban:1:"));
        Assert.That(Encoding.UTF8.GetString(rendering.File!.Content.Span), Is.EqualTo("a\nc\n"));
    }

    [Test]
    public void AnErrorThatALeftOutContainerCausesAgainIsTheTemplates()
    {
        var path = _directory.Write("own.scriban", "{{# format: plain #}}{{ for h in virtual_hosts }}{{ for c in h.containers }}{{ c.compose.service }}{{ end }}{{ end }}{{ x = null }}{{ x.y }}");
        var rendering = Render(path, new Scenario().Add("a", ("templater.host", "a.example.com")));
        Assert.That(rendering.File, Is.Null);
        Assert.That(rendering.Quarantined, Has.Count.EqualTo(1));
    }

    [Test]
    public void AnErrorOfTheTemplateNamesThePlace()
    {
        var path = _directory.Write("own.scriban", "{{# format: plain #}}\n{{ x = [1] }}{{ batch x 0 }}");
        var rendering = Render(path, Shop());
        Assert.That(rendering.File, Is.Null);
        Assert.That(rendering.Findings[^1].Message, Does.Contain("own.scriban:2:25").And.Contain("positive"));
    }

    [Test]
    public void AnUnknownMemberIsFoundWhenLoading()
    {
        var load = Load(_directory.Write("own.nginx.scriban", "{{ for c in containers }}\n{{ c.lables[\"team\"] | nginx.string }}{{ end }}"));
        Assert.That(load.Renderer, Is.Null);
        Assert.That(load.Findings[0].Message, Does.EndWith("own.nginx.scriban:2:6: \"lables\" is not a member of container; did you mean \"labels\"?"));
    }

    [TestCase("nothing", "there is no template \"nothing\"")]
    [TestCase("/nowhere/x.scriban", "there is no file /nowhere/x.scriban")]
    public void AMissingTemplateIsNamed(string template, string expected) =>
        Assert.That(Load(template).Findings.Single().Message, Does.StartWith(expected));

    [Test]
    public void AnUnknownFormatIsNamed() =>
        Assert.That(Load(_directory.Write("x.scriban", "{{# format: ngnix #}}")).Findings.Single().Message, Does.Contain("\"ngnix\" is no format"));

    [TestCase("{{ containers[0].name }}", 1)]
    [TestCase("{{ containers.size }}", 0)]
    public void ATemplateWithoutFormatIsWarnedAboutWhenItPrintsContainerTexts(string template, int warnings)
    {
        var load = Load(_directory.Write("x.scriban", template));
        Assert.That(load.Renderer, Is.Not.Null);
        Assert.That(load.Findings.Select(static finding => (finding.Severity, finding.Reason)), Is.EqualTo(Enumerable.Repeat((FindingSeverity.Warning, "unquoted-text"), warnings)));
    }

    [Test]
    public void IncludesComeFromTheTemplatesFolderAndTheIncludeDirectoryOnly()
    {
        _directory.Write("secret.txt", "secret");
        _directory.Write("own/part.scriban", "part ");
        _directory.Write("shared/common.scriban", "common ");
        File.CreateSymbolicLink(_directory["own/link.scriban"], _directory["secret.txt"]);
        var path = _directory.Write("own/main.scriban", "{{# format: plain #}}{{ include 'part.scriban' }}{{ include 'common.scriban' }}");
        var good = OutputRenderer.Load(Output(path) with { IncludeDirectory = _directory["shared"] }, new DiskTemplateFiles());
        var file = good.Renderer!.Render(Shop().Snapshot, new RoutingPolicy(), new ProxyHint.None(), CancellationToken.None).File!;
        Assert.That(Encoding.UTF8.GetString(file.Content.Span), Is.EqualTo("part common "));
        Assert.That(good.IncludedFiles, Is.EqualTo(new[] { _directory["own/common.scriban"], _directory["own/part.scriban"], _directory["shared/common.scriban"] }));
        foreach (var name in new[] { "../secret.txt", "link.scriban", "/etc/hostname", "../shared/common.scriban" })
        {
            var bad = _directory.Write("own/bad.scriban", $"{{{{# format: plain #}}}}{{{{ include '{name}' }}}}");
            var load = Load(bad);
            var failed = load.Renderer is null || load.Renderer.Render(Shop().Snapshot, new RoutingPolicy(), new ProxyHint.None(), CancellationToken.None).File is null;
            Assert.That(failed, Is.True, name);
        }
    }

    [Test]
    public void ALoadThatFailedNamesTheIncludesThatItLookedFor()
    {
        _directory.Write("bad.scriban", "{{ if }}");
        var load = Load(_directory.Write("main.scriban", "{{# format: plain #}}{{ include 'bad.scriban' }}{{ include 'none.scriban' }}"));
        Assert.That((load.Renderer, string.Join(' ', load.IncludedFiles)), Is.EqualTo(((OutputRenderer?)null, $"{_directory["bad.scriban"]} {_directory["none.scriban"]}")));
    }

    [Test]
    public void AnIncludeWhoseNameIsOnlyKnownWhenItRunsIsNamedToo()
    {
        var load = Load(_directory.Write("main.scriban", "{{# format: plain #}}{{ include (\"none.\" + containers.size) }}"));
        var rendering = load.Renderer!.Render(Shop().Snapshot, new RoutingPolicy(), new ProxyHint.None(), CancellationToken.None);
        Assert.That((rendering.File, string.Join(' ', load.IncludedFiles)), Is.EqualTo(((RenderedFile?)null, _directory["none.1"])));
    }

    [TestCase("a\\0b")]
    [TestCase("")]
    [TestCase(".")]
    public void AnIncludeWithANameThatNoFileCanHaveIsAnErrorOfTheTemplate(string name)
    {
        var load = Load(_directory.Write("main.scriban", $"{{{{# format: plain #}}}}{{{{ include \"{name}\" }}}}"));
        Assert.That(load.Findings.Single().Reason, Is.EqualTo(ReasonIds.TemplateError));
    }

    [Test]
    public void ReservedPathsAreNotRoutedAndSaidSo()
    {
        var scenario = Shop().Add("thief", ("templater.host", "shop.example.com"), ("templater.path", "/.well-known/acme-challenge"));
        var rendering = scenario.Render("nginx");
        Assert.That(rendering.Findings.Select(finding => finding.Message), Has.One.Contains("reserved"));
        Assert.That(Encoding.UTF8.GetString(rendering.File!.Content.Span), Does.Not.Contain("location = \"/.well-known/acme-challenge\""));
    }

    private static Scenario Shop() => new Scenario().Add("shop", ("templater.host", "shop.example.com"));

    private static OutputDefinition Output(string template) => new Scenario().Output(template);

    private static TemplateLoad Load(string template) => OutputRenderer.Load(Output(template), new DiskTemplateFiles());

    private static OutputRendering Render(string template, Scenario scenario)
    {
        var load = Load(template);
        Assert.That(load.Renderer, Is.Not.Null, () => string.Join('\n', load.Findings));
        return load.Renderer!.Render(scenario.Snapshot, scenario.Policy, new ProxyHint.None(), CancellationToken.None);
    }
}
