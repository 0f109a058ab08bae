namespace Templater.Language.Tests;

/// <summary>A template keeps what a render has used for the next one; no render can tell.</summary>
public sealed class ReuseTests
{
    private static readonly FunctionDefinition Fail = new()
    {
        Name = "fail",
        Documentation = "fails",
        Parameters = [],
        Body = call => throw call.Error("on purpose"),
    };

    private static IEnumerable<string> Templates => CaseTable.Templates().Where(text => Parse(text) is not null);

    [TestCaseSource(nameof(Templates))]
    public void EveryRenderIsLikeTheFirst(string text)
    {
        var template = Parse(text)!;
        var first = Outcome(template.Render(new MapObject()));
        Assert.That(Outcome(template.Render(new MapObject())), Is.EqualTo(first));
        Assert.That(Outcome(template.Render(new MapObject())), Is.EqualTo(first));
    }

    // Globals, locals, captures, calls, loops, cycles, read-only names and includes of a render are gone, however it ended.
    [TestCase("{{ x }}|{{ if fails; x = 1; fail; end }}")]
    [TestCase("{{ f 1 }}|{{ func f(a); if fails; fail; end; ret $y; end }}{{ if fails; $y = 1; f 2; end }}")]
    [TestCase("{{ capture c; 'inner'; if fails; fail; end; end }}{{ c }}")]
    [TestCase("{{ for i in 1..3; i; for j in 1..2; if fails; fail; end; j; end; end }}{{ i }}")]
    [TestCase("{{ func f(n); n; if n > 0; f(n - 1); else if fails; fail; end; end; f(9) }}")]
    [TestCase("{{ ['a','b'] | array.cycle }}{{ if fails; ['a','b'] | array.cycle; fail; end }}")]
    [TestCase("{{ x = 1; if fails; readonly x; fail; end; x = 2; x }}")]
    [TestCase("{{ o = {a: 1}; with o; if fails; fail; end; a; end; a }}")]
    [TestCase("{{ array.each [1,2] @(do; if fails; fail; end; ret $0 + 1; end) }}")]
    [TestCase("  {{ \"a\\nb\"; if fails; fail; end }}\n{{ \"c\\nd\" }}")]
    public void AMistakeLeavesNothingBehind(string text)
    {
        var template = Parse(text)!;
        var good = new MapObject([new("fails", TemplateValue.False)]);
        var bad = new MapObject([new("fails", TemplateValue.True)]);
        var expected = Outcome(Parse(text)!.Render(good));
        for (var i = 0; i < 3; i++)
        {
            Assert.That(template.Render(bad).Error, Is.Not.Null);
            Assert.That(Outcome(template.Render(good)), Is.EqualTo(expected));
        }
    }

    [Test]
    public void RendersAtOnceDoNotMeet()
    {
        var template = Parse("{{ func twice(a); b = a + a; ret b; end; for i in 1..200; x = twice(name + i); capture c; x; end; c | string.replace 'a' 'b'; ' '; for.last ? 'end' : ''; end }}")!;
        string Render(string name) => template.Render(new MapObject([new("name", TemplateValue.FromText(name))])).Text!;
        string[] names = ["anna", "berta", "cäsar", "da"];
        var expected = names.ToDictionary(name => name, Render);
        Parallel.For(0, 400, i =>
        {
            var name = names[i % names.Length];
            Assert.That(Render(name), Is.EqualTo(expected[name]));
        });
    }

    [Test]
    public void ARenderInsideARenderOfTheSameTemplateIsOneOfItsOwn()
    {
        Template? template = null;
        var inner = new FunctionDefinition
        {
            Name = "inner",
            Documentation = "renders the template itself",
            Parameters = [],
            Body = _ => TemplateValue.FromText(template!.Render(new MapObject([new("depth", TemplateValue.From(1))])).Text!),
        };
        template = Template.Parse(new SourceText("t", "{{ x = depth; for i in 1..2; i; if x == 0; '('; inner; ')'; end; end; x }}"), new LanguageOptions { Functions = [inner] }).Template!;
        Assert.That(template.Render(new MapObject([new("depth", TemplateValue.From(0))])).Text, Is.EqualTo("1(121)2(121)0"));
    }

    [Test]
    public void ACancelledRenderLeavesNothingBehind()
    {
        using var cancellation = new CancellationTokenSource();
        var cancel = new FunctionDefinition
        {
            Name = "cancel",
            Documentation = "cancels",
            Parameters = [],
            Body = _ =>
            {
                cancellation.Cancel();
                return TemplateValue.Null;
            },
        };
        var template = Template.Parse(new SourceText("t", "{{ x ?? 'none' }}{{ x = 1; if stop; cancel; end; for i in 1..5000; end }}"), new LanguageOptions { Functions = [cancel] }).Template!;
        var running = new MapObject([new("stop", TemplateValue.False)]);
        Assert.That(() => template.Render(new MapObject([new("stop", TemplateValue.True)]), cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(template.Render(running).Text, Is.EqualTo("none"));
    }

    // A mistake that is printed leaves the statement, and nothing of what it was in.
    [TestCase("{{ if fails; x = 1; string.slice 'a' fail; end; x ?? '' }}|{{ this | object.keys | array.size }}")]
    [TestCase("{{ capture c; 'inner'; if fails; fail; end; end; c }}")]
    [TestCase("{{ for i in 1..3; for j in 1..2; if fails; string.replace 'a' 'a' fail; end; j; end; end; i ?? 'none' }}")]
    [TestCase("{{ func f(n); if fails && n == 2; fail; end; if n > 0; f(n - 1); end; n; end; f(4) }}{{ n ?? 'none' }}")]
    [TestCase("{{ o = {a: 1}; with o; if fails; b = fail; end; a; end; a ?? 'none' }}")]
    [TestCase("{{ ['a','b'] | array.cycle }}{{ if fails; [fail] | array.cycle; end }}")]
    [TestCase("  {{ \"a\\nb\"; if fails; fail; end }}\n{{ \"c\\nd\" }}")]
    [TestCase("{{ if fails; object.eval 'y = 1; fail'; end; y ?? '' }}")]
    [TestCase("{{ if fails; object.eval_template 'text {{ z = 1 }}{{ if true }}{{ fail }}{{ end }}'; end }}{{ 'b' }}")]
    [TestCase("{{ wraps = 0; func w; $$; end; wrap w; if fails; fail; end; 'in'; end }}")]
    [TestCase("{{ array.each [1,2] @(do; if fails; fail; end; ret $0; end) }}")]
    public void APrintedMistakeLeavesNothingBehind(string text)
    {
        var options = new LanguageOptions { Functions = [Fail], Strict = false, PrintMistake = _ => "[mistake]" };
        var (good, bad) = (new MapObject([new("fails", TemplateValue.False)]), new MapObject([new("fails", TemplateValue.True)]));
        Template New() => Template.Parse(new SourceText("t", text), options).Template!;
        var (expected, failed) = (Outcome(New().Render(good)), Outcome(New().Render(bad)));
        Assert.That(failed, Does.Contain("[mistake]"));
        var template = New();
        for (var i = 0; i < 3; i++)
        {
            Assert.That(Outcome(template.Render(bad)), Is.EqualTo(failed));
            Assert.That(Outcome(template.Render(good)), Is.EqualTo(expected));
        }
    }

    [Test]
    public void PrintedMistakesGiveTheirArgumentsBack()
    {
        var room = 0;
        var look = new FunctionDefinition
        {
            Name = "look",
            Documentation = "looks how much room there is for arguments",
            Parameters = [],
            Body = call =>
            {
                room = call.Context.Arguments.Length;
                return TemplateValue.Null;
            },
        };
        var options = new LanguageOptions { Functions = [Fail, look], Strict = false, PrintMistake = _ => "" };
        var template = Template.Parse(new SourceText("t", "{{ look; for i in 1..count; string.replace 'a' 'b' fail; end; look }}"), options).Template!;
        template.Render(new MapObject([new("count", TemplateValue.From(1))]));
        var before = room;
        Assert.That(template.Render(new MapObject([new("count", TemplateValue.From(1_000))])).Error, Is.Null);
        Assert.That(room, Is.EqualTo(before));
    }

    // The text that is run ends the render at a limit: of what it had counted and entered nothing counts for the next one.
    [TestCase("object.eval 'for i in 1..n; end'")]
    [TestCase("object.eval 'func f(n); if n > 0; f(n - 1); end; end; f n'")]
    [TestCase("object.eval_template '{{ for i in 1..n }}{{ capture c }}{{ i }}{{ end }}{{ end }}'")]
    [TestCase("object.eval 'x = []; x[n] = 1; this.y = 1'")]
    [TestCase("object.eval '\"a\" * n'")]
    public void ALimitInATextThatIsRunLeavesNothingBehind(string run)
    {
        var limits = new RenderLimits { LoopIterations = 200, Recursion = 100, StringCharacters = 150 };
        Template New() => Template.Parse(new SourceText("t", "{{ " + run + "; this | object.keys }}"), new LanguageOptions { Strict = false, Limits = limits }).Template!;
        var most = Enumerable.Range(1, 400).Last(n => New().Render(Model(n)).Error is null);
        var expected = Outcome(New().Render(Model(most)));
        var template = New();
        Assert.That(most, Is.LessThan(400));
        for (var i = 0; i < 3; i++)
        {
            Assert.That(Outcome(template.Render(Model(most))), Is.EqualTo(expected));
            Assert.That(template.Render(Model(most + 1)).Error?.Diagnostic.Id, Does.StartWith("limit-"));
        }
        Assert.That(Outcome(template.Render(Model(most))), Is.EqualTo(expected));

        static MapObject Model(int n) => new([new("n", TemplateValue.From(n))]);
    }

    private static Template? Parse(string text) =>
        Template.Parse(new SourceText("t", text), new LanguageOptions { Functions = [Fail], Strict = false }).Template;

    private static string Outcome(RenderResult result) => result.Text ?? result.Error!.Diagnostic.ToString();
}
