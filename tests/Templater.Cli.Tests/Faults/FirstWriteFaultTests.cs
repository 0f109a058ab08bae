using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// Every write of the very first start fails, when nothing was ever written: no half file comes into place, one clear error is told, and the
/// first configuration goes live when the fault is gone, without anything else that happens. Who cannot make its state directory ends with an
/// exit code that says so, and is started again, as a container is.
/// </summary>
[CancelAfter(900_000)]
[Platform("Linux")]
public sealed class FirstWriteFaultTests
{
    // Each of them takes some three seconds, and there are hardly more. Odd, as only every other turn comes to the same proxy.
    private const int ShortParts = 181;

    public static IEnumerable<string> Kinds => Rotation.Of<string>(["nginx", "haproxy"], parts: 2);

    [TestCaseSource(nameof(Kinds))]
    public async Task TheFirstConfigurationGoesLiveWhenTheFaultIsGone(string kind)
    {
        FaultProgram.RequireStrace();
        var runs = await Shares.RunAsync(async share =>
        {
            await using var run = new FirstWriteFaultRun(kind);
            await run.RunAsync(faults => Rotation.IsFullTier ? faults.Where(fault => run.ShareOf(fault) == share) : Rotation.Of(faults, ShortParts));
            return run;
        });
        foreach (var row in runs.SelectMany(static run => run.Met).GroupBy(static row => row, StringComparer.Ordinal).OrderBy(static row => row.Key, StringComparer.Ordinal))
            TestContext.Out.WriteLine($"{row.Key} | {row.Count()}");
        var (count, missed) = (runs.Sum(static run => run.Count), runs.SelectMany(static run => run.Missed).ToArray());
        TestContext.Out.WriteLine($"{kind}, first start: {count} faults; not met: {string.Join(", ", missed)}");
        Assert.That(runs.SelectMany(static run => run.Wrong), Is.Empty);
        // strace counts by thread, as in the faults of later writes.
        Assert.That(missed, Has.Length.LessThanOrEqualTo(2 + (count / 10)), string.Join('\n', missed));
    }
}
