namespace Templater.Language.Tests;

public sealed class LimitTests
{
    private static readonly RenderLimits Small = new() { LoopIterations = 1000, StringCharacters = 1000, OutputCharacters = 5000, Recursion = 20, ParseDepth = 50, SourceCharacters = 100_000 };

    [TestCase("{{ for x in 1..100; for y in 1..100; end; end }}", "limit-loop")]
    [TestCase("{{ while true; end }}", "limit-loop")]
    [TestCase("{{ 1..9223372036854775807 | array.size; (1..9223372036854775807) | array.reverse }}", "limit-loop")]
    [TestCase("{{ func f; f; end; f }}", "limit-recursion")]
    [TestCase("{{ func f(a); ret f(a); end; f 1 }}", "limit-recursion")]
    [TestCase("{{ \"abc\" * 100000 }}", "limit-string")]
    [TestCase("{{ string.pad_left 'a' 100000 }}", "limit-string")]
    [TestCase("{{ x = 'ab'; for i in 1..30; x = x + x; end }}", "limit-string")]
    [TestCase("{{ capture c; for i in 1..900; 'abc'; end; end }}", "limit-string")]
    [TestCase("{{ for i in 1..900; 'abcdefgh'; end }}", "limit-output")]
    [TestCase("{{ x = 2 << 1000000; for i in 1..9; x = x * x; end }}", "number-too-big")]
    [TestCase("{{ a = []; a[5000000] = 1 }}", "limit-loop")]
    [TestCase("{{ o = {}; o.o = o; o }}", "limit-value-depth")]
    [TestCase("{{ a = []; a[0] = a; a == a }}", "limit-recursion")]
    [TestCase("{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | regex.match '^(a+)+$' }}", "limit-regex-time")]
    public void ExceedingALimitNamesIt(string template, string id)
    {
        var limits = Small with { RegexTime = TimeSpan.FromMilliseconds(50) };
        var parsed = Template.Parse(new SourceText("t", template), new LanguageOptions { Limits = limits });
        Assert.That(parsed.Diagnostics, Is.Empty);
        var diagnostic = parsed.Template!.Render(new MapObject()).Error?.Diagnostic;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(diagnostic?.Id, Is.EqualTo(id));
            // No setting changes a limit: the hint must be something that the author can do.
            Assert.That(diagnostic?.Hint, id.StartsWith("limit-", StringComparison.Ordinal) ? Does.Match("^this limit is fixed: [a-z].{15,}") : Is.Empty);
        }
    }

    [TestCase("(", ")")]
    [TestCase("[", "]")]
    [TestCase("{a:", "}")]
    [TestCase("!", "")]
    [TestCase("1+", "")]
    [TestCase("a ? ", "")]
    [TestCase("a ? 1 : ", "")]
    [TestCase("do; ", "")]
    [TestCase("if a; ", "")]
    [TestCase("x[", "]")]
    [TestCase("$\"{", "}\"")]
    [TestCase("f(", ")")]
    public void DeepNestingIsAnErrorAndNeverAStackOverflow(string open, string close)
    {
        var text = "{{ " + string.Concat(Enumerable.Repeat(open, 5000)) + "1" + string.Concat(Enumerable.Repeat(close, 5000)) + " }}";
        var parsed = Template.Parse(new SourceText("t", text), new LanguageOptions());
        Assert.That(parsed.Diagnostics.Where(d => d.Id == "limit-parse-depth").Select(d => d.Hint), Has.Some.StartsWith("this limit is fixed: move the inner part"));
    }

    [TestCase("a", ".b")]
    [TestCase("1", " + 1")]
    [TestCase("1", " | f")]
    [TestCase("a", "[0]")]
    public void LongChainsAreBoundedToo(string head, string link)
    {
        var text = "{{ " + head + string.Concat(Enumerable.Repeat(link, 5000)) + " }}";
        var parsed = Template.Parse(new SourceText("t", text), new LanguageOptions());
        Assert.That(parsed.Diagnostics.Select(d => d.Id), Has.Some.EqualTo("limit-parse-depth"));
    }

    [Test]
    public void ALongSourceIsAnError()
    {
        var parsed = Template.Parse(new SourceText("t", new string('a', 100_001)), new LanguageOptions { Limits = Small });
        Assert.That(
            parsed.Diagnostics.Select(d => (d.Id, d.Hint)), Is.EqualTo(new[] { ("limit-source", "this limit is fixed: divide the template by include") }));
    }

    [Test]
    public void CancellationEndsARender()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        var parsed = Template.Parse(new SourceText("t", "a"), new LanguageOptions());
        Assert.That(() => parsed.Template!.Render(new MapObject(), cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
    }
}
