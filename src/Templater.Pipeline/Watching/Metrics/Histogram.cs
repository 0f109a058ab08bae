using System.Collections.Immutable;

namespace Templater.Pipeline.Watching.Metrics;

/// <summary>How long something took, counted by classes. Immutable.</summary>
/// <param name="Counts">How many were in each class and not in one before; one more than <see cref="Bounds"/>.</param>
/// <param name="Sum">Seconds of all of them.</param>
public sealed record Histogram(ImmutableArray<long> Counts, double Sum)
{
    /// <summary>The upper bounds of the classes, in seconds: a render takes milliseconds, a reload may take a minute.</summary>
    public static ImmutableArray<double> Bounds { get; } = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    /// <summary>Nothing counted.</summary>
    public static Histogram Empty { get; } = new([.. new long[Bounds.Length + 1]], 0);

    /// <summary>The same with one more.</summary>
    /// <param name="span">What it took; a clock that was set back makes no negative time.</param>
    public Histogram With(TimeSpan span)
    {
        var seconds = Math.Max(0, span.TotalSeconds);
        var index = 0;
        while (index < Bounds.Length && seconds > Bounds[index])
            index++;
        return new Histogram(Counts.SetItem(index, Counts[index] + 1), Sum + seconds);
    }
}
