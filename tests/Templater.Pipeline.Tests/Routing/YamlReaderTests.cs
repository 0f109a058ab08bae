using System.Diagnostics;
using Templater.Pipeline.Routing.Dialects.NginxProxy;

namespace Templater.Pipeline.Tests.Routing;

public sealed class YamlReaderTests
{
    private const string Block = "a.example.org:\nb.example.org: # two\n  \"/\":\n    port: 8000\n  '/it''s':\n    dest: \"/\"\n";

    [TestCase("", "nothing")]
    [TestCase("# only a comment", "nothing")]
    [TestCase("---\na: 1", "{a=1}")]
    [TestCase(Block, "{a.example.org=nothing b.example.org={/={port=8000} /it's={dest=/}}}")]
    [TestCase("{\"a\": {\"/\": {\"port\": 8080, \"proto\":\"https\"}}}", "{a={/={port=8080 proto=https}}}")]
    [TestCase("{a: {/: {port: 1}}, b: , c}", "{a={/={port=1}} b=nothing c=nothing}")]
    [TestCase("{\n  \"a\":null, # why\n\t\"b\"\n: {}\n}", "{a=nothing b={}}")]
    [TestCase("a: {/x: {port: 1}}\nb: {}", "{a={/x={port=1}} b={}}")]
    [TestCase("~^a[0-9]+$: x#y", "{~^a[0-9]+$=x#y}")]
    [TestCase("a:\r\n  b: c\r\n", "{a={b=c}}")]
    [TestCase("a: \"\\u0041\\x42\\\\\\\"\\/\"", "{a=AB\\\"/}")]
    [TestCase("a: 'null'", "{a='null'}")]
    [TestCase("http://x: y", "{http://x=y}")]
    [TestCase("just a text", "just a text")]
    public void Reads(string text, string expected)
    {
        var node = YamlReader.Read(text, out var problem);
        Assert.That((node is null ? null : Shown(node), problem), Is.EqualTo((expected, (string?)null)));
    }

    [TestCase("a: 1\na: 2", "line 2: the key \"a\" is there twice")]
    [TestCase("{a: 1, \"a\": 2}", "line 1: the key \"a\" is there twice")]
    [TestCase("*.example.org: x", "line 1: a text that begins with * must stand in quotes")]
    [TestCase("a: &anchor x", "line 1: a text that begins with & must stand in quotes")]
    [TestCase("a: !!str x", "line 1: a text that begins with ! must stand in quotes")]
    [TestCase("a: |\n  x", "line 1: a text that begins with | must stand in quotes")]
    [TestCase("- a", "line 1: a list or a key with a question mark is not understood here")]
    [TestCase("a: [1]", "line 1: a list is not understood here")]
    [TestCase("a: b: c", "line 1: the end of the line was expected")]
    [TestCase("a: b\n  c", "line 2: the line is further to the right than its neighbours")]
    [TestCase("a:\n    b: 1\n  c: 1", "line 3: the line is further to the right than its neighbours")]
    [TestCase("a: 1\nb", "line 2: a key followed by a colon was expected")]
    [TestCase("a:\n\tb: 1", "line 2: lines are indented by spaces, not by tabs")]
    [TestCase("a: \"x", "line 1: a closing quote is missing")]
    [TestCase("a: 'x\n'", "line 1: a closing quote is missing")]
    [TestCase("a: \"\\q\"", "line 1: an unknown escape stands behind a backslash")]
    [TestCase("a: \"\\u00g1\"", "line 1: an unknown escape stands behind a backslash")]
    [TestCase("{a: 1", "line 1: a closing brace is missing")]
    [TestCase("{a: 1} x", "line 1: the end of the line was expected")]
    [TestCase("{a: 1}\nx: 1", "line 2: nothing was expected behind the first value")]
    [TestCase("{\"a\" \"b\"}", "line 1: a comma or a closing brace was expected")]
    [TestCase("{{a: 1}: 2}", "line 1: a text that begins with { must stand in quotes")]
    [TestCase("a: {a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}}", "line 1: mappings lie in each other more than 8 deep")]
    [TestCase(": x", "line 1: a key was expected in front of the colon")]
    public void Refuses(string text, string expected) =>
        Assert.That((YamlReader.Read(text, out var problem), problem), Is.EqualTo(((YamlNode?)null, expected)));

    [Test]
    public void NothingMakesItThrowOrWait()
    {
        string[] seeds = [Block, "{\"a\": {\"/\": {\"port\": 8080}}}", "a: \"\\u0041\" # x\n'b': {c, d: }"];
        const string Signs = "{}[]:,'\"\\#&*!|>-? \n\r\t~u0ax/\u00e4\ud83d";
        var random = new Random(4);
        var clock = Stopwatch.StartNew();
        var read = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var text = seeds[round % seeds.Length].ToCharArray().ToList();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var at = random.Next(text.Count + 1);
                if (at < text.Count && random.Next(3) == 0)
                    text.RemoveAt(at);
                else
                    text.Insert(at, Signs[random.Next(Signs.Length)]);
            }

            var node = YamlReader.Read(new string([.. text]), out var problem);
            Assert.That(node is null, Is.EqualTo(problem is not null));
            read += node is null ? 0 : 1;
        }

        Assert.That(read, Is.InRange(1000, 19_000));
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
    }

    private static string Shown(YamlNode node) => node switch
    {
        { IsNull: true } => "nothing",
        { IsMapping: true } => "{" + string.Join(' ', node.Members.Select(member => $"{member.Key}={Shown(member.Value)}")) + "}",
        { IsQuoted: true, Text: "null" } => "'null'",
        _ => node.Text!,
    };
}
