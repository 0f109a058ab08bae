using Templater.Docker;

namespace Templater.Pipeline.Deployment;

/// <summary>How one output is written, checked, reloaded and verified. Immutable.</summary>
public sealed record DeploymentSettings
{
    /// <summary>Mode and owner of the file.</summary>
    public OutputFileOptions File { get; init; } = new();

    /// <summary>Who is told.</summary>
    public ReloadSpec Reload { get; init; } = new ReloadSpec.Auto();

    /// <summary>Prefix of native labels, without dot: the label <c>PREFIX.proxy</c> says whose configuration a container reads.</summary>
    public string LabelPrefix { get; init; } = "templater";

    /// <summary>Where no container has that label: the one, of any value, that marks the proxy; null = there is none.</summary>
    public string? ProxyMark { get; init; }

    /// <summary>Who checks before.</summary>
    public ValidateSpec Validate { get; init; } = new ValidateSpec.Auto();

    /// <summary>How it is proven after.</summary>
    public VerifySpec Verify { get; init; } = new VerifySpec.Auto();

    /// <summary>The engine calls that these settings need beside watching.</summary>
    public CallPurposes EngineCalls
    {
        get
        {
            var calls = Validate is ValidateSpec.Exec || Reload is ReloadSpec.Exec ? CallPurposes.Exec : CallPurposes.None;
            if (Reload is ReloadSpec.Auto or ReloadSpec.Docker or ReloadSpec.Label)
                calls |= Reload.Restarts ? CallPurposes.Restart : CallPurposes.Signal;
            if (Verify is VerifySpec.Auto && IsInContainer)
                calls |= CallPurposes.Verify;
            // However a proxy is told: only its log says why it refused a file, or ended on it.
            if (WatchesProxies)
                calls |= CallPurposes.Logs;
            return calls;
        }
    }

    /// <summary>True when somebody reads the file, so that a proxy that ends on it is noticed.</summary>
    internal bool WatchesProxies => Reload is not (ReloadSpec.None or ReloadSpec.Push);

    /// <summary>True when the proxy's processes may be looked at: on this machine always, in a container where its proof needs the call anyway.</summary>
    internal bool SeesWorkers => !IsInContainer || Verify is VerifySpec.Auto;

    private bool IsInContainer => Reload is ReloadSpec.Auto or ReloadSpec.Docker or ReloadSpec.Label or ReloadSpec.Exec;

    /// <summary>True when the file is only a part of the proxy's configuration, so that it cannot be checked alone.</summary>
    public bool IsFragment { get; init; }

    /// <summary>The configuration that includes the file, absolute, within which it is checked; empty when none was named. Only nginx's.</summary>
    public string IncludedBy { get; init; } = "";

    /// <summary>Shortest time between two reloads; not negative.</summary>
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Sets of old workers that make the next reload wait while nothing that is gone is served.</summary>
    public int ReloadMaxDraining { get; init; } = ReloadBudget.DefaultMaxDraining;

    /// <summary>How long to wait for a proof; null = as the proxy needs.</summary>
    public TimeSpan? ReloadTimeout { get; init; }
}

/// <summary>The settings of an output contradict each other; the message is one line for the operator.</summary>
/// <param name="message">What is wrong and what to do.</param>
public sealed class DeploymentSettingsException(string message) : Exception(message);
