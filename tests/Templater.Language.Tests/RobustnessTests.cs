namespace Templater.Language.Tests;

public sealed class RobustnessTests
{
    private static readonly string[] Pieces =
    [
        "{{", "}}", "{{-", "-}}", "~}}", "{%{", "}%}", "end", "else", "if ", "for x in ", "func f(a)", "ret ", "case ", "when ", "do ", "with ", "capture c", "wrap ", "import ",
        "(", ")", "[", "]", "{", "}", "|", "?", ":", "?.", "..", "@", "^", "$", "$0", "\"", "'", "`", "$\"", "\\", "#", "##", ";", "\n", "=", "+=", "++", "-", "/", "%", "null", "1e9", "0x", "\0", "\ud800", "é",
    ];

    // Parsing and rendering give a result or diagnostics, whatever the text: never an exception.
    [TestCase(1, 4000)]
    public void NoTextMakesItThrow(int seed, int count)
    {
        var state = (ulong)seed;
        int Next(int below)
        {
            // xorshift64*: the same texts on every machine.
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            return (int)((state * 2685821657736338717UL >> 33) % (ulong)below);
        }
        var templates = CaseTable.Templates().ToList();
        var limits = new RenderLimits { LoopIterations = 2000, StringCharacters = 20_000, OutputCharacters = 20_000, Recursion = 30, RegexTime = TimeSpan.FromMilliseconds(100) };
        var root = new Shape("model", [new ShapeMember("t", new TemplateType.Text(Untrusted: true), "")]);
        var model = new ShapedObject(root, TemplateValue.FromUntrusted("t"));
        for (var i = 0; i < count; i++)
        {
            var text = templates[Next(templates.Count)];
            for (var edits = 1 + Next(4); edits > 0; edits--)
            {
                var at = Next(text.Length + 1);
                var cut = Math.Min(Next(4), text.Length - at);
                text = Next(3) == 0 ? text[..at] + text[(at + cut)..] : text[..at] + Pieces[Next(Pieces.Length)] + text[at..];
            }
            Assert.That(() =>
            {
                var parsed = Template.Parse(new SourceText("t", text), new LanguageOptions { Limits = limits, Root = root, Format = "nginx", Strict = Next(2) == 0 });
                foreach (var diagnostic in parsed.Diagnostics)
                    DiagnosticFormatter.Format(diagnostic);
                parsed.Template?.Render(model);
            }, Throws.Nothing, $"case {i}: {text}");
        }
    }
}
