namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>How long things may take between Centauri and Templater. Its protocol has no answers: only its times tell.</summary>
internal sealed record CentauriTimes
{
    /// <summary>A connection that is closed so soon after a configuration was closed because of it, as far as can be known.</summary>
    public TimeSpan ToRefuse { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Centauri dials again 100 ms after it has closed a connection over a configuration. Whoever is back sooner was started
    /// anew by somebody, ...
    /// </summary>
    public TimeSpan BeforeRedial { get; init; } = TimeSpan.FromMilliseconds(80);

    /// <summary>... and whoever is back later, too, or the machine is too slow to tell.</summary>
    public TimeSpan ToRedial { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>A connection that takes nothing for so long is dropped.</summary>
    public TimeSpan ToTake { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which a connection is asked whether anybody is there; without an answer it is dropped.</summary>
    public TimeSpan ToAsk { get; init; } = TimeSpan.FromSeconds(10);
}
