namespace Templater.Language.Tests;

/// <summary>What the comparison with Scriban needs: mistakes that are printed, and loops that are counted one by one.</summary>
public sealed class LeniencyTests
{
    [TestCase("a{{ x.y }}b", "a[member-of-null x.y]b")]
    [TestCase("{{ nope 1 }}!", "[unknown-function nope]!")]
    [TestCase("{{ for i in 1..2; i; i.a.b; end }}", "1[member-of-null i.a.b]2[member-of-null i.a.b]")]
    [TestCase("{{ capture c; 1; x.y; end; c }}", "1[member-of-null x.y]")]
    [TestCase("{{ x = $\"{1}{y.z}\"; 2 }}", "[member-of-null y.z]2")]
    [TestCase("{{ func f; with {a: 1}; y.z; a; end; end; f; a }}|", "[member-of-null y.z]1|")]
    public void GoesOnAfterAMistake(string template, string expected)
    {
        var options = new LanguageOptions { Strict = false, PrintMistake = mistake => $"[{mistake.Id} {mistake.Subject}]" };
        var result = Template.Parse(new SourceText("t", template), options).Template!.Render(new MapObject());
        Assert.That(result.Text, Is.EqualTo(expected), result.Error?.Diagnostic.ToString());
    }

    [Test]
    public void ALimitEndsTheRenderAllTheSame()
    {
        var options = new LanguageOptions { Strict = false, PrintMistake = _ => "", Limits = new RenderLimits { LoopIterations = 5 } };
        var result = Template.Parse(new SourceText("t", "{{ for i in 1..9; i; end }}"), options).Template!.Render(new MapObject());
        Assert.That(result.Error!.Diagnostic.Id, Is.EqualTo("limit-loop"));
    }

    [TestCase("{{ for i in 1..3; end; for i in 1..3; end }}a", "a")]
    [TestCase("{{ for i in 1..2; for j in 1..2; end; end }}", null)]
    [TestCase("{{ [1, 2, 3, 4] | array.reverse | array.size }}{{ [1, 2, 3, 4] | array.reverse | array.size }}", "44")]
    [TestCase("{{ for i in 1..2; [1, 2, 3, 4] | array.reverse; end }}", null)]
    [TestCase("{{ import {a: 1, b: 2, c: 3}; import {a: 1, b: 2, c: 3}; a }}", "1")]
    [TestCase("{{ x = 1..6 }}", null)]
    [TestCase("{{ i = 0; while true; i++; end }}", null)]
    public void LoopsInNoOtherAreCountedAnew(string template, string? expected)
    {
        var options = new LanguageOptions { Strict = false, Leniency = Leniency.LimitPerLoop, Limits = new RenderLimits { LoopIterations = 5 } };
        var result = Template.Parse(new SourceText("t", template), options).Template!.Render(new MapObject());
        Assert.That(result.Text, Is.EqualTo(expected), result.Error?.Diagnostic.ToString());
    }

    [TestCase("a{{ break }}b", "a")]
    [TestCase("a{{ if true; continue; end }}b", "a")]
    public void AJumpOutsideOfLoopsMayEndTheTemplate(string template, string expected)
    {
        var options = new LanguageOptions { Strict = false, Leniency = Leniency.JumpEndsTemplate };
        Assert.That(Template.Parse(new SourceText("t", template), options).Template!.Render(new MapObject()).Text, Is.EqualTo(expected));
    }

    [TestCase("{{ func f; 1; end; x = f }}", "no-result")]
    [TestCase("{{ func f; 1; ret 2; end; x = f }}", null)]
    [TestCase("{{ func f; 1; end; f }}", null)]
    public void AFunctionThatOnlyWritesMayBeNoExpression(string template, string? id)
    {
        var options = new LanguageOptions { Strict = false, Leniency = Leniency.StatementFunctionIsError };
        Assert.That(Template.Parse(new SourceText("t", template), options).Template!.Render(new MapObject()).Error?.Diagnostic.Id, Is.EqualTo(id));
    }

    [TestCase("{{ x }}", "unknown-variable")]
    [TestCase("{{ x ?? 1 }}", "unknown-variable")]
    [TestCase("{{ for i in x; end }}", "unknown-variable")]
    [TestCase("{{ x = 1; x }}{{ {}.y }}", null)]
    public void VariablesAloneMayBeStrict(string template, string? id)
    {
        var options = new LanguageOptions { Strict = false, Leniency = Leniency.StrictVariables };
        Assert.That(Template.Parse(new SourceText("t", template), options).Template!.Render(new MapObject()).Error?.Diagnostic.Id, Is.EqualTo(id));
    }

    [TestCase("{{ $'{[1]}{2}{1..3}{true}'; [1] }}", "<list>2<list>True[1]")]
    [TestCase("{{ f = @(do; ret $0; end); @f }}|{{ func g; 1; end; @g }}|{{ [@f] }}", "<do; ret $0; end>||[<function>]")]
    public void AHostMaySayHowValuesLook(string template, string expected)
    {
        var options = new LanguageOptions { Strict = false, Forms = new NamedForms() };
        Assert.That(Template.Parse(new SourceText("t", template), options).Template!.Render(new MapObject()).Text, Is.EqualTo(expected));
    }

    private sealed class NamedForms : IValueForms
    {
        public string? Interpolated(TemplateValue value) => value.Kind == ValueKind.List ? "<list>" : null;

        public string? Code(string code) => $"<{code}>";
    }

    [TestCase("{{ (1.10 * 3) | object.kind }} {{ 1.10 * 3 }}", "decimal 3.30")]
    [TestCase("{{ 1_0.5 | object.kind }} {{ -1.5 | object.kind }}", "decimal decimal")]
    [TestCase("{{ 1.5d | object.kind }} {{ 1.5f | object.kind }} {{ 1 | object.kind }}", "double float int")]
    [TestCase("{{ 1e1 | object.kind }} {{ 1.5e300 | object.kind }}", "int double")]
    public void FractionsMayBeDecimals(string template, string expected)
    {
        var options = new LanguageOptions { Strict = false, Leniency = Leniency.FloatIsDecimal };
        Assert.That(Template.Parse(new SourceText("t", template), options).Template!.Render(new MapObject()).Text, Is.EqualTo(expected));
    }

    [TestCase("{{ [[1]] }}", "[[1]]")]
    [TestCase("{{ {a: {b: 'x'}} }}", "{a: {b: \"x\"}}")]
    [TestCase("{{ [[[]]] }}", null)]
    [TestCase("{{ {a: [{}]} }}", null)]
    [TestCase("{{ x = [[[1]]]; x[0][0] }}", "[1]")]
    public void WhatIsPrintedMayHaveItsOwnDepth(string template, string? expected)
    {
        var options = new LanguageOptions { Strict = false, Limits = new RenderLimits { PrintedDepth = 2 } };
        var result = Template.Parse(new SourceText("t", template), options).Template!.Render(new MapObject());
        Assert.That(result.Text, Is.EqualTo(expected));
        Assert.That(result.Error?.Diagnostic.Id, Is.EqualTo(expected is null ? "limit-value-depth" : null));
    }
}
