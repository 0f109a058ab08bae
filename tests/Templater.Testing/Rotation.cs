using System.Globalization;
using NUnit.Framework;

namespace Templater.Testing;

/// <summary>Which part of a matrix runs: all of it in the full tier, else one part in turn.</summary>
public static class Rotation
{
    /// <summary>Chooses the part; <c>tests/run</c> counts it up with every commit.</summary>
    public const string Variable = "TESTS_ROTATION";

    private const int Parts = 3;

    /// <summary>Whether all runs.</summary>
    public static bool IsFullTier { get; } = Environment.GetEnvironmentVariable("TESTS_TIER") == "full";

    private static int Turn { get; } = int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out var turn) ? turn : 0;

    /// <summary>The cases of this run.</summary>
    /// <param name="all">Those of the full tier.</param>
    /// <param name="parts">In how many parts they go outside of it; where there are fewer cases, no case is in the last parts.</param>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> all, int parts = Parts)
    {
        if (IsFullTier)
            return all;
        TestContext.Out.WriteLine($"part {(Turn % parts) + 1} of {parts} ({Variable}={Turn})");
        return [.. all.Where((_, i) => i % parts == Turn % parts)];
    }

    /// <summary>A number for a test that runs in one turn of several outside of the full tier, by which it knows how much it has to do.</summary>
    /// <param name="full">That of the full tier.</param>
    /// <param name="part">The turn, from 0.</param>
    /// <param name="parts">In how many turns it runs once.</param>
    /// <param name="number">That of its turn.</param>
    public static IEnumerable<int> Once(int full, int part, int parts, int number) => IsFullTier ? [full] : Turn % parts == part ? [number] : [];
}
