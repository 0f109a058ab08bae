using System.Diagnostics;
using System.Text.Json;

namespace Templater.Language.Conformance;

/// <summary>Reads, checks and renders templates that were written to exhaust a process, with the limits and the stack that a program has.</summary>
internal static class Hostile
{
    // That of a main thread on the smallest systems.
    private const int StackBytes = 1536 * 1024;

    private static readonly Shape Root = new("model", [new ShapeMember("name", new TemplateType.Text(), "A name.")]);

    /// <summary>One JSON line with a template for each answer: the id of its error or "ok", and the time it took.</summary>
    public static void Run(TextReader input, TextWriter output)
    {
        while (input.ReadLine() is { } line)
        {
            using var row = JsonDocument.Parse(line);
            var text = row.RootElement.GetProperty("template").GetString()!;
            var isStrict = row.RootElement.GetProperty("strict").GetBoolean();
            var result = "";
            var clock = Stopwatch.StartNew();
            var thread = new Thread(() => result = Answer(text, isStrict), StackBytes);
            thread.Start();
            thread.Join();
            output.WriteLine($"{result} {clock.ElapsedMilliseconds}");
            output.Flush();
        }
    }

    private static string Answer(string text, bool isStrict)
    {
        // A model makes it be checked too.
        var options = new LanguageOptions { Strict = isStrict, Root = isStrict ? Root : null, Loader = new Itself(text) };
        var parsed = Template.Parse(new SourceText("hostile", text), options);
        if (parsed.Template is not { } template)
            return parsed.Diagnostics[0].Id;
        return template.Render(new MapObject([]), static (_, _) => { }, CancellationToken.None).Error?.Diagnostic.Id ?? "ok";
    }

    // Whatever is included is the template again.
    private sealed class Itself(string text) : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom) => new(name, text);
    }
}
