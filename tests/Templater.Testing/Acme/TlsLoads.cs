using NUnit.Framework;

namespace Templater.Testing;

/// <summary>Several loads at the same time; all are expected to go without a failure.</summary>
/// <param name="loads">The loads, which have begun.</param>
public sealed class TlsLoads(params TlsLoad[] loads) : IAsyncDisposable
{
    // Of what would be begun on a machine with nothing else to do.
    private const double LeastPart = 0.7;

    /// <summary>One of them.</summary>
    /// <param name="index">From 0, in the order in which they were given.</param>
    public TlsLoad this[int index] => loads[index];

    /// <summary>Ends them, tells what came of them, and fails the test where a connection failed, or too few were made to tell anything.</summary>
    /// <param name="time">How long they went on.</param>
    public async Task EndAsync(TimeSpan time)
    {
        await Task.WhenAll(loads.Select(static load => load.EndAsync()));
        foreach (var load in loads)
            await TestContext.Out.WriteLineAsync(load.ToString());
        Assert.Multiple(() =>
        {
            Assert.That(loads.SelectMany(static load => load.Failures), Is.Empty);
            Assert.That(loads.Select(static load => load.Done), Is.All.GreaterThan(time.TotalSeconds * TlsLoad.PerSecond * LeastPart));
        });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var load in loads)
            await load.DisposeAsync();
    }
}
