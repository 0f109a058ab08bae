namespace Templater.Language.Tests;

/// <summary>Messages, and where they point: «» around the place in the source.</summary>
public sealed class DiagnosticTests
{
    private static readonly Shape Endpoint = new("endpoint",
    [
        new ShapeMember("gateway", new TemplateType.Text(), ""),
        new ShapeMember("ipv4", new TemplateType.Text(), ""),
    ]);

    private static readonly Shape Container = new("container",
    [
        new ShapeMember("labels", new TemplateType.MapOf(new TemplateType.Text()), ""),
        new ShapeMember("name", new TemplateType.Text(), ""),
        new ShapeMember("network_mode", new TemplateType.Text(), ""),
        new ShapeMember("networks", new TemplateType.ListOf(new TemplateType.ObjectOf(Endpoint)), ""),
    ], isOwner: true);

    private static readonly Shape Root = new("model",
    [
        new ShapeMember("container", new TemplateType.ObjectOf(Container), ""),
        new ShapeMember("containers", new TemplateType.ListOf(new TemplateType.ObjectOf(Container)), ""),
    ]);

    // An object that holds itself has no end, and its type none either.
    [TestCase("{{ z = {}; z.a = z; if z.a; x = z; else; x = z.a; end; x.a.a.b }}")]
    [TestCase("{{ z = {a: {}}; for i in 1..3; y = z.a; z.a = {a: z}; z = y; end; z }}")]
    public void ChecksAnObjectThatHoldsItself(string template)
    {
        var parsed = Template.Parse(new SourceText("t", template), new LanguageOptions { Root = Root });
        Assert.That(parsed.Template, Is.Not.Null);
    }

    [TestCase("{{ if true }}«a»", "unclosed-block")]
    [TestCase("{{ for x in 1..2 }}{{ if x }}{{ end «}}»", "unclosed-block")]
    [TestCase("{{ en«d» }}", "unmatched-end")]
    [TestCase("{{ «\"a\\q\"» }}", "bad-escape")]
    [TestCase("{{ \"a\\x4«g»\" }}", "bad-escape")]
    [TestCase("{{ «0x» }}", "bad-number")]
    [TestCase("{{ [«0b»2] }}", "bad-number")]
    [TestCase("{{ if true; 1e«n»d }}", "bad-number")]
    [TestCase("{{ 1.5e+« »}}", "bad-number")]
    [TestCase("{{ end\n«\n»x }}", "unmatched-end")]
    [TestCase("{{ \"abc }«}»", "unterminated-string")]
    [TestCase("{{ f «x» = 1 }}", "assignment-inside")]
    [TestCase("{{ («x | string.size») = 1 }}", "not-assignable")]
    [TestCase("{{ «for» 1 in x }}{{ end }}", "syntax")]
    [TestCase("{{ «for» x of y }}{{ end }}", "syntax")]
    [TestCase("{{ «func» 1; end }}", "syntax")]
    [TestCase("{{ «readonly» 1 }}", "syntax")]
    [TestCase("{{ func f(«a» = b); end }}", "syntax")]
    [TestCase("{{ func f(a«\n», b); end }}", "syntax")]
    [TestCase("{{ case 1; «else»; end }}", "syntax")]
    [TestCase("{{ wrap «(f)»; end }}", "not-a-function")]
    [TestCase("{{ for x in y; «for».lst; end }}", "unknown-member")]
    [TestCase("{{ «while».last }}", "unknown-member")]
    [TestCase("{{ x =«\n»1 }}", "syntax")]
    [TestCase("{{ x[«\n»1] }}", "syntax")]
    [TestCase("{{ for x in f «y» }}{{ end }}", "unknown-loop-option")]
    [TestCase("«{%{» a", "unclosed-escape-block")]
    [TestCase("{{ x ? -«1» : 2 }}", "syntax")]
    [TestCase("{{ x ? y | «string.size» : 2 }}", "syntax")]
    [TestCase("{{ x ? y | string.append «'a'» : 2 }}", "syntax")]
    [TestCase("{{ x ? -y : 2 «}}»", "syntax")]
    [TestCase("{{ --1 «}}»", "not-assignable")]
    [TestCase("{{ $\"{1«\n»}\" }}", "syntax")]
    [TestCase("{{ «x.y» : 1 }}", "syntax")]
    [TestCase("{{ x «:» 1 }}", "syntax")]
    [TestCase("{{ 1 + «}}»", "syntax")]
    [TestCase("{{ «break» }}", "outside-loop")]
    [TestCase("{{ 1 + «2» = 3 }}", "assignment-inside")]
    [TestCase("{{ «1» = 3 }}", "not-assignable")]
    [TestCase("{{ if «a» = 1 }}{{ end }}", "assignment-inside")]
    [TestCase("{{ for x in y «limt»:1 }}{{ end }}", "unknown-loop-option")]
    [TestCase("{{ func f(a, «a») }}{{ end }}", "duplicate-parameter")]
    [TestCase("{{ container.«lables» }}", "unknown-member")]
    [TestCase("{{ for c in containers; c.«nmae»; end }}", "unknown-member")]
    [TestCase("{{ «contaner».name }}", "unknown-variable")]
    [TestCase("{{ «string.upcas» 'a' }}", "unknown-function")]
    [TestCase("{{ string.upcase 'a' «'b'» }}", "argument-count")]
    [TestCase("{{ func f(a); end; «f» }}", "argument-count")]
    [TestCase("{{ for x in «1»; end }}", "not-iterable")]
    [TestCase("{{ func unused; container.«nope»; end }}", "unknown-member")]
    public void PointsAtThePlace(string annotated, string id)
    {
        var start = annotated.IndexOf('«', StringComparison.Ordinal);
        var end = annotated.IndexOf('»', StringComparison.Ordinal) - 1;
        var text = annotated.Replace("«", "", StringComparison.Ordinal).Replace("»", "", StringComparison.Ordinal);
        // Without a model the places of the parser itself, with one those that help the author.
        var parsed = Template.Parse(new SourceText("site.scriban", text), new LanguageOptions()).Diagnostics
            .Concat(Template.Parse(new SourceText("site.scriban", text), new LanguageOptions { Root = Root }).Diagnostics);
        Assert.That(parsed.Select(d => (d.Id, d.Span)), Has.Some.EqualTo((id, TextSpan.FromBounds(start, end))), string.Join('\n', parsed));
    }

    [TestCase("{{ 'a' | upcase }}", "did you mean \"string.upcase\"?")]
    [TestCase("{{ upcase }}", "did you mean \"string.upcase\"?")]
    [TestCase("{{ upcas 'a' }}", "did you mean \"string.upcase\"?")]
    [TestCase("{{ toUpper 'a' }}", "did you mean \"string.upcase\"?")]
    [TestCase("{{ 'a' | string.upper }}", "did you mean \"string.upcase\"?")]
    [TestCase("{{ 'a' | array.upcase }}", "did you mean \"string.upcase\"?")]
    [TestCase("{{ 'a' | string.upcas }}", "did you mean \"string.upcase\"?")]
    [TestCase("{{ json containers }}", "did you mean \"object.from_json\" or \"object.to_json\"?")]
    [TestCase("{{ containers | toJSON }}", "did you mean \"object.to_json\"?")]
    [TestCase("{{ trim 'a' }}", "did you mean \"string.strip\"?")]
    [TestCase("{{ containers | length }}", "did you mean \"array.size\"?")]
    [TestCase("{{ contaners | each }}", "did you mean \"containers\"?")]
    [TestCase("{{ timespan.foo }}", "known are timespan.from_days, timespan.from_hours, timespan.from_milliseconds, timespan.from_minutes, timespan.from_seconds, timespan.parse, timespan.zero")]
    [TestCase("{{ somethingelse 1 }}", "")]
    public void AFunctionIsFoundWithoutItsObjectAndByOtherNames(string text, string hint) => Assert.That(HintOf(text), Is.EqualTo(hint));

    [TestCase("{{ container.lables }}", "did you mean \"labels\"?")]
    [TestCase("{{ container.endpoints }}", "did you mean \"networks\"?")]
    [TestCase("{{ container.mode }}", "did you mean \"network_mode\"?")]
    [TestCase("{{ container.gateway }}", "it is a member of endpoint: networks[].gateway")]
    [TestCase("{{ for n in container.networks; n.labels; end }}", "it is a member of container: container.labels")]
    [TestCase("{{ for n in container.networks; n.lables; end }}", "did you mean \"labels\" of container: container.labels?")]
    [TestCase("{{ container.somethingelse }}", "known are labels, name, network_mode, networks")]
    [TestCase("{{ gateway }}", "it is a member of endpoint: container.networks[].gateway")]
    [TestCase("{{ somethingelse }}", "write \"?? ...\" after it if it may be missing")]
    public void AMemberIsFoundElsewhereInTheModel(string text, string hint) => Assert.That(HintOf(text), Is.EqualTo(hint));

    [Test]
    public void AMemberThatIsMissingAtRunTimeIsFoundToo()
    {
        var parsed = Template.Parse(new SourceText("t", "{{ c.endpoints }}{{ 1 | upcase }}"), new LanguageOptions());
        var container = new ShapedObject(Container, TemplateValue.Null, TemplateValue.Null, TemplateValue.Null, TemplateValue.Null);
        var error = parsed.Template!.Render(new MapObject([new("c", TemplateValue.From(container))])).Error!;
        Assert.That(error.Diagnostic.Hint, Is.EqualTo("did you mean \"networks\"?"));
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
        var bad = Named(new MapObject([]), "b");
        var good = Named(new MapObject([new("x", TemplateValue.FromText("1"))]), "a");
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
        var owners = new[] { "a", "bb" }.Select(n => Named(new MapObject([]), n)).ToArray();
        var result = parsed.Template!.Render(new ShapedObject(Root, TemplateValue.Null, TemplateValue.From(new TemplateList(owners.Select(o => TemplateValue.From(o))))));
        Assert.That(result.Text, Is.EqualTo("head <a><bb> tail"));
        Assert.That(result.Provenance, Is.EqualTo(new[] { new ProvenanceSpan(5, 3, owners[0]), new ProvenanceSpan(8, 4, owners[1]) }));
    }

    private static ShapedObject Named(MapObject labels, string name) =>
        new(Container, TemplateValue.From(labels), TemplateValue.FromText(name), TemplateValue.Null, TemplateValue.Null);

    private static string HintOf(string text) =>
        Template.Parse(new SourceText("t", text), new LanguageOptions { Root = Root }).Diagnostics.First(d => d.Id != "unquoted-text").Hint;

    private sealed class Loader(string path, string text) : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom) => name == "part" ? new LoadedTemplate(path, text) : null;
    }
}
