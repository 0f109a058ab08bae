using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Running;

/// <summary>
/// The looks at one output, one at a time. Whoever looks at all outputs waits for none that is busy: that one misses looks, and asks
/// for another when it is free, which knows the latest containers. For one looker; nobody else applies snapshots to the output.
/// </summary>
internal sealed class OutputLane
{
    private readonly OutputStage _stage;
    private readonly Action _askForLook;

    // What was begun last, and why; nothing at first.
    private Task<Application>? _run;
    private Cause _cause = Cause.Start;

    // Why looks were missed, until one is begun; null while none was.
    private volatile Cause? _missed;
    private ImmutableArray<RouteClaim> _routes = [];

    /// <summary>Creates it; nothing is begun.</summary>
    /// <param name="stage">The output.</param>
    /// <param name="askForLook">Told, on any thread, that another look is worthwhile.</param>
    public OutputLane(OutputStage stage, Action askForLook)
    {
        _stage = stage;
        _askForLook = askForLook;
        stage.Deployer.Told += () =>
        {
            if (_missed is not null)
                _askForLook();
        };
    }

    /// <summary>The output.</summary>
    public OutputStage Stage => _stage;

    /// <summary>What was begun last; null when nothing ever was.</summary>
    public Task<Application>? Run => _run;

    private bool IsRunning => _run is { IsCompleted: false };

    /// <summary>The routes that have a server; of an output that is busy, those that were known last.</summary>
    public ImmutableArray<RouteClaim> RoutesOf(Snapshot snapshot) => IsRunning ? _routes : (_routes = _stage.RoutesOf(snapshot));

    /// <summary>Takes part in a look, unless a former one still goes on here, or the proxy is just being told.</summary>
    /// <returns>True when it does: then <see cref="Start"/> has to follow.</returns>
    public async Task<bool> JoinAsync(Cause cause)
    {
        // Noted before it is asked: whoever becomes free after that asks for a look.
        _missed = cause = cause.After(_missed);
        if (IsRunning || _stage.Deployer.IsTelling)
            return false;
        // What failed since the last look ends the program, as it does within a look.
        if (_run is not null)
            await _run;
        _missed = null;
        _cause = cause;
        _stage.Deployer.BeginLook();
        return true;
    }

    /// <summary>Begins to bring a snapshot to life.</summary>
    public void Start(Snapshot snapshot, CancellationToken cancellationToken) => _run = ApplyAsync(snapshot, cancellationToken);

    private async Task<Application> ApplyAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            return await _stage.ApplyAsync(snapshot, _cause, cancellationToken);
        }
        finally
        {
            _stage.Deployer.EndLook();
        }
    }

    /// <summary>Waits for what was begun when the look does not any more, and asks for another.</summary>
    /// <param name="finish">Given what came of it, and why it was begun.</param>
    public async Task FinishLateAsync(Action<Application, Cause> finish)
    {
        var (run, cause) = (_run!, _cause);
        try
        {
            finish(await run, cause);
        }
        finally
        {
            _askForLook();
        }
    }
}
