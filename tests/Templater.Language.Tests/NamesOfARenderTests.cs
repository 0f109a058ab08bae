using System.Globalization;

namespace Templater.Language.Tests;

/// <summary>Names that come from data or from texts that are run belong to the render, and yet are the same variables everywhere.</summary>
public sealed class NamesOfARenderTests
{
    private static readonly Dictionary<string, string> Parts = new(StringComparer.Ordinal)
    {
        ["reads"] = "{{ later }}",
        ["sets"] = "{{ later = 'set' }}",
        ["calls"] = "{{ func g(later); ret object.eval 'later'; end; g 7 }}",
        ["loops"] = "{{ for later in 1..2; object.eval 'later'; end }}",
    };

    // The include is compiled when the name has long been one of the render.
    [TestCase("{{ import data; include 'reads' }}", "imported")]
    [TestCase("{{ object.eval 'later = 5'; include 'reads' }}", "5")]
    [TestCase("{{ object.eval 'later = 5'; include 'sets'; object.eval 'later' }}", "set")]
    [TestCase("{{ import data; include 'sets'; object.eval 'later' }}", "set")]
    [TestCase("{{ object.eval \"later ?? 'none'\"; include 'sets'; object.eval \"later\" }}", "noneset")]
    [TestCase("{{ object.eval \"for later in 1..2; include 'reads'; end\" }}", "12")]
    [TestCase("{{ object.eval \"func f(later); include 'reads'; end; f 3\" }}", "3")]
    [TestCase("{{ object.eval \"later ?? 'none'\"; include 'calls' }}", "none7")]
    [TestCase("{{ object.eval \"later ?? 'none'\"; include 'loops' }}", "none12")]
    [TestCase("{{ func f(a); object.eval 'later = a'; ret object.eval 'later'; end; f 4; object.eval \"later ?? 'none'\" }}", "4none")]
    [TestCase("{{ import data; object.eval 'readonly later'; include 'sets' }}", "error")]
    [TestCase("{{ import data; this.later; this['later'] = 2; include 'reads' }}", "imported2")]
    [TestCase("{{ this['later'] = 2; this | object.keys }}", "[\"data\", \"later\"]")]
    [TestCase("{{ import {string: {upcase: 1}}; include 'reads' }}", "error")]
    [TestCase("{{ import {string: data}; string.later; 'a' | string.upcase }}", "error")]
    [TestCase("{{ this.nothing ?? 'none'; this.data.later }}", "noneimported")]
    public void IsTheSameVariable(string text, string expected)
    {
        var data = TemplateValue.From(new MapObject([new("later", TemplateValue.FromText("imported"))]));
        var template = Template.Parse(new SourceText("t", text), new LanguageOptions { Loader = new Loader() }).Template!;
        for (var i = 0; i < 2; i++)
        {
            var result = template.Render(new MapObject([new("data", data)]));
            Assert.That(result.Text ?? "error", Is.EqualTo(expected), result.Error?.Diagnostic.ToString());
        }
    }

    // Of the include that is compiled now as of the one that an earlier render has compiled.
    [Test]
    public void ItHidesThatOfTheModel()
    {
        var data = TemplateValue.From(new MapObject([new("later", TemplateValue.FromText("imported"))]));
        var template = Template.Parse(new SourceText("t", "{{ import data; include 'reads' }}"), new LanguageOptions { Loader = new Loader() }).Template!;
        for (var i = 0; i < 2; i++)
            Assert.That(template.Render(new MapObject([new("data", data), new("later", TemplateValue.FromText("model"))])).Text, Is.EqualTo("imported"));
    }

    [TestCase("{{ import data }}")]
    [TestCase("{{ for p in data; this[p.key] = p.value; end }}")]
    [TestCase("{{ for p in data; this[p.key] ?? ''; end }}")]
    [TestCase("{{ for p in data; object.eval(p.key + ' = 1'); end }}")]
    [TestCase("{{ for p in data; func f(a); object.eval(p.key + ' = 1'); end; f 1; end }}")]
    public void NoneIsLeftInTheTemplate(string text)
    {
        var source = new SourceText("t", text);
        var bag = new DiagnosticBag(source);
        var options = new LanguageOptions();
        var program = new TemplateProgram(source, Parser.ParseTemplate(source, bag, options.Limits, options.Strict), options);
        MapObject Model(int round) => new([new("data", TemplateValue.From(new MapObject(Enumerable.Range(0, 50).Select(i =>
            KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"name_{round}_{i}"), TemplateValue.True)))))]);
        Assert.That(program.Render(Model(0), (_, _) => { }, default).Error, Is.Null);
        var names = program.Names.Count;
        for (var round = 1; round < 100; round++)
            Assert.That(program.Render(Model(round), (_, _) => { }, default).Error, Is.Null);
        Assert.That(program.Names.Count, Is.EqualTo(names));
    }

    private sealed class Loader : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom) => Parts.TryGetValue(name, out var text) ? new LoadedTemplate(name, text) : null;
    }
}
