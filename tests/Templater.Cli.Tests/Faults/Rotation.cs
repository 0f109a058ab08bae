using System.Globalization;

namespace Templater.Cli.Tests.Faults;

/// <summary>Which part of a matrix runs: all of it in the full tier, else one part in turn.</summary>
internal static class Rotation
{
    /// <summary>Chooses the part; <c>tests/run</c> counts it up with every commit.</summary>
    public const string Variable = "TESTS_ROTATION";

    private const int Parts = 3;

    public static bool IsFullTier { get; } = Environment.GetEnvironmentVariable("TESTS_TIER") == "full";

    private static int Turn { get; } = int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out var turn) ? turn % Parts : 0;

    /// <summary>The cases of this run.</summary>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> all)
    {
        if (IsFullTier)
            return all;
        TestContext.Out.WriteLine($"part {Turn + 1} of {Parts} ({Variable}={Turn})");
        return [.. all.Where(static (_, i) => i % Parts == Turn)];
    }
}
