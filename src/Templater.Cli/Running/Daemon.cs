using System.Collections.Immutable;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Docker;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Watching;
using Templater.Pipeline.Watching.Metrics;

namespace Templater.Cli.Running;

/// <summary>
/// One session after another, each under one set of settings, until the process is told to end. Settings that cannot be used
/// end it when it starts; later, those in force stay.
/// </summary>
/// <param name="reader">Reads the settings, again at each SIGHUP.</param>
/// <param name="from">A file that replaces the engine; null = the engine.</param>
/// <param name="surroundings">What it may touch.</param>
internal sealed class Daemon(SettingsReader reader, string? from, Surroundings surroundings) : IDisposable
{
    private const string SettingsStay = " The settings in force stay.";
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);
    private readonly ProcessSignals _signals = surroundings.Signals;
    private readonly CentauriListeners _listeners = new(surroundings.Time);

    // Held from one session to the next, so that nobody takes a change of settings for an end.
    private RunLock? _running;

    // Counts go on when settings change.
    private readonly RunMeter _meter = new();

    /// <summary>Runs until told to end.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="SettingsException">The settings are not legal.</exception>
    /// <exception cref="CommandFailedException">They cannot be used.</exception>
    public async Task<int> RunAsync()
    {
        _listeners.Inherit(surroundings.Inherited);
        var present = PreparedSettings.Of(reader.Read(), from, surroundings);
        present.Log.WriteAll(present.Warnings);
        Session? session = Open(present);
        _listeners.CloseAllBut(present.Outputs.Select(static output => output.Plan.Deployment));
        while (session is not null)
        {
            await ShowItselfAsync(present);
            PreparedSettings? next;
            // It is gone before the next one comes: outputs are locked by whoever deploys them.
            using (session)
                next = await RunUntilChangedAsync(session, present);
            (present, session) = next is null ? (present, null) : await ExchangeAsync(present, next);
            _listeners.CloseAllBut(present.Outputs.Select(static output => output.Plan.Deployment));
        }

        // An orderly end on request is a success for a daemon; Ctrl-C is an interruption.
        return _signals.EndedBy is ProcessSignals.Interrupt ? ExitCode.Signal(ProcessSignals.Interrupt) : ExitCode.Done;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _running?.Dispose();
        _listeners.Dispose();
    }

    private async Task ShowItselfAsync(PreparedSettings present)
    {
        var directory = StateDirectories.Of(present.Settings);
        if (_running?.Directory == directory)
            return;
        _running?.Dispose();
        _running = await RunLock.TakeAsync(directory, surroundings.Time, CancellationToken.None);
    }

    /// <returns>The settings to go on with; null when the program was told to end.</returns>
    private async Task<PreparedSettings?> RunUntilChangedAsync(Session session, PreparedSettings present)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_signals.Ended);
        var running = session.RunAsync(stop.Token);
        while (true)
        {
            var hangup = _signals.Hangups.WaitToReadAsync(stop.Token).AsTask();
            var renewal = _signals.Renewals.WaitToReadAsync(stop.Token).AsTask();
            var news = await Task.WhenAny(running, hangup, renewal, session.ProxyChanged, _listeners.Broken);
            if (news == _listeners.Broken)
                await news;
            if (news == running || _signals.EndedBy is not null)
            {
                await EndAsync(stop, running);
                return null;
            }

            if (news == renewal)
            {
                if (!MayBeReplaced(present))
                    continue;
                await EndAsync(stop, running);
                await ReplaceAsync(present);
                return PreparedSettings.Of(present.Settings, from, surroundings);
            }

            // A template that is now meant for another proxy changes who checks and proves, and no setting.
            var next = news == hangup ? Changed(present) : PreparedSettings.Of(present.Settings, from, surroundings);
            if (next is not null)
            {
                await EndAsync(stop, running);
                return next;
            }

            session.Reload();
        }
    }

    // The next program would end over settings that cannot be used, and the connections with it.
    private bool MayBeReplaced(PreparedSettings present)
    {
        const string ProgramStays = " The program is not replaced.";
        _signals.Renewals.TryRead(out _);
        try
        {
            if (PreparedSettings.Of(reader.Read(), from, surroundings).TemplateMistakes is { IsEmpty: false } mistakes)
                Say(present, mistakes, ProgramStays);
            else
                return true;
        }
        catch (SettingsException exception)
        {
            Say(present, exception.Problems, ProgramStays);
        }
        catch (CommandFailedException exception)
        {
            Say(present, exception.Findings, ProgramStays);
        }

        return false;
    }

    /// <summary>Puts the program on disk in the place of this one; returns only when that cannot be.</summary>
    private async Task ReplaceAsync(PreparedSettings present)
    {
        var inherited = await _listeners.PauseAsync();
        var why = surroundings.Replace(inherited);
        _listeners.Resume(inherited);
        present.Log.Write(new Finding(FindingSeverity.Error, ReasonIds.ReloadFailed, $"the program cannot be replaced: {why}. It goes on."));
    }

    private static async Task EndAsync(CancellationTokenSource stop, Task running)
    {
        await stop.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    /// <returns>The settings as they are now, if they are legal and differ from those in force; what is wrong with them is logged.</returns>
    private PreparedSettings? Changed(PreparedSettings present)
    {
        _signals.Hangups.TryRead(out _);
        try
        {
            var next = PreparedSettings.Of(reader.Read(), from, surroundings);
            if (next.IsSameAs(present))
                return null;
            if (next.TemplateMistakes is { IsEmpty: false } mistakes)
                throw new CommandFailedException(ExitCode.Invalid, mistakes);
            return next;
        }
        catch (SettingsException exception)
        {
            Say(present, exception.Problems, SettingsStay);
        }
        catch (CommandFailedException exception)
        {
            Say(present, exception.Findings, SettingsStay);
        }

        return null;
    }

    /// <summary>
    /// Opens a session under new settings, else under those in force. When neither can be opened, because something else changed
    /// too, both are tried again until one can.
    /// </summary>
    /// <returns>The settings that hold now, with their session; no session when the program was told to end meanwhile.</returns>
    private async Task<(PreparedSettings Present, Session? Session)> ExchangeAsync(PreparedSettings present, PreparedSettings next)
    {
        var said = "";
        while (_signals.EndedBy is null)
        {
            if (TryOpen(next, out var problems) is { } session)
            {
                next.Log.WriteAll(next.Warnings.Except(present.Warnings));
                return (next, session);
            }

            var isSaid = said == (said = string.Join('\n', problems));
            if (TryOpen(present, out var trouble) is { } former)
            {
                if (!isSaid)
                    Say(present, problems, SettingsStay);
                return (present, former);
            }

            if (!isSaid)
                Say(present, problems.AddRange(trouble).Distinct(), " It is tried again until it can be used; the proxy keeps what it has.");
            await WaitAsync();
            // Nobody watches the templates meanwhile.
            next = (_signals.Hangups.TryPeek(out _) ? Changed(present) : null) ?? PreparedSettings.Of(next.Settings, from, surroundings);
        }

        return (present, null);
    }

    private async Task WaitAsync()
    {
        try
        {
            await Task.Delay(RetryInterval, surroundings.Time, _signals.Ended);
        }
        catch (OperationCanceledException) when (_signals.EndedBy is not null)
        {
            // Whoever waits looks at that itself.
        }
    }

    private Session? TryOpen(PreparedSettings prepared, out ImmutableArray<Finding> problems)
    {
        problems = [];
        try
        {
            return Open(prepared);
        }
        catch (CommandFailedException exception)
        {
            problems = exception.Findings;
            return null;
        }
    }

    private Session Open(PreparedSettings prepared)
    {
        foreach (var path in prepared.Outputs.Select(static output => output.Plan.Definition.Path))
            if (NamedFile.Instead(path) is { } instead)
                throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting, $"output: {path} is {instead}; a file was expected.");
        try
        {
            return new Session(prepared.Settings, prepared.Outputs, from, _listeners, _meter, surroundings, new TemplaterLogger(prepared.Log));
        }
        catch (DeploymentSettingsException exception)
        {
            // Who would check and prove is not known of a template that cannot be read: that is the mistake to mend first.
            throw prepared.TemplateMistakes is { IsEmpty: false } mistakes && prepared.Outputs.Any(IsUnknown)
                ? new CommandFailedException(ExitCode.Invalid, mistakes)
                : new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting, exception.Message);
        }
        catch (DockerException exception)
        {
            throw CommandFailedException.Of(exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.OutputDenied, exception.Message);
        }
    }

    private static bool IsUnknown(LoadedOutput output) => output.Load.Renderer is null && output.Plan.Definition.Kind == ProxyKind.Other;

    private static void Say(PreparedSettings present, IEnumerable<Finding> problems, string consequence) =>
        present.Log.WriteAll(problems.Select(problem => problem with { Message = problem.Message + consequence }));
}
