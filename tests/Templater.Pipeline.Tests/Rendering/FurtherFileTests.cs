using System.Text;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>Templates that write further files beside their configuration.</summary>
public sealed class FurtherFileTests
{
    private const string Directory = "/config/.templater/nginx/current";

    private TempDirectory _directory = null!;

    [SetUp]
    public void Create() => _directory = new TempDirectory();

    [TearDown]
    public void Remove() => _directory.Dispose();

    [Test]
    public void AFurtherFileIsNamedAsTheProxyFindsIt()
    {
        var file = Render("{{ capture hosts }}{{ for h in virtual_hosts }}{{ h.name }} {{ generation }}\n{{ end }}{{ end }}map {{ output_file 'maps/hosts.map' hosts }} {{ generation }}").File!;

        Assert.That(file.FilesDirectory, Is.EqualTo(Directory));
        Assert.That(Text(file.Content), Is.EqualTo($"map {Directory}/maps/hosts.map {file.Generation}"));
        Assert.That(file.Files.Single().Name, Is.EqualTo("maps/hosts.map"));
        Assert.That(Text(file.Files.Single().Content), Is.EqualTo($"shop.example.com {file.Generation}\n"));
    }

    [Test]
    public void TheFilesAreThoseOfTheLastRenderInOrderOfTheirNames()
    {
        var scenario = Scenario();
        var renderer = Load("{{ for h in virtual_hosts }}{{ x = output_file ('z/' + h.name + '.map') h.name }}{{ end }}{{ y = output_file 'a.map' 'a' }}{{ x }}{{ y }}").Renderer!;
        OutputRendering Again() => renderer.Render(scenario.Snapshot, scenario.Policy, new ProxyHint.None(), CancellationToken.None);
        Again();
        var quiet = new Scenario();
        var without = renderer.Render(quiet.Snapshot, quiet.Policy, new ProxyHint.None(), CancellationToken.None);
        Assert.That(without.File?.Files.Select(file => file.Name), Is.Null.Or.EqualTo(new[] { "a.map" }));
        Assert.That(Again().File!.Files.Select(file => file.Name), Is.EqualTo(new[] { "a.map", "z/shop.example.com.map" }));
    }

    [Test]
    public void TheGenerationStandsForTheFurtherFilesToo()
    {
        string Of(string text, string name = "a.map") => Render($"{{{{ x = output_file '{name}' '{text}' }}}}{{{{ generation }}}}").File!.Generation;
        var again = Of("one");
        Assert.That(new[] { Of("one"), Of("two"), Of("one", "b.map"), Render("{{ generation }}").File!.Generation }, Is.Unique);
        Assert.That(Of("one"), Is.EqualTo(again));
    }

    [TestCase("", "must have 1 to 200 characters")]
    [TestCase("/etc/passwd", "must be relative")]
    [TestCase("a//b", "must be relative")]
    [TestCase("a/", "must be relative")]
    [TestCase("../up", "no part may begin with .")]
    [TestCase("a/../b", "no part may begin with .")]
    [TestCase("a/.hidden", "no part may begin with .")]
    [TestCase("-x", "no part may begin with .")]
    [TestCase("a b", "may hold letters, digits")]
    [TestCase("a\\nb", "may hold letters, digits")]
    [TestCase("\u00e4.map", "may hold letters, digits")]
    [TestCase("a/b/c/d/e", "lies in more than 3 directories")]
    [TestCase("nginx.conf", "is that of the configuration itself, nginx.conf")]
    [TestCase("nginx.conf/x", "is that of the configuration itself, nginx.conf")]
    public void ANameHasAClosedGrammar(string name, string problem) =>
        Assert.That(Mistake($"{{{{ output_file '{name}' 'x' }}}}"), Does.Contain("output_file: the name ").And.Contain(problem));

    [TestCase("{{ for c in containers }}{{ output_file c.name 'x' }}{{ end }}", "the name holds text from a container")]
    [TestCase("{{ output_file 'a' 'x' }}{{ output_file 'a' 'y' }}", "a is written twice with different texts")]
    [TestCase("{{ output_file 'a' 'x' }}{{ output_file 'a/b' 'y' }}", "a/b and a cannot both be there")]
    [TestCase("{{ output_file 'a/b' 'x' }}{{ output_file 'a' 'y' }}", "a and a/b cannot both be there")]
    [TestCase("{{ for i in 0..256 }}{{ output_file ('f' + i) 'x' }}{{ end }}", "more than 256 further files")]
    [TestCase("{{ output_file 1 'x' }}", "\"name\" must be a text")]
    public void WhatCannotBeWrittenIsSaid(string template, string problem) => Assert.That(Mistake(template), Does.Contain(problem));

    [TestCase("{{ for c in containers }}{{ output_file 'a' c.name }}{{ end }}")]
    [TestCase("{{ for c in containers }}{{ capture t }}# {{ c.name }}{{ end }}{{ output_file 'a' t }}{{ end }}")]
    [TestCase("{{ for c in containers }}{{ capture u }}{{ output_file 'a' c.name }}{{ end }}{{ u }}{{ end }}")]
    [TestCase("{{ for c in containers }}{{ c.name | output_file name: 'a' }}{{ end }}")]
    public void WhatAContainerSaysIsQuotedThereToo(string template) => Assert.That(Mistake(template), Does.Contain("nginx"));

    [TestCase("{{ for c in containers }}{{ output_file 'a' (c.name | nginx.comment) }}{{ end }}")]
    [TestCase("{{ for c in containers }}{{ capture t }}# {{ c.name | nginx.comment }}{{ end }}{{ output_file 'a' t }}{{ end }}")]
    public void WhatIsQuotedCanBeWritten(string template) => Assert.That(Text(Render(template).File!.Files.Single().Content), Does.Contain("shop"));

    [Test]
    public void AMistakeIsFoundWithoutRendering() =>
        Assert.That(Load("{{ for c in containers }}{{ x = output_file 'a' c.name }}{{ end }}{{ x }}").Findings.Single().Message, Does.Contain("\"c.name\" holds text from a container"));

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static Scenario Scenario() => new Scenario().Add("shop", ("templater.host", "shop.example.com"));

    private TemplateLoad Load(string template) =>
        OutputRenderer.Load(new OutputDefinition { Name = "nginx", Kind = ProxyKind.Nginx, Template = _directory.Write("own.nginx.scriban", template), Path = "/config/nginx.conf" }, new DiskTemplateFiles());

    private OutputRendering Render(string template)
    {
        var load = Load(template);
        Assert.That(load.Renderer, Is.Not.Null, string.Join('\n', load.Findings));
        var scenario = Scenario();
        return load.Renderer!.Render(scenario.Snapshot, scenario.Policy, new ProxyHint.None(), CancellationToken.None);
    }

    private string Mistake(string template)
    {
        var load = Load(template);
        if (load.Renderer is null)
            return string.Join('\n', load.Findings.Select(finding => finding.Message));
        var rendering = Render(template);
        return string.Join('\n', rendering.Findings.Select(finding => finding.Message).Concat(rendering.Quarantined.Values));
    }
}
