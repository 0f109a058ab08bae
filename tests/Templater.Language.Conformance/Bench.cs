using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Templater.Language.Conformance;

/// <summary>Parse and render of one template over one model, many times.</summary>
internal static class Bench
{
    // Long enough for the last tier of the compiler.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1.5);

    public static string Run(string templateText, string modelText, int turns)
    {
        using var document = JsonDocument.Parse(modelText);
        var model = JsonModel.ReadObject(document.RootElement);
        var source = new SourceText("bench", templateText);
        var options = new LanguageOptions { Strict = false, Leniency = Leniency.None };
        var characters = 0;
        var template = Template.Parse(source, options).Template ?? throw new ArgumentException("the template does not parse");
        void Parse() => _ = Template.Parse(source, options);
        void Render()
        {
            var result = template.Render(model, (output, _) => characters = output.Length, CancellationToken.None);
            if (result.Error is { } error)
                throw new InvalidOperationException(error.Diagnostic.ToString());
        }
        var parse = Median(Parse, turns);
        var render = Median(Render, turns);
        return string.Create(CultureInfo.InvariantCulture,
            $$"""{"turns":{{turns}},"parse_us":{{parse.Microseconds:0.0}},"parse_bytes":{{parse.Bytes}},"render_us":{{render.Microseconds:0.0}},"render_bytes":{{render.Bytes}},"output_chars":{{characters}}}""");
    }

    private static (double Microseconds, long Bytes) Median(Action action, int turns)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < WarmUp;)
            action();
        var times = new double[turns];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < turns; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / turns;
        Array.Sort(times);
        return (times[turns / 2], bytes);
    }
}
