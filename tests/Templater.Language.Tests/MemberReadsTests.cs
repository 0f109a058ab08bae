namespace Templater.Language.Tests;

/// <summary>What a template is known not to read; what cannot be known counts as read.</summary>
public sealed class MemberReadsTests
{
    private static readonly Shape Inner = new("inner",
    [
        new ShapeMember("name", new TemplateType.Text(), ""),
        new ShapeMember("secret", new TemplateType.Text(), ""),
    ]);

    // Has a member of the same name.
    private static readonly Shape Other = new("other",
    [
        new ShapeMember("name", new TemplateType.Text(), ""),
        new ShapeMember("secret", new TemplateType.Text(), ""),
    ]);

    private static readonly Shape Outer = new("outer",
    [
        new ShapeMember("title", new TemplateType.Text(), ""),
        new ShapeMember("inner", new TemplateType.ObjectOf(Inner), ""),
        new ShapeMember("inners", new TemplateType.ListOf(new TemplateType.ObjectOf(Inner)), ""),
    ]);

    private static readonly Shape Root = new("model",
    [
        new ShapeMember("outer", new TemplateType.ObjectOf(Outer), ""),
        new ShapeMember("outers", new TemplateType.ListOf(new TemplateType.ObjectOf(Outer)), ""),
        new ShapeMember("inner", new TemplateType.ObjectOf(Inner).OrNull(), ""),
        new ShapeMember("other", new TemplateType.ObjectOf(Other), ""),
        new ShapeMember("others", new TemplateType.ListOf(new TemplateType.ObjectOf(Other)), ""),
        new ShapeMember("key", new TemplateType.Text(), ""),
        new ShapeMember("anything", new TemplateType.Any(), ""),
    ]);

    [TestCase("{{ inner.name }}")]
    [TestCase("{{ other.secret }}")]
    [TestCase("{{ other }}")]
    [TestCase("{{ other[key] }}")]
    [TestCase("{{ with other; secret; end }}")]
    [TestCase("{{ for x in outer.inners; x.name; end }}")]
    [TestCase("{{ for x in outer.inners; y = x; y.name; end }}")]
    [TestCase("{{ outer.inners[0].name; outer.inners[for.index].name }}")]
    [TestCase("{{ inner == null ? 'none' : inner.name }}")]
    [TestCase("{{ if inner && !outer.inner; (inner ?? outer.inner).name; end }}")]
    [TestCase("{{ outer.inners.size; outer.inners | array.size; (outer.inners | array.first).name }}")]
    [TestCase("{{ for x in (outer.inners + [outer.inner] | array.reverse); x.name; end }}")]
    [TestCase("{{ outer.inners | array.map 'name' | array.join ' ' }}")]
    [TestCase("{{ for x in (outer.inners | array.sort 'name'); x.name; end }}")]
    [TestCase("{{ func f(x); x.name; end; f inner; f outer.inner }}")]
    [TestCase("{{ func f(x); ret x.name; end; f inner }}")]
    [TestCase("{{ include 'name' inner }}")]
    [TestCase("{{ x = {a: inner}; x.a.name }}")]
    [TestCase("{{ x = inner; x = other; x.secret }}")]
    public void AMemberThatIsNotReadIsKnownNotToBe(string text) => Assert.That(Reads(text).MayRead(Inner, "secret"), Is.False);

    [TestCase("{{ inner.secret }}")]
    [TestCase("{{ inner?.secret }}")]
    [TestCase("{{ inner . secret }}")]
    [TestCase("{{ inner['secret'] }}")]
    [TestCase("{{ inner[key] }}")]
    [TestCase("{{ inner['sec' + 'ret'] }}")]
    [TestCase("{{ if false; inner.secret; end }}")]
    [TestCase("{{ inner }}")]
    [TestCase("{{ outer }}")]
    [TestCase("{{ 'a' + inner }}")]
    [TestCase("{{ $'{inner}' }}")]
    [TestCase("{{ capture x; outer.inners; end; x }}")]
    [TestCase("{{ case inner; when 'a'; 1; end }}")]
    [TestCase("{{ inner == 'a' }}")]
    [TestCase("{{ x = {a: inner}; x }}")]
    [TestCase("{{ for m in inner; m.value; end }}")]
    [TestCase("{{ for m in outer; 1; end }}")]
    [TestCase("{{ with inner; secret; end }}")]
    [TestCase("{{ if key == 'a'; with inner; 1; end; end }}")]
    [TestCase("{{ import inner; secret }}")]
    [TestCase("{{ import outer; inner.name }}")]
    [TestCase("{{ this.inner.secret }}")]
    [TestCase("{{ this['inner'].secret }}")]
    [TestCase("{{ this }}")]
    [TestCase("{{ anything.secret }}")]
    [TestCase("{{ anything }}")]
    [TestCase("{{ for x in anything; 1; end }}")]
    [TestCase("{{ inner | object.values | array.size }}")]
    [TestCase("{{ object.to_json outer.inners }}")]
    [TestCase("{{ object.has_value inner 'secret' }}")]
    [TestCase("{{ inner | array.first | object.typeof }}")]
    [TestCase("{{ outer.inners | array.map 'secret' | array.size }}")]
    [TestCase("{{ outer.inners | array.map key | array.size }}")]
    [TestCase("{{ outers | array.sort 'inner.secret' | array.size }}")]
    [TestCase("{{ outers | array.map 'inners' | array.join ' ' }}")]
    [TestCase("{{ outer.inners | array.each @object.to_json | array.size }}")]
    [TestCase("{{ outer.inners | array.join ' ' }}")]
    [TestCase("{{ f = @object.values; f inner }}")]
    [TestCase("{{ func f(x); x.secret; end; f inner }}")]
    [TestCase("{{ func f(x, n); if n > 0; f x n - 1; end; end; f other 1 }}")]
    [TestCase("{{ func f(x); x.secret; end; outer.inners | array.each @f | array.size }}")]
    [TestCase("{{ func f; $0.secret; end; f inner }}")]
    [TestCase("{{ x = [other, inner]; for y in x; y.secret; end }}")]
    [TestCase("{{ x = other; for y in outer.inners; x.secret; x = y; end }}")]
    [TestCase("{{ x = other; for y in outer.inners; x = y; if y.name == 'a'; break; end; x = other; end; x.secret }}")]
    [TestCase("{{ x = {}; y = x; if key == 'a'; y = {}; end; x.a = inner; y.a }}")]
    [TestCase("{{ object.eval 'inner.secret' }}")]
    [TestCase("{{ object.eval_template '{{ inner.secret }}' }}")]
    [TestCase("{{ include 'secret' inner }}")]
    [TestCase("{{ include key inner }}")]
    [TestCase("{{ include 'whole' }}")]
    public void WhatReadsItOrMayReadItIsFound(string text) => Assert.That(Reads(text).MayRead(Inner, "secret"), Is.True);

    [Test]
    public void OfATemplateThatIsNotCheckedNothingIsKnown() =>
        Assert.That(Template.Parse(new SourceText("t", "{{ 1 }}"), new LanguageOptions()).Template!.Reads.MayRead(Inner, "secret"), Is.True);

    private static MemberReads Reads(string text)
    {
        var result = Template.Parse(new SourceText("t", text), new LanguageOptions { Root = Root, Loader = new Parts() });
        return result.Template?.Reads ?? throw new AssertionException(string.Join('\n', result.Diagnostics.Select(static message => message.Message)));
    }

    private sealed class Parts : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom) => name switch
        {
            "name" => new LoadedTemplate(name, "{{ $1.name }}"),
            "secret" => new LoadedTemplate(name, "{{ $1.secret }}"),
            "whole" => new LoadedTemplate(name, "{{ inner }}"),
            _ => null,
        };
    }
}
