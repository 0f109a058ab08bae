using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class PosixWordsTests
{
    private static readonly object[] Good =
    [
        new object[] { "nginx -s reload", new[] { "nginx", "-s", "reload" } },
        new object[] { "  a\t b  ", new[] { "a", "b" } },
        new object[] { "a 'b c' d", new[] { "a", "b c", "d" } },
        new object[] { "a \"b c\" d", new[] { "a", "b c", "d" } },
        new object[] { "a b\\ c", new[] { "a", "b c" } },
        new object[] { "a '' \"\"", new[] { "a", "", "" } },
        new object[] { "pre'mid dle'post", new[] { "premid dlepost" } },
        new object[] { "a '\\n' \"\\n\" \"\\\"\\\\\\$\\`\"", new[] { "a", "\\n", "\\n", "\"\\$`" } },
        new object[] { "sh -c 'a | b; c > d'", new[] { "sh", "-c", "a | b; c > d" } },
        new object[] { "echo $HOME *.conf ~", new[] { "echo", "$HOME", "*.conf", "~" } },
        new object[] { "a \\|", new[] { "a", "|" } },
    ];

    [TestCaseSource(nameof(Good))]
    public void SplitsAsAShellWould(string text, string[] expected)
    {
        var isGood = PosixWords.TrySplit(text, out var words, out var problem);

        Assert.That(isGood, Is.True, problem);
        Assert.That(words, Is.EqualTo(expected));
    }

    [TestCase("", "names no program")]
    [TestCase("   ", "names no program")]
    [TestCase("'' a", "names no program")]
    [TestCase("a 'b", "single quote")]
    [TestCase("a \"b", "double quote")]
    [TestCase("a \\", "backslash")]
    [TestCase("a | b", "'|'")]
    [TestCase("a && b", "'&'")]
    [TestCase("a; b", "';'")]
    [TestCase("a > b", "'>'")]
    [TestCase("a $(b)", "'('")]
    [TestCase("a `b`", "'`'")]
    [TestCase("a\nb", "\\n")]
    [TestCase("a\0b", "NUL")]
    public void RefusesWhatOnlyAShellCouldDo(string text, string expected)
    {
        Assert.That(PosixWords.TrySplit(text, out _, out var problem), Is.False);
        Assert.That(problem, Does.Contain(expected));
    }

    [Test]
    public void RefusesAnEndlessLine()
    {
        Assert.That(PosixWords.TrySplit(new string('a', 100_000), out _, out var problem), Is.False);
        Assert.That(problem, Does.Contain("32768"));
    }
}
