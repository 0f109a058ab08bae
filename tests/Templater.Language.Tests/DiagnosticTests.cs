namespace Templater.Language.Tests;

/// <summary>Messages, and where they point: «» around the place in the source.</summary>
public sealed class DiagnosticTests
{
    private static readonly Shape Container = new("container",
    [
        new ShapeMember("labels", new TemplateType.MapOf(new TemplateType.Text()), ""),
        new ShapeMember("name", new TemplateType.Text(), ""),
    ], isOwner: true);

    private static readonly Shape Root = new("model",
    [
        new ShapeMember("container", new TemplateType.ObjectOf(Container), ""),
        new ShapeMember("containers", new TemplateType.ListOf(new TemplateType.ObjectOf(Container)), ""),
    ]);

    [TestCase("{{ «if» true }}a", "unclosed-block")]
    [TestCase("{{ «for» x in 1..2 }}{{ if x }}{{ end }}", "unclosed-block")]
    [TestCase("{{ «end» }}", "unmatched-end")]
    [TestCase("{{ \"a«\\q»\" }}", "bad-escape")]
    [TestCase("{{ «\"»abc }}", "unterminated-string")]
    [TestCase("{{ 1 + «}}»", "syntax")]
    [TestCase("{{ «break» }}", "outside-loop")]
    [TestCase("{{ «1 + 2» = 3 }}", "not-assignable")]
    [TestCase("{{ if a «=» 1 }}{{ end }}", "syntax")]
    [TestCase("{{ for x in y «limt»:1 }}{{ end }}", "unknown-loop-option")]
    [TestCase("{{ func f(a, «a») }}{{ end }}", "duplicate-parameter")]
    [TestCase("{{ container.«lables» }}", "unknown-member")]
    [TestCase("{{ for c in containers; c.«nmae»; end }}", "unknown-member")]
    [TestCase("{{ «contaner».name }}", "unknown-variable")]
    [TestCase("{{ «string.upcas» 'a' }}", "unknown-function")]
    [TestCase("{{ «string.upcase 'a' 'b'» }}", "argument-count")]
    [TestCase("{{ func f(a); end; «f» }}", "argument-count")]
    [TestCase("{{ for x in «1»; end }}", "not-iterable")]
    [TestCase("{{ func unused; container.«nope»; end }}", "unknown-member")]
    public void PointsAtThePlace(string annotated, string id)
    {
        var start = annotated.IndexOf('«', StringComparison.Ordinal);
        var end = annotated.IndexOf('»', StringComparison.Ordinal) - 1;
        var text = annotated.Replace("«", "", StringComparison.Ordinal).Replace("»", "", StringComparison.Ordinal);
        var parsed = Template.Parse(new SourceText("site.scriban", text), new LanguageOptions { Root = Root });
        Assert.That(parsed.Diagnostics.Select(d => (d.Id, d.Span)), Has.Some.EqualTo((id, TextSpan.FromBounds(start, end))), string.Join('\n', parsed.Diagnostics));
    }

    [Test]
    public void FormatsAMessageWithItsSourceLine()
    {
        var source = new SourceText("site.scriban", new string('\n', 13) + "  {{ container.lables[\"team\"] }}\n");
        var parsed = Template.Parse(source, new LanguageOptions { Root = Root });
        Assert.That(DiagnosticFormatter.Format(parsed.Diagnostics.Single()), Is.EqualTo("""
            site.scriban:14:16: error unknown-member: "lables" is not a member of container
               14 |   {{ container.lables["team"] }}
                  |                ^^^^^^ did you mean "labels"?

            """));
    }

    [Test]
    public void ARunTimeErrorNamesItsOwnerAndItsIncludes()
    {
        var loader = new Loader("part.scriban", "{{ c.labels.x }}");
        var parsed = Template.Parse(new SourceText("site.scriban", "{{ for c in containers }}\n{{ include 'part' }}{{ end }}"), new LanguageOptions { Loader = loader });
        var bad = new ShapedObject(Container, TemplateValue.From(new MapObject([])), TemplateValue.FromText("b"));
        var good = new ShapedObject(Container, TemplateValue.From(new MapObject([new("x", TemplateValue.FromText("1"))])), TemplateValue.FromText("a"));
        var list = TemplateValue.From(new TemplateList([TemplateValue.From(good), TemplateValue.From(bad)]));
        var error = parsed.Template!.Render(new ShapedObject(Root, TemplateValue.Null, list)).Error!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.Owner, Is.SameAs(bad));
            Assert.That(error.Diagnostic.ToString(), Does.StartWith("part.scriban:1:13: error unknown-member: \"x\""));
            Assert.That(error.Diagnostic.IncludedFrom, Is.EqualTo(new[] { "site.scriban:2:4" }));
        }
    }

    [Test]
    public void ProvenanceNamesTheInnermostOwner()
    {
        var parsed = Template.Parse(new SourceText("t", "head {{ for c in containers }}<{{ c.name }}>{{ end }} tail"), new LanguageOptions());
        var owners = new[] { "a", "bb" }.Select(n => new ShapedObject(Container, TemplateValue.Null, TemplateValue.FromText(n))).ToArray();
        var result = parsed.Template!.Render(new ShapedObject(Root, TemplateValue.Null, TemplateValue.From(new TemplateList(owners.Select(o => TemplateValue.From(o))))));
        Assert.That(result.Text, Is.EqualTo("head <a><bb> tail"));
        Assert.That(result.Provenance, Is.EqualTo(new[] { new ProvenanceSpan(5, 3, owners[0]), new ProvenanceSpan(8, 4, owners[1]) }));
    }

    private sealed class Loader(string path, string text) : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom) => name == "part" ? new LoadedTemplate(path, text) : null;
    }
}
