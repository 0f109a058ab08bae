namespace Templater.Language.Tests;

public sealed class TaintTests
{
    private static readonly FunctionDefinition Quote = new()
    {
        Name = "nginx.string",
        Documentation = "quotes",
        Parameters = [new FunctionParameter("text", new TemplateType.Text())],
        Quotes = "nginx",
        Body = call => TemplateValue.FromText($"\"{call.Text(0)}\""),
    };

    private static readonly Shape Container = new("container",
    [
        new ShapeMember("name", new TemplateType.Text(Untrusted: true), ""),
        new ShapeMember("id", new TemplateType.Text(), ""),
        new ShapeMember("labels", new TemplateType.MapOf(new TemplateType.Text(Untrusted: true), UntrustedKeys: true), ""),
    ], isOwner: true);

    private static readonly Shape Root = new("model",
    [
        new ShapeMember("containers", new TemplateType.ListOf(new TemplateType.ObjectOf(Container)), ""),
        new ShapeMember("t", new TemplateType.Text(Untrusted: true), ""),
    ]);

    private static LanguageOptions Options(string? format = "nginx") => new() { Format = format, Functions = [Quote], Root = Root };

    private static ShapedObject Model() => new(Root,
        TemplateValue.From(new TemplateList([TemplateValue.From(new ShapedObject(Container, TemplateValue.FromUntrusted("n;"), TemplateValue.FromText("id1"),
            TemplateValue.From(new MapObject([new("k", TemplateValue.FromUntrusted("v;"))], untrustedKeys: true))))])),
        TemplateValue.FromUntrusted("t;"));

    // Both the static check and the render refuse each of these.
    [TestCase("{{ t }}")]
    [TestCase("{{ t | string.upcase }}")]
    [TestCase("{{ 'a' + t }}")]
    [TestCase("{{ t * 2 }}")]
    [TestCase("{{ $\"a{t}\" }}")]
    [TestCase("{{ x = t; x }}")]
    [TestCase("{{ if true; x = 'a'; else; x = 'b'; end; x = t; x }}")]
    [TestCase("{{ capture x }}{{ t }}{{ end }}{{ x }}")]
    [TestCase("{{ func f(a); ret a; end; f t }}")]
    [TestCase("{{ func f(a); a; end; f t }}")]
    [TestCase("{{ func f(a); a; end; x = f t; x }}")]
    [TestCase("{{ for c in containers; c.name; end }}")]
    [TestCase("{{ for c in containers; for l in c.labels; l.key; end; end }}")]
    [TestCase("{{ for c in containers; for l in c.labels; l.value; end; end }}")]
    [TestCase("{{ for c in containers; c.labels['k']; end }}")]
    [TestCase("{{ containers[0].labels | object.keys }}")]
    [TestCase("{{ containers }}")]
    [TestCase("{{ containers | array.map 'name' | array.join ',' }}")]
    [TestCase("{{ nginx.string t | string.slice 0 1 }}")]
    [TestCase("{{ (nginx.string t) | string.upcase }}")]
    [TestCase("{{ [t] | array.first }}")]
    [TestCase("{{ {a: t}.a }}")]
    [TestCase("{{ o = {}; o.a = t; o.a }}")]
    [TestCase("{{ null ?? t }}")]
    [TestCase("{{ t[0] }}")]
    [TestCase("{{ for c in t; c; end }}")]
    [TestCase("{{ with containers[0]; name; end }}")]
    [TestCase("{{ t | object.to_json }}")]
    [TestCase("{{ t | string.split ';' | array.first }}")]
    [TestCase("{{ t | regex.replace '[a-z]' '' }}")]
    [TestCase("{{ [nginx.string t] }}")]
    [TestCase("{{ {a: nginx.string t} }}")]
    [TestCase("{{ [nginx.string t] + 'a' | array.first; [[nginx.string t]] | array.join ',' }}")]
    [TestCase("{{ $\"{[nginx.string t]}\" }}")]
    [TestCase("{{ 'a' | string.append [nginx.string t] }}")]
    [TestCase("{{ x = {a: nginx.string t}; 'a' + x }}")]
    [TestCase("{{ x = {a: nginx.string t}; for p in x; p; end }}")]
    [TestCase("{{ import containers[0].labels; this | object.keys }}")]
    [TestCase("{{ import containers[0].labels; for p in this; p.key; end }}")]
    [TestCase("{{ import containers[0].labels; this | object.to_json }}")]
    [TestCase("{{ import containers[0].labels; this }}")]
    [TestCase("{{ o = {}; with o; import containers[0].labels; end; o | object.keys }}")]
    [TestCase("{{ o = {}; with o; import containers[0].labels; for p in this; p.key; end; end }}")]
    [TestCase("{{ o = {}; o[t] = 1; o | object.keys }}")]
    [TestCase("{{ o = {}; o[t] = 1; for p in o; p.key; end }}")]
    [TestCase("{{ o = {}; o[t] = 1; o | object.to_json }}")]
    [TestCase("{{ this[t] = 1; this | object.keys }}")]
    public void RefusesUnquotedText(string template)
    {
        var parsed = Template.Parse(new SourceText("t", template), Options());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(parsed.Diagnostics.Select(d => d.Id), Has.Some.EqualTo("unquoted-text"), "static");
            Assert.That(parsed.Template!.Render(Model()).Error?.Diagnostic.Id, Is.EqualTo("unquoted-text"), "run time");
        }
    }

    [TestCase("{{ nginx.string t }}", "\"t;\"")]
    [TestCase("{{ 'a' + (nginx.string t) + 'b' }}", "a\"t;\"b")]
    [TestCase("{{ $\"x{nginx.string t}\" }}", "x\"t;\"")]
    [TestCase("{{ capture x }}a {{ nginx.string t }}{{ end }}{{ x }}", "a \"t;\"")]
    [TestCase("{{ [nginx.string t, 'b'] | array.join ' ' }}", "\"t;\" b")]
    [TestCase("{{ [t] | array.join ' ' @nginx.string }}", "\"t;\"")]
    [TestCase("{{ for c in containers; c.id; end }}", "id1")]
    [TestCase("{{ t == 'a' }}{{ t.size }}{{ t | string.contains ';' }}", "false2true")]
    [TestCase("{{ x = t; x = 'clean'; x }}", "clean")]
    [TestCase("{{ func f(a); ret nginx.string a; end; f t }}", "\"t;\"")]
    [TestCase("{{ func f(a); ret a; end; x = f t; f 'clean' }}", "clean")]
    [TestCase("{{ containers | array.size }}", "1")]
    public void AllowsQuotedAndCleanText(string template, string expected)
    {
        var parsed = Template.Parse(new SourceText("t", template), Options());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(parsed.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error), Is.Empty);
            Assert.That(parsed.Template!.Render(Model()).Text, Is.EqualTo(expected));
        }
    }

    [Test]
    public void WarnsInPlainText()
    {
        var parsed = Template.Parse(new SourceText("t", "{{ t }}"), Options(format: null));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(parsed.Diagnostics.Single().Severity, Is.EqualTo(DiagnosticSeverity.Warning));
            Assert.That(parsed.Template!.Render(Model()).Text, Is.EqualTo("t;"));
        }
    }

    // A text that names a template is an argument of the template, too.
    [TestCase("{{ include_join ['part', 'part'] ('tpl:' + t) }}")]
    [TestCase("{{ include_join ['part'] '' ('tpl:' + t) }}")]
    [TestCase("{{ include_join ['part'] '' '' ('tpl:' + t) }}")]
    public void ANameIsTaintedInsideTheTemplateThatItNames(string template)
    {
        var parsed = Template.Parse(new SourceText("t", template), Options() with { Root = null, Loader = new Named() });
        Assert.That(parsed.Template!.Render(Model()).Error?.Diagnostic.Id, Is.EqualTo("unquoted-text"));
    }

    private sealed class Named : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom) => new(name, name == "part" ? "" : "{{ $0 }}");
    }

    [Test]
    public void AQuotingFunctionOfAnotherFormatQuotesNothing()
    {
        var parsed = Template.Parse(new SourceText("t", "{{ nginx.string t }}"), Options("haproxy"));
        Assert.That(parsed.Template!.Render(Model()).Error?.Diagnostic.Id, Is.EqualTo("unquoted-text"));
    }
}
