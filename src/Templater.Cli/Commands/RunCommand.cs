using System.Collections.Immutable;
using System.CommandLine;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Cli.Running;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;

namespace Templater.Cli.Commands;

/// <summary><c>templater run</c>: watches, renders and deploys until it is told to end.</summary>
internal static class RunCommand
{
    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var from = SourceOptions.From();
        var options = new SettingOptions(showAll,
            [EngineSettings.DockerHost, OutputSettings.Template, OutputSettings.Output, OutputSettings.Reload, OutputSettings.Validate, OutputSettings.StateDirectory, ProcessSettings.Level]);
        var command = new Command("run", "Watch containers, render the configuration, and make the proxy reload. Every setting is also a flag.") { from };
        options.AddTo(command);
        command.SetAction(async (parse, _) =>
        {
            var reader = new SettingsReader(options.Read(parse), surroundings.Variables);
            return await RunAsync(reader, parse.GetValue(from) is { Length: > 0 } file ? file : null, surroundings);
        });
        return command;
    }

    private static async Task<int> RunAsync(SettingsReader reader, string? from, Surroundings surroundings)
    {
        var generation = Prepare(reader.Read(), from, surroundings);
        generation.Log.WriteAll(generation.Settings.Warnings);
        while (true)
        {
            using var session = Open(generation, from, surroundings);
            if (await RunUntilChangedAsync(session, generation, reader, from, surroundings) is not { } next)
                // An orderly end on request is a success for a daemon; Ctrl-C is an interruption.
                return surroundings.Signals.EndedBy is ProcessSignals.Interrupt ? ExitCode.Signal(ProcessSignals.Interrupt) : ExitCode.Done;
            generation = next;
        }
    }

    /// <returns>The new settings to go on with; null when the program was told to end.</returns>
    private static async Task<Prepared?> RunUntilChangedAsync(Session session, Prepared present, SettingsReader reader, string? from, Surroundings surroundings)
    {
        var signals = surroundings.Signals;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Ended);
        var running = session.RunAsync(stop.Token);
        while (true)
        {
            var hangup = signals.Hangups.WaitToReadAsync(stop.Token).AsTask();
            if (await Task.WhenAny(running, hangup) == running || signals.EndedBy is not null)
            {
                await EndAsync(stop, running);
                return null;
            }

            signals.Hangups.TryRead(out _);
            if (Changed(present, reader, from, surroundings) is { } next)
            {
                await EndAsync(stop, running);
                return next;
            }

            session.Reload();
        }
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
    private static Prepared? Changed(Prepared present, SettingsReader reader, string? from, Surroundings surroundings)
    {
        try
        {
            var next = Prepare(reader.Read(), from, surroundings);
            if (SettingsDocument.Text(next.Settings) == SettingsDocument.Text(present.Settings))
                return null;
            var mistakes = next.Outputs.Where(static output => output.Load.Renderer is null).SelectMany(static output => output.Load.Findings).ToList();
            if (mistakes.Count > 0)
                throw new CommandFailedException(ExitCode.Invalid, [.. mistakes]);
            next.Log.WriteAll(next.Settings.Warnings);
            return next;
        }
        catch (SettingsException exception)
        {
            present.Log.WriteAll(exception.Problems.Select(static problem => problem with { Message = problem.Message + " The settings in force stay." }));
        }
        catch (CommandFailedException exception)
        {
            present.Log.WriteAll(exception.Findings.Select(static problem => problem with { Message = problem.Message + " The settings in force stay." }));
        }

        return null;
    }

    private static Prepared Prepare(Settings settings, string? from, Surroundings surroundings)
    {
        if (settings.Outputs.IsEmpty)
            throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting,
                "no template was chosen: set TEMPLATER_TEMPLATE, or --template, to nginx, nginx-http, haproxy, centauri, domains, or the path of a template.");
        var outputs = settings.Outputs.Select(section => new LoadedOutput(from is null ? OutputPlan.Of(section) : OutputPlan.Of(section).WithoutEngine())).ToImmutableArray();
        return new Prepared(settings, outputs, LogWriter.ForLog(surroundings, settings));
    }

    private static Session Open(Prepared prepared, string? from, Surroundings surroundings)
    {
        try
        {
            return new Session(prepared.Settings, prepared.Outputs, from, surroundings, new TemplaterLogger(prepared.Log));
        }
        catch (DeploymentSettingsException exception)
        {
            throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting, exception.Message);
        }
        catch (StateDirectoryException exception)
        {
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.OutputDenied, exception.Message);
        }
    }

    private sealed record Prepared(Settings Settings, ImmutableArray<LoadedOutput> Outputs, LogWriter Log);
}
