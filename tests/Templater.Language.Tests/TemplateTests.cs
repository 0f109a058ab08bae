namespace Templater.Language.Tests;

public sealed class TemplateTests
{
    [TestCase("")]
    [TestCase("a {{ 1 + 1 }} \u00fc")]
    public void AnOutputIsUsedWithoutATextOfIt(string template)
    {
        var used = new List<string>();
        var result = Parsed(template).Render(new MapObject([]), (output, _) => used.Add(output.ToString()), CancellationToken.None);
        Assert.That(result.Text, Is.Null);
        Assert.That(used, Is.EqualTo(new[] { Parsed(template).Render(new MapObject([])).Text }));
    }

    [Test]
    public void AnOutputThatIsNotCompleteIsNotUsed()
    {
        var result = Parsed("a {{ null.x }}").Render(new MapObject([]), (_, _) => Assert.Fail("used"), CancellationToken.None);
        Assert.That(result.Error, Is.Not.Null);
    }

    private static Template Parsed(string template) => Template.Parse(new SourceText("t", template), new LanguageOptions()).Template!;

    private static readonly LanguageOptions Options = new();

    [Test]
    public void RendersAModelOfShapes()
    {
        var server = new Shape("server", [new ShapeMember("address", new TemplateType.Text(), "")]);
        var root = new Shape("model", [new ShapeMember("servers", new TemplateType.ListOf(new TemplateType.ObjectOf(server)), "")]);
        var servers = new[] { "10.0.0.1", "10.0.0.2" }.Select(a => TemplateValue.From(new ShapedObject(server, TemplateValue.FromText(a))));
        var model = new ShapedObject(root, TemplateValue.From(new TemplateList(servers)));
        var parsed = Template.Parse(new SourceText("site.scriban", "{{ for s in servers ~}}\nserver {{ s.address }};\n{{ end ~}}\n"), Options);
        Assert.That(parsed.Template!.Render(model).Text, Is.EqualTo("server 10.0.0.1;\nserver 10.0.0.2;\n"));
    }

    [Test]
    public void ReportsSeveralSyntaxErrorsInOnePass()
    {
        var parsed = Template.Parse(new SourceText("site.scriban", "{{ if }}\n{{ 1 + }}\n{{ \"abc }}"), Options);
        Assert.That(parsed.Template, Is.Null);
        Assert.That(parsed.Diagnostics.Select(d => d.Id), Is.SupersetOf(new[] { "syntax", "unterminated-string", "unclosed-block" }));
    }
}
