using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Templater.Pipeline.Watching;

/// <summary>Writes one line for each generation of an output, and one more when it becomes live later. Thread-safe.</summary>
internal sealed class GenerationLog(ILogger logger)
{
    private const int ShortLength = 6;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Goes on where the last run of the program ended: its generation is no news.</summary>
    public void Resume(string output, string generation)
    {
        lock (_lock)
            _known[output] = new Known(generation, GenerationStep.Unchanged, null);
    }

    /// <summary>Notes a result and writes its line, if it is news.</summary>
    /// <param name="result">What became of an output.</param>
    /// <param name="cause">Why it was looked at.</param>
    /// <param name="took">Time since the first event behind it; null when that says nothing.</param>
    public void Report(OutputResult result, string cause, TimeSpan? took)
    {
        string? line;
        lock (_lock)
            line = Note(result, cause, took);
        if (line is not null)
            WatchLog.Generation(logger, line);
    }

    private string? Note(OutputResult result, string cause, TimeSpan? took)
    {
        var known = _known.GetValueOrDefault(result.Output);
        var isNew = known is null || !string.Equals(known.Generation, result.Generation, StringComparison.Ordinal);
        if (result.Generation.Length == 0 || result.Step == GenerationStep.Rejected)
            return null;
        if (result.Step == GenerationStep.Unchanged)
        {
            // The first look after a start: what is there already is nothing new, but later differences are told from it.
            _known[result.Output] = new Known(result.Generation, result.Step, result.Hosts, known?.Cause);
            return null;
        }

        if (!isNew && (known!.Step == result.Step || result.Step == GenerationStep.Written || known.Step is GenerationStep.Live or GenerationStep.Delivered))
        {
            _known[result.Output] = known with { Hosts = result.Hosts };
            return null;
        }

        // What a plain re-sync finishes was begun by something.
        cause = result.AskedFor ?? (isNew || cause != Cause.NothingInParticular ? cause : known!.Cause ?? cause);
        _known[result.Output] = new Known(result.Generation, result.Step, result.AskedFor is null ? result.Hosts : known?.Hosts, cause);
        var summary = isNew && result.AskedFor is null ? ": " + GenerationSummary.Of(known?.Hosts, result.Hosts) : "";
        return $"generation {result.Number} ({Short(result.Generation)}) {Words(result)}{(isNew ? Took(result, took) : "")}{summary}. cause: {cause}";
    }

    private static string Words(OutputResult result) => result.Step switch
    {
        GenerationStep.Live => $"live in {result.Output}",
        GenerationStep.Delivered when result.TellsNobody => $"delivered to {result.Output} (unproven, as always with reload: none)",
        GenerationStep.Delivered => $"delivered to {result.Output} (unproven)",
        _ => "written",
    };

    private static string Took(OutputResult result, TimeSpan? took) =>
        took is { } span && result.Step != GenerationStep.Written ? $", {(long)span.TotalMilliseconds} ms" : "";

    private static string Short(string generation) => generation.Length <= ShortLength ? generation : generation[..ShortLength];

    private sealed record Known(string Generation, GenerationStep Step, ImmutableArray<HostSummary>? Hosts, string? Cause = null);
}
