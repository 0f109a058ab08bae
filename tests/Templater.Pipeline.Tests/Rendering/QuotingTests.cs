using Templater.Pipeline.Rendering.Quoting;

namespace Templater.Pipeline.Tests.Rendering;

public sealed class QuotingTests
{
    private const int RandomTexts = 3000;

    private static readonly string Dollar = "${" + NginxQuoting.DollarVariable + "}";

    [TestCase("plain", "\"plain\"")]
    [TestCase("", "\"\"")]
    [TestCase("a;b{c}#", "\"a;b{c}#\"")]
    [TestCase("say \"hi\" \\o/", "\"say \\\"hi\\\" \\\\o/\"")]
    [TestCase("5 $ or ${x}", "\"5 ${templater_dollar} or ${templater_dollar}{x}\"")]
    [TestCase("a\tb", "\"a\\tb\"")]
    public void NginxStringsAreInDoubleQuotes(string value, string expected) =>
        Assert.That(NginxQuoting.Evaluated(value).Text, Is.EqualTo(expected));

    [TestCase("it's 100%", "'it'\\''s 100%'")]
    [TestCase("$HOME \"x\" \\", "'$HOME \"x\" \\'")]
    public void HAProxyStringsAreInSingleQuotes(string value, string expected) =>
        Assert.That(HAProxyQuoting.Literal(value).Text, Is.EqualTo(expected));

    [Test]
    public void HAProxyFormatsDoublePercentSigns() =>
        Assert.That(HAProxyQuoting.Format("100%[src]").Text, Is.EqualTo("'100%%[src]'"));

    [Test]
    public void ABraceThatWouldEndAConditionOfHAProxyIsRefusedOrEscaped()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(HAProxyQuoting.Literal("}").Problem, Does.Contain("ends a condition"));
            Assert.That(HAProxyQuoting.Regex("}").Text, Is.EqualTo("'\\}'"));
            Assert.That(HAProxyQuoting.Format("}").Text, Is.EqualTo("'}'"), "no condition has a format");
            Assert.That(HAProxyQuoting.Literal("/}").Text, Is.EqualTo("'/}'"));
        }
    }

    [Test]
    public void ADollarSignIsRefusedWhereNginxMayOrMayNotEvaluateVariables() =>
        Assert.That(NginxQuoting.Literal("a$b").Problem, Does.Contain("dollar"));

    [TestCase("= /x")]
    [TestCase("~ ^/")]
    [TestCase("")]
    [TestCase("@named")]
    public void APathThatCouldBeAModifierIsRefused(string value) =>
        Assert.That(NginxQuoting.Path(value).Problem, Is.Not.Null);

    [TestCaseSource(typeof(NastyText), nameof(NastyText.Impossible))]
    public void WhatNoFileCanHoldIsRefusedEverywhereButInComments(string value)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(NginxQuoting.Evaluated(value).Problem, Is.Not.Null);
            Assert.That(NginxQuoting.Literal(value).Problem, Is.Not.Null);
            Assert.That(NginxQuoting.Path("/" + value).Problem, Is.Not.Null);
            Assert.That(NginxQuoting.Regex(value).Problem, Is.Not.Null);
            Assert.That(HAProxyQuoting.Literal(value).Problem, Is.Not.Null);
            Assert.That(HAProxyQuoting.Format(value).Problem, Is.Not.Null);
            Assert.That(CentauriQuoting.Token("a" + value).Problem, Is.Not.Null);
            Assert.That(CentauriQuoting.Value("a" + value + "b").Problem, Is.Not.Null);
            Assert.That(NginxQuoting.Comment(value).Text, Has.None.Matches<char>(char.IsControl));
        }
    }

    [Test]
    public void TooLongValuesAreRefusedAndCommentsAreCut()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(NginxQuoting.Evaluated(new string('a', 4094)).Problem, Is.Null);
            Assert.That(NginxQuoting.Evaluated(new string('a', 4095)).Problem, Is.Not.Null);
            Assert.That(NginxQuoting.Evaluated(new string('é', 2048)).Problem, Is.Not.Null, "the limit counts bytes");
            Assert.That(HAProxyQuoting.Literal(new string('a', 10_000)).Problem, Is.Not.Null);
            Assert.That(CentauriQuoting.Value(new string('a', 70_000)).Problem, Is.Not.Null);
            Assert.That(NginxQuoting.Comment(new string('é', 5000)).Text, Has.Length.LessThanOrEqualTo(512).And.EndsWith("…"));
        }
    }

    [Test]
    public void AnyTextComesBackFromNginxAsItWent()
    {
        foreach (var text in Candidates())
        {
            var quoted = NginxQuoting.Evaluated(text).Text!;
            var directives = ConfigSkeleton.Nginx($"a {quoted};\nb;");
            Assert.That(directives, Has.Count.EqualTo(2), text);
            Assert.That(directives[0][1].Replace(Dollar, "$", StringComparison.Ordinal), Is.EqualTo(text));
            Assert.That(ConfigSkeleton.Nginx($"# {NginxQuoting.Comment(text).Text}\nb;"), Has.Count.EqualTo(1), text);
        }
    }

    [Test]
    public void AnyTextComesBackFromHAProxyAsItWent()
    {
        foreach (var text in Candidates())
        {
            if (text == "}")
                continue;
            var lines = ConfigSkeleton.HAProxy($"a {HAProxyQuoting.Literal(text).Text} c\nb");
            Assert.That(lines, Has.Count.EqualTo(2), text);
            Assert.That(lines[0], Is.EqualTo(new[] { "a", text, "c" }));
            Assert.That(ConfigSkeleton.HAProxy($"# {HAProxyQuoting.Comment(text).Text}\nb"), Has.Count.EqualTo(1), text);
        }
    }

    [Test]
    public void ACentauriTokenIsOneWord()
    {
        foreach (var text in Candidates())
        {
            if (CentauriQuoting.Token(text).Text is { } token)
                Assert.That(token.Any(char.IsWhiteSpace), Is.False, text);
            else
                Assert.That(text.Any(char.IsWhiteSpace), Is.True, text);
        }
    }

    [Test]
    public async Task TheRealNginxTakesEveryQuotedText()
    {
        var headers = Candidates().Take(600).Select(text => $"    add_header X {NginxQuoting.Evaluated(text).Text} always;\n");
        var locations = NastyText.Printable.Distinct().Select(text => $"    location = {NginxQuoting.Path("/" + text).Text} {{ return 204; }}\n");
        await RealChecker.AcceptsNginx(
            $"events {{}}\nhttp {{\n  access_log off;\n  geo $templater_dollar {{ default \"$\"; }}\n  server {{\n{string.Concat(headers)}{string.Concat(locations)}  }}\n}}\n");
    }

    [Test]
    public async Task TheRealHAProxyTakesEveryQuotedText()
    {
        var texts = Candidates().Take(600).ToArray();
        var formats = texts.Select(text => $"    http-response set-header X {HAProxyQuoting.Format(text).Text}\n");
        var words = texts.Select(text => HAProxyQuoting.Literal(text).Text).OfType<string>().Select(word => $"    http-request deny if {{ path -m str -- {word} }}\n");
        var expressions = texts.Select(text => HAProxyQuoting.Regex(text).Text).OfType<string>().Select(word => $"    http-request deny if {{ path -m reg -- {word} }}\n");
        await RealChecker.AcceptsHAProxy(
            "defaults\n    mode http\n    timeout connect 1s\n    timeout client 1s\n    timeout server 1s\nfrontend f\n    bind 127.0.0.1:1\n"
                + string.Concat(formats.Concat(words).Concat(expressions)));
    }

    [TestCase("X-Frame-Options", "x_frame_options")]
    [TestCase("x.y", null)]
    [TestCase("a$b", null)]
    [TestCase("", null)]
    public void AHeaderHasAVariableOnlyIfItsNameIsPlain(string name, string? expected) =>
        Assert.That(NginxQuoting.HeaderVariable(name).Text, Is.EqualTo(expected));

    private static IEnumerable<string> Candidates() => NastyText.Printable.Concat(NastyText.Random(seed: 7, RandomTexts));
}
