using System.Collections.Concurrent;
using System.Diagnostics;
using Templater.Testing;

namespace Templater.Language.Tests;

/// <summary>No text makes the language throw, hang, outgrow its limits or print what is tainted.</summary>
[NonParallelizable]
internal sealed class MutationTests
{
    private const int Seed = 20_261_125;
    private const int Chunk = 1000;
    private const int ShortCount = 20_000;
    private const int FullCount = 1_000_000;

    // The whole process of tests with all that it has loaded.
    private const long MostMemory = 700L << 20;

    private static int Count => Rotation.IsFullTier ? FullCount : ShortCount;

    private static string[] Templates => [.. CaseTable.Templates(), .. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Templates"), "*.scriban", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    [Test]
    public void NothingEscapesAndNothingRunsPastItsLimits()
    {
        var mutator = new TemplateMutator(Templates);
        var complaints = new ConcurrentQueue<string>();
        Parallel.For(0, Count / Chunk, chunk =>
        {
            var random = new RandomSource(Seed + (ulong)chunk);
            var generator = new TemplateGenerator(random);
            for (var i = 0; i < Chunk && complaints.Count < 20; i++)
            {
                // Mutations mostly try the parser, what is generated mostly tries the rest.
                var text = i % 2 == 0 ? mutator.Make(random) : generator.Make();
                if (FuzzCase.Complaint(text) is { } complaint)
                    complaints.Enqueue($"{complaint}\n    in: {text.ReplaceLineEndings("\\n")}");
            }
        });
        using var process = Process.GetCurrentProcess();
        TestContext.Out.WriteLine($"{Count} templates, seed {Seed}, peak memory {process.PeakWorkingSet64 >> 20} MB");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(complaints, Is.Empty);
            Assert.That(process.PeakWorkingSet64, Is.LessThan(MostMemory));
        }
    }

    // What is printed from a tree parses to the same tree, and renders the same.
    [Test]
    public void APrintedTreeIsTheSameTemplate()
    {
        var mutator = new TemplateMutator(Templates);
        var random = new RandomSource(Seed);
        var generator = new TemplateGenerator(random);
        var mutated = Enumerable.Range(0, ShortCount / 6).SelectMany(_ => new[] { mutator.Make(random), generator.Make() });
        var compared = 0;
        foreach (var text in Templates.Concat(mutated))
        {
            if (Print(text) is not { } printed)
                continue;
            compared++;
            Assert.That(Print(printed), Is.EqualTo(printed), text);
            Assert.That(Render(printed), Is.EqualTo(Render(text)), $"{text}\nprinted as {printed}");
        }
        Assert.That(compared, Is.GreaterThan(1000));
    }

    private static string? Print(string text)
    {
        var source = new SourceText("t", text);
        var diagnostics = new DiagnosticBag(source);
        var tree = Parser.ParseTemplate(source, diagnostics, RenderLimits.Default);
        return diagnostics.HasErrors ? null : SyntaxPrinter.Print(source, tree);
    }

    private static string Render(string text)
    {
        var options = new LanguageOptions { Strict = false, Limits = new RenderLimits { LoopIterations = 2000, StringCharacters = 20_000 }, TimeProvider = new StoppedClock() };
        var result = Template.Parse(new SourceText("t", text), options).Template!.Render(new MapObject());
        return result.Text ?? result.Error!.Diagnostic.Id;
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
