using Templater.Cli.Options;

namespace Templater.Cli.Tests.Options;

public sealed class YamlTreeTests
{
    private const string Whole = """
        # comment
        http_port: 8080
        acme: { email: "ops@example.com", names: [a, 'b c', "d\n"] }
        outputs:
          nginx: { template: nginx }
          domains:
            template: domains
            network:
              - front
              - back
        values: { team: web }
        text: |
          two
          lines

        """;

    [TestCase("a: [1, 2\nb: 3\n", "t.yaml:1:6: this is not YAML; look for an unclosed bracket or quote here or above")]
    [TestCase("a: 1\n\tb: 3\n", "t.yaml:1:4: YAML cannot be indented by tabs; use spaces")]
    [TestCase("a: \"80\n", "t.yaml:1:4: this quoted text is never closed; add the closing quote")]
    [TestCase("a: b: c\n", "t.yaml:1:5: a second \": \" stands in one line, or the line is indented too far; mend the indentation, or put the value in quotes")]
    [TestCase("- a\nb: c\n", "t.yaml:2:1: items with - and names with values are mixed at one level; mend the indentation")]
    [TestCase("a: @x\n", "t.yaml:1:4: this character cannot begin a value; put the value in quotes")]
    [TestCase("a: [1, 2\n", "t.yaml:2:1: this list is never closed; add ]")]
    [TestCase("{", "t.yaml:2:1: a value was expected; if a [ or { was opened before, close it")]
    [TestCase("%YAML 3.0\n---\na: 1\n", "t.yaml:1:1: only YAML 1 is understood; remove the line that begins with %YAML")]
    [TestCase("a: \"\\q\"\n", "t.yaml:1:4: this is no escape sequence; write \\\\ for a backslash, or use single quotes")]
    public void AMistakeSaysWhereItIsAndWhatToDo(string text, string expected) => Assert.That(Mistake(text), Is.EqualTo(expected));

    [Test]
    public void TheWholeIsRead() => Assert.That(YamlTree.Read("t.yaml", Whole), Is.InstanceOf<YamlNode.Mapping>());

    // A settings file is read again while the program runs: nothing in it may end the program.
    [Test]
    public void NoCutOrChangedTextIsMoreThanAMistake()
    {
        foreach (var text in Damaged())
            Assert.That(() => Mistake(text), Throws.Nothing, text);
    }

    private static IEnumerable<string> Damaged()
    {
        for (var at = 0; at < Whole.Length; at++)
        {
            yield return Whole[..at];
            foreach (var other in "[]{}:,-'\"\t\n#&*!|>%@`\0?")
                yield return string.Concat(Whole.AsSpan(0, at), other.ToString(), Whole.AsSpan(at + 1));
        }
    }

    private static string Mistake(string text)
    {
        try
        {
            YamlTree.Read("t.yaml", text);
            return "";
        }
        catch (YamlMistakeException mistake)
        {
            return $"{mistake.Place}: {mistake.Message}";
        }
    }
}
