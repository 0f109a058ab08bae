using System.Collections.Immutable;
using System.Globalization;

namespace Templater.Language.Tests;

/// <summary>What the static check finds without data, with «» around the place; and what it must leave alone.</summary>
public sealed class CheckTests
{
    private static readonly Shape Item = new("item",
    [
        new ShapeMember("name", new TemplateType.Text(), ""),
        new ShapeMember("size", new TemplateType.Number(), ""),
        new ShapeMember("tags", new TemplateType.ListOf(new TemplateType.Text()), ""),
        new ShapeMember("note", new TemplateType.Text { Nullable = true }, ""),
        new ShapeMember("open", new TemplateType.Boolean(), ""),
    ]);

    private static readonly Shape Root = new("model",
    [
        new ShapeMember("items", new TemplateType.ListOf(new TemplateType.ObjectOf(Item)), ""),
        new ShapeMember("item", new TemplateType.ObjectOf(Item), ""),
        new ShapeMember("labels", new TemplateType.MapOf(new TemplateType.Text()), ""),
    ]);

    [TestCase("{{ for x in items; break; «x.name»; end }}", "unreachable")]
    [TestCase("{{ for x in items }}{{ continue }}\n «text »{{ end }}", "unreachable")]
    [TestCase("{{ ret }} «end»", "unreachable")]
    [TestCase("{{ func f; if item.open; ret 1; else; ret 2; end; «item.name»; end; f }}", "unreachable")]
    [TestCase("{{ [1] | array.each @(do; ret 1; «2»; end) }}", "unreachable")]
    [TestCase("{{ if «false»; 1; end }}", "constant-condition")]
    [TestCase("{{ if «1 == 1 || true»; 1; else; 2; end }}", "constant-condition")]
    [TestCase("{{ if item.open; 1; else if «!true»; 2; end }}", "constant-condition")]
    [TestCase("{{ while «null»; 1; end }}", "constant-condition")]
    [TestCase("{{ «true» ? 1 : 2 }}", "constant-condition")]
    [TestCase("{{ if item.open; 1; else if «item.open»; 2; end }}", "repeated-condition")]
    [TestCase("{{ func f(a); if a == 1; 1; else if «a == 1»; 2; end; end; f 1 }}", "repeated-condition")]
    [TestCase("{{ x = {a: 1}; func f; ret x; end; if x.a == 1; f; else if «x.a == 1»; 2; end }}", "repeated-condition")]
    [TestCase("{{ case item.name; when 'a'; 1; when \"b\", «\"a\"»; 2; end }}", "repeated-when")]
    [TestCase("{{ x = {a: 1, «a: 2»}; x.a }}", "repeated-member")]
    [TestCase("a{{ capture «x» }}b{{ end }}", "unused-capture")]
    [TestCase("a{{ «x» = 1 }}", "unused-variable")]
    [TestCase("a{{ «$x» = 1 }}", "unused-variable")]
    [TestCase("a{{ func «f»; 1; end }}", "unused-function")]
    [TestCase("{{ if «item.tags»; 1; end }}", "always-true")]
    [TestCase("{{ if !«item.name» && item.open; 1; end }}", "always-true")]
    [TestCase("{{ for x in items; «x.tags.size» ? 1 : 2; end }}", "always-true")]
    [TestCase("{{ array.join «item.size» ',' }}", "wrong-argument")]
    [TestCase("{{ 'a' | string.pad_left «items» }}", "wrong-argument")]
    [TestCase("{{ items | array.each «'name'» }}", "wrong-argument")]
    [TestCase("{{ string.replace 'a' «mach»:'b' replace:'c' }}", "unknown-argument")]
    [TestCase("{{ func f(a); a; end; f «b»:1 }}", "unknown-argument")]
    [TestCase("{{ 'a' | «string.replace» 'b' }}", "argument-count")]
    [TestCase("{{ «string.replace» 'a' }}", "argument-count")]
    [TestCase("{{ «string.upcase» }}", "argument-count")]
    [TestCase("{{ string.upcase 'a' «'b'» 'c' }}", "argument-count")]
    [TestCase("{{ 'a' | string.upcase «'b'» }}", "argument-count")]
    [TestCase("{{ «'a'» | math.uuid }}", "argument-count")]
    [TestCase("{{ string.upcase 'a' «text:'b'» }}", "argument-count")]
    [TestCase("{{ func f(a); a; end; f 1 «2» }}", "argument-count")]
    [TestCase("{{ func f(a, b); a; b; end; 1 | «f» }}", "argument-count")]
    [TestCase("{{ func f(a, b=1); a; b; end; f(1, 2, «3») }}", "argument-count")]
    [TestCase("{{ item.name.«lenght» }}", "unknown-member")]
    public void IsFound(string annotated, string id)
    {
        var start = annotated.IndexOf('«', StringComparison.Ordinal);
        var end = annotated.IndexOf('»', StringComparison.Ordinal) - 1;
        var found = Check(annotated.Replace("«", "", StringComparison.Ordinal).Replace("»", "", StringComparison.Ordinal));
        Assert.That(found.Select(d => (d.Id, d.Span)), Is.EqualTo(new[] { (id, TextSpan.FromBounds(start, end)) }), string.Join('\n', found));
    }

    [TestCase("{{ func f; ret math.random 1 9; end; if f == 1; 1; else if f == 1; 2; end }}")]
    [TestCase("{{ f = @math.uuid; if f == 'a'; 1; else if f == 'a'; 2; end }}")]
    [TestCase("{{ if math.uuid == 'a'; 1; else if math.uuid == 'a'; 2; end }}")]
    [TestCase("{{ o = {f: @math.uuid}; if o.f == 'a'; 1; else if o.f == 'a'; 2; else if o['f'] == 'b'; 3; else if o['f'] == 'b'; 4; end }}")]
    [TestCase("{{ func f(g); if g == 'a'; 1; else if g == 'a'; 2; end; end; f @math.uuid }}")]
    [TestCase("{{ func $f; ret math.random 1 9; end; if $f == 1; 1; else if $f == 1; 2; end }}")]
    [TestCase("{{ func f; ret math.uuid; end; case 'a'; when f; 1; when f; 2; end }}")]
    [TestCase("{{ for g in [@math.uuid]; if g == 'a'; 1; else if g == 'a'; 2; end; end }}")]
    [TestCase("{{ for x in items; if x.open; break; end; x.name; end }}")]
    [TestCase("{{ for x in items; break; end }}a")]
    [TestCase("{{ while true; break; end }}")]
    [TestCase("{{ if item.open && item.note; 1; end }}")]
    [TestCase("{{ x = []; x.a = 1; x.a; items.size; item.tags.empty? }}")]
    [TestCase("{{ n = 1; n += 1; n }}")]
    [TestCase("{{ func f(n); n += 1; ret n; end; f 1 }}")]
    [TestCase("{{ for x in items; n = x; n += 1; n; end }}")]
    [TestCase("{{ array.join item.name ',' }}{{ array.join [',', 'a'] ',' }}")]
    [TestCase("{{ header = 'reader'; include header | string.size }}")]
    [TestCase("{{ if item.note; 1; end }}{{ if labels?.a; 1; end }}")]
    [TestCase("{{ x = item.tags; if x; 1; end }}")]
    [TestCase("{{ case item.name; when 'a'; 1; when 'A'; 2; end }}")]
    [TestCase("{{ capture x }}a{{ end }}\n{{ func f; 1; end }}")]
    [TestCase("a{{ x = 1; this | object.size }}")]
    [TestCase("a{{ x = 1; include item.name | string.size }}")]
    [TestCase("a{{ x = {}; with x; y = 1; end; x }}")]
    [TestCase("a{{ x = {}; x.y = 1 }}")]
    [TestCase("a{{ include 'reader' }}{{ x = 1 }}")]
    [TestCase("{{ range = 1; range }}")]
    [TestCase("{{ func set(a); a; end; set 1 }}")]
    [TestCase("{{ string.replace 'a' match:'a' Replace:'b' }}")]
    [TestCase("log-format \"{%ci:%cp}\" {%[src]} }} { a: { b; }}")]
    [TestCase("{{ # {{ each # }}")]
    [TestCase("{%{ {% for x in y %} }%}")]
    public void IsLeftAlone(string text) => Assert.That(Check(text), Is.Empty);

    [TestCase("{{ «elif» item.open }}", "write else if")]
    [TestCase("{{ if item.open }}{{ «endif» }}", "write end: every block is closed by it")]
    [TestCase("{{ «foreach» x in items }}{{ x }}{{ end }}", "write for x in list")]
    [TestCase("{{ «.Name» }}", "write the object's name: x.Name")]
    [TestCase("{{ if «.Name» }}{{ end }}", "write the object's name: x.Name")]
    [TestCase("{{ x «:=» 1 }}{{ x }}", "write =")]
    [TestCase("{{ item.open «and» item.open }}", "write &&")]
    [TestCase("{{ if «not» item.open }}{{ end }}", "write !")]
    [TestCase("{{ item.name «===» 'a' }}", "write ==")]
    [TestCase("{{ item.name «<>» 'a' }}", "write !=")]
    [TestCase("{{ item«->»name }}", "a member is written x.name")]
    [TestCase("{{ for «(»x in items) }}{{ end }}", "write for x in list")]
    [TestCase("{{ for i«,» x in items }}{{ end }}", "write for x in map, then x.key and x.value; the number of the turn is for.index")]
    [TestCase("{{ if item.open }}{{ «end if» }}", "write {{ end }}")]
    [TestCase("«{% if x %}»", "write {{ if ... }}")]
    [TestCase("{{ item.name == «“a”» }}", "write \"...\" or '...'")]
    [TestCase("{{ x = «'»a }}\nb {{ item.name }}", "add the closing quote")]
    [TestCase("{{ «if» item.open }}a", "expected {{ end }}")]
    [TestCase("{{ for x in items }}\n  {{ «if» x.open }}\n{{ end }}", "expected {{ end }}")]
    [TestCase("{{ item.name «}» }}", "code ends with }}")]
    [TestCase("{{ items.«length» }}", "did you mean \"size\"?")]
    [TestCase("{{ items.«first».name }}", "did you mean \"array.first\"?")]
    [TestCase("{{ items.«name» }}", "each of its items has it: write for x in items, then x.name")]
    [TestCase("{{ item.tags.«nothing» }}", "a list has only .size")]
    [TestCase("{{ item.size.«unit» }}", "a number has no members")]
    [TestCase("{{ string = 'a'; string.«upcase» }}", "\"string\" is a variable of this template here: give that another name")]
    [TestCase("{{ item = 1; item.«name» }}", "\"item\" is a variable of this template here: give that another name")]
    [TestCase("{{ «total» }}\n{{ total = 1 }}", "it gets its value only in line 2")]
    [TestCase("{{ n = «n» + 1; n }}", "give it a value before: n = ...")]
    [TestCase("{{ «n» += 1; n }}", "give it one before: n = ...")]
    [TestCase("{{ include «header» }}", "the name of a file is a text: write \"header\"")]
    [TestCase("{{ include «header».html }}", "the name of a file is a text: write \"header.html\"")]
    [TestCase("{{ array.join «','» item.tags }}", "it is called as array.join list delimiter [function]")]
    [TestCase("{{ «','» | array.join item.tags }}", "it is called as array.join list delimiter [function]")]
    [TestCase("{{ 'a' «if» item.open }}", "write condition ? a : b")]
    [TestCase("{{ item.name «in» ['a'] }}", "write list | array.contains item")]
    [TestCase("{{ «exists» item.name }}", "write x != null")]
    [TestCase("{{ if item.open «then» }}{{ end }}", "leave it out")]
    [TestCase("{{ if item.open«:» }}{{ end }}", "leave it out")]
    [TestCase("{{ case item.name }}{{ when 'a'«:» }}{{ end }}", "leave it out")]
    [TestCase("{{ «//» text }}", "write {{ # text }}")]
    [TestCase("{{ «/*» text */ }}", "write {{ # text }}")]
    [TestCase("{{ 'a' «&» item.name }}", "texts are joined by +, conditions by &&")]
    [TestCase("{{ 'a' «~» item.name }}", "texts are joined by +")]
    [TestCase("{{«=» item.name }}", "write {{ value }}")]
    [TestCase("{{ «.» }}", "write the name of the value")]
    [TestCase("{{ «const» x = 1 }}{{ x }}", "write x = ...")]
    public void SaysWhatToWriteInstead(string annotated, string hint)
    {
        var start = annotated.IndexOf('«', StringComparison.Ordinal);
        var end = annotated.IndexOf('»', StringComparison.Ordinal) - 1;
        var found = Check(annotated.Replace("«", "", StringComparison.Ordinal).Replace("»", "", StringComparison.Ordinal));
        Assert.That(found.Select(d => (d.Hint, d.Span)), Does.Contain((hint, TextSpan.FromBounds(start, end))), string.Join('\n', found));
    }

    [Test]
    public void AMistakeInAnIncludeShowsTheWayThere()
    {
        var found = Check("{{ include 'outer' }}");
        Assert.That(found.Select(d => (d.Path, d.Id, string.Join(' ', d.IncludedFrom))), Is.EqualTo(new[]
        {
            ("broken", "unclosed-block", "outer:2:4 site.scriban:1:4"),
            ("broken", "syntax", "outer:2:4 site.scriban:1:4"),
            ("wrong", "unknown-member", "outer:1:4 site.scriban:1:4"),
        }));
    }

    [Test]
    public void SeveralMistakesAreToldAtOnce()
    {
        var found = Check("{{ item.nmae }}{{ itme.name }}{{ item.name | string.upcas }}{{ string.replace 'a' }}");
        Assert.That(found.Select(d => d.Id), Is.EqualTo(new[] { "unknown-member", "unknown-variable", "unknown-function", "argument-count" }));
    }

    // Each took minutes when every place was looked at as often as there are others.
    [TestCase("{{%if ", "")]
    [TestCase("{{{{#each x}}}}", "")]
    [TestCase("{{{{ ", "“ ")]
    [TestCase("{{{{ ", "elif ")]
    [TestCase("{{{{ if a }}}}", "{{{{ else if a == {0} }}}}")]
    [MaxTime(30_000)]
    public void ALongTemplateIsCheckedInTimeToItsLength(string start, string repeated)
    {
        var first = string.Format(CultureInfo.InvariantCulture, start, 0);
        var parts = Enumerable.Range(0, 80_000).Select(i => repeated.Length > 0 ? string.Format(CultureInfo.InvariantCulture, repeated, i) : first);
        Assert.That(Check(first + string.Concat(parts)).Length, Is.LessThanOrEqualTo(200));
    }

    private static ImmutableArray<Diagnostic> Check(string text) =>
        Template.Parse(new SourceText("site.scriban", text), new LanguageOptions { Root = Root, Format = "nginx", Loader = new Parts() }).Diagnostics;

    private sealed class Parts : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom) => name switch
        {
            "reader" => new LoadedTemplate(name, "{{ x ?? '' }}"),
            "outer" => new LoadedTemplate(name, "{{ include 'wrong' }}\n{{ include 'broken' }}"),
            "wrong" => new LoadedTemplate(name, "{{ item.nmae }}"),
            "broken" => new LoadedTemplate(name, "{{ if item.open }}{{ 1 + }}"),
            _ => null,
        };
    }
}
