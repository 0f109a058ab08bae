namespace Templater.Pipeline.Inventory.Engine;

/// <summary>How long to wait before the engine is asked again: doubling from a tenth of a second to ten. Not thread-safe.</summary>
internal sealed class Backoff
{
    /// <summary>The first wait.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>A connection that lasted this long was a healthy one; after it the waits begin anew.</summary>
    public static readonly TimeSpan HealthyAfter = TimeSpan.FromSeconds(10);

    private TimeSpan _next = First;

    /// <summary>The next wait.</summary>
    public TimeSpan Next()
    {
        var wait = _next;
        _next = wait * 2 < Longest ? wait * 2 : Longest;
        return wait;
    }

    /// <summary>Notes how long a connection lasted.</summary>
    public void Connected(TimeSpan lasted)
    {
        if (lasted >= HealthyAfter)
            _next = First;
    }
}
