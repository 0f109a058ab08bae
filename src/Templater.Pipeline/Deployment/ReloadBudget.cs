namespace Templater.Pipeline.Deployment;

/// <summary>
/// How many sets of old workers a proxy may have that still finish their connections, before it is reloaded once more: each set holds
/// a configuration of its own in memory. Pure.
/// </summary>
/// <param name="MaxDraining">That many sets make the next reload wait.</param>
internal sealed record ReloadBudget(int MaxDraining)
{
    /// <summary>Sets that are allowed where nothing is set.</summary>
    public const int DefaultMaxDraining = 10;

    /// <summary>However many there are, a reload waits no longer than this.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>Whether a reload has to wait.</summary>
    /// <param name="draining">Sets of old workers; null when nobody can tell.</param>
    /// <param name="mayWait">False when something that is gone or closed is still being served.</param>
    /// <param name="waited">How long it has waited.</param>
    public bool Holds(int? draining, bool mayWait, TimeSpan waited) => mayWait && draining >= MaxDraining && waited < LongestWait;
}
