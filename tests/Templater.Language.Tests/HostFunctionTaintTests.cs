namespace Templater.Language.Tests;

/// <summary>What a function of the program makes from tainted text is tainted at every depth, and nothing of it gets lost.</summary>
public sealed class HostFunctionTaintTests
{
    private static TemplateValue Clean(string text) => TemplateValue.FromText(text);

    private static TemplateValue ListWithMember()
    {
        var list = new TemplateList([Clean("item")], isOwned: true);
        list.SetMember(Clean("name"), Clean("member"));
        return TemplateValue.From(list);
    }

    private static TemplateValue Nested(int depth) => depth == 0 ? Clean("deep") : TemplateValue.From(new TemplateList([Nested(depth - 1)]));

    private static TemplateValue Shared(int depth)
    {
        var list = TemplateValue.From(new TemplateList([Clean("x")]));
        for (var i = 0; i < depth; i++)
            list = TemplateValue.From(new TemplateList([list, list]));
        return list;
    }

    private static RenderResult Render(string template, TemplateValue made, string? format = "nginx")
    {
        var make = new FunctionDefinition
        {
            Name = "make",
            Documentation = "makes something of a text",
            Parameters = [new FunctionParameter("text", new TemplateType.Text())],
            Body = _ => made,
        };
        var parsed = Template.Parse(new SourceText("t", template), new LanguageOptions { Format = format, Functions = [make], Limits = new RenderLimits { LoopIterations = 10_000 } });
        return parsed.Template!.Render(new MapObject([new("t", TemplateValue.FromUntrusted("t"))]));
    }

    private static IEnumerable<TestCaseData> Parts()
    {
        yield return new TestCaseData("r[0]", ListWithMember());
        yield return new TestCaseData("r.name", ListWithMember());
        yield return new TestCaseData("r.a", TemplateValue.From(new MapObject([new("a", Clean("v"))])));
        yield return new TestCaseData("r | object.keys", TemplateValue.From(new MapObject([new("a", TemplateValue.True)])));
        yield return new TestCaseData("r.key", TemplateValue.From(new PairObject(Clean("k"), TemplateValue.True)));
        yield return new TestCaseData("r.value", TemplateValue.From(new PairObject(TemplateValue.True, Clean("v"))));
        yield return new TestCaseData("r[0].value[0]", TemplateValue.From(new TemplateList([TemplateValue.From(new PairObject(TemplateValue.True, ListWithMember()))])));
        yield return new TestCaseData("r | object.to_json", Nested(40));
    }

    [TestCaseSource(nameof(Parts))]
    public void EveryTextInTheResultIsTainted(string part, TemplateValue made)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Render($"{{{{ r = make t; {part} }}}}", made).Error?.Diagnostic.Id, Is.EqualTo("unquoted-text"));
            Assert.That(Render($"{{{{ r = make 'clean'; {part} }}}}", made).Text, Is.Not.Null.And.Not.Empty);
            Assert.That(Render($"{{{{ r = make t; {part} }}}}", made, format: null).Text, Is.EqualTo(Render($"{{{{ r = make 'clean'; {part} }}}}", made, format: null).Text));
        }
    }

    [Test]
    public void WhatIsTooDeepIsAMistakeAndNotLost() => Assert.That(Render("{{ r = make t; 'a' }}", Nested(60)).Error?.Diagnostic.Id, Is.EqualTo("limit-value-depth"));

    [Test]
    public void WhatIsThereOftenIsCounted() => Assert.That(Render("{{ r = make t; 'a' }}", Shared(40)).Error?.Diagnostic.Id, Is.EqualTo("limit-loop"));
}
