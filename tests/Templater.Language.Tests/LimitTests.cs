namespace Templater.Language.Tests;

public sealed class LimitTests
{
    private static readonly RenderLimits Small = new() { LoopIterations = 1000, StringCharacters = 1000, OutputCharacters = 5000, Recursion = 20, ParseDepth = 50, SourceCharacters = 100_000, MemoryBytes = 500_000 };

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
    [TestCase("{{ a = []; a[5] = 1; for i in 1..900; a[i] = 1; end; a[9223372036854775807] = 1 }}", "limit-loop")]
    [TestCase("{{ a = []; for i in 1..9; for j in 1..90; a[j] = [[a], [a], [a], [a], [a], [a], [a], [a], [a], [a]]; end; end }}", "limit-memory")]
    [TestCase("{{ for i in 1..900; x = 'ab' * 400; end }}", "limit-memory")]
    [TestCase("{{ x = ['array.any x @object.eval']; array.any x @object.eval }}", "limit-recursion")]
    [TestCase("{{ p = 1; q = 1; for i in 1..100; for m in {a: p}; p = m; end; for m in {a: q}; q = m; end; end; p == q }}", "limit-value-depth")]
    [TestCase("{{ 'a' | array.sort ('a.' * 60) }}", "limit-value-depth")]
    [TestCase("{{ 'abc' | regex.replace 'b' ('$_' * 400) }}", "limit-string")]
    [TestCase("{{ 'abc' | regex.match ('a' * 900 + 'b' * 900) }}", "limit-string")]
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

    [TestCase("0b", "1", 10_001)]
    [TestCase("0x", "f", 10_001)]
    [TestCase("9", "9", 10_001)]
    [TestCase("1", "; 1e10000", 2000)]
    public void LongNumbersAreAnError(string head, string digit, int count)
    {
        var text = "{{ " + head + string.Concat(Enumerable.Repeat(digit, count)) + " }}";
        var parsed = Template.Parse(new SourceText("t", text), new LanguageOptions());
        Assert.That(parsed.Diagnostics.Select(d => d.Id), Is.Not.Empty.And.All.EqualTo("limit-number"));
    }

    [Test]
    public void EveryStackIsEnoughForAnAnswer()
    {
        // Deep in blocks, in expressions and in calls at once, on less stack than any of them may take.
        const int stack = 256 * 1024;
        var nested = string.Concat(Enumerable.Repeat("if true; ", 60)) + "x = " + new string('[', 60) + "f(x)" + new string(']', 60) + string.Concat(Enumerable.Repeat("; end", 60));
        var template = Template.Parse(new SourceText("t", "{{ func f(x); " + nested + "; end; f 1 }}"), new LanguageOptions()).Template!;
        string? id = null;
        var thread = new Thread(() => id = template.Render(new MapObject()).Error?.Diagnostic.Id, stack);
        thread.Start();
        thread.Join();
        Assert.That(id, Is.EqualTo("limit-recursion"));
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

    // Each match may take as long as an expression may.
    [TestCase("('a' * 50) | regex.replace 'a' ''")]
    [TestCase("('a' * 50) | regex.replace 'a' 'long enough for more than a line'")]
    [TestCase("('a' * 50) | regex.matches 'a'")]
    [TestCase("('a' * 50) | regex.split 'a'")]
    [TestCase("('<a>' * 50) | html.strip")]
    public void TimeIsLookedAtBetweenMatches(string call)
    {
        var limits = new RenderLimits { WallTime = TimeSpan.FromSeconds(20) };
        var parsed = Template.Parse(new SourceText("t", "{{ " + call + " }}"), new LanguageOptions { Limits = limits, TimeProvider = new HurriedClock() });
        Assert.That(parsed.Template!.Render(new MapObject()).Error?.Diagnostic.Id, Is.EqualTo("limit-wall-time"));
    }

    [Test]
    public void CancellationEndsARender()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        var parsed = Template.Parse(new SourceText("t", "a"), new LanguageOptions());
        Assert.That(() => parsed.Template!.Render(new MapObject(), cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    // A second passes whenever somebody looks.
    private sealed class HurriedClock : TimeProvider
    {
        private long _timestamp;

        public override long GetTimestamp() => _timestamp += TimestampFrequency;
    }
}
