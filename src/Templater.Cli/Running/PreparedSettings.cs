using System.Collections.Immutable;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Pipeline;

namespace Templater.Cli.Running;

/// <summary>Legal settings with their templates loaded, good or bad, and the log that they ask for.</summary>
internal sealed record PreparedSettings(Settings Settings, ImmutableArray<LoadedOutput> Outputs, LogWriter Log)
{
    private const string Terminal = "-";

    /// <summary>Loads the templates.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="from">A file that replaces the engine; null = the engine.</param>
    /// <param name="surroundings">Where the log goes.</param>
    /// <exception cref="CommandFailedException">There is no output.</exception>
    public static PreparedSettings Of(Settings settings, string? from, Surroundings surroundings)
    {
        if (settings.Outputs.IsEmpty)
            throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting,
                "no template was chosen: set TEMPLATER_TEMPLATE, or --template, to nginx, nginx-http, haproxy, centauri, domains, or the path of a template.");
        if (settings.Outputs.FirstOrDefault(static section => section.Values.Of(OutputSettings.Output).Text == Terminal) is { } printed)
            throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting,
                $"output=\"{Terminal}\" ({printed.Values.Of(OutputSettings.Output).Source}): run writes a file that a proxy reads; name one, or use render for standard output.");
        if (settings.Get(ProcessSettings.Listen) is { IsSomewhere: true, IsLoopback: false } address && settings.Get(ProcessSettings.ListenToken).Length == 0)
            throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting,
                $"listen=\"{address}\" ({settings.Values.Of(ProcessSettings.Listen).Source}): others than this host reach that address, so it needs a token. Set listen_token (TEMPLATER_LISTEN_TOKEN, or TEMPLATER_LISTEN_TOKEN_FILE), or listen on 127.0.0.1.");
        var outputs = settings.Outputs.Select(section => new LoadedOutput(from is null ? OutputPlan.Of(section) : OutputPlan.Of(section).WithoutEngine()));
        return new PreparedSettings(settings, [.. outputs], LogWriter.ForLog(surroundings, settings));
    }

    /// <summary>What was accepted and has no effect.</summary>
    public IEnumerable<Finding> Warnings => [.. Settings.Warnings, .. UnreadSets.Of(Settings, Outputs)];

    /// <summary>What is wrong with templates that cannot be used; empty when all can.</summary>
    public ImmutableArray<Finding> TemplateMistakes =>
        [.. Outputs.Where(static output => output.Load.Renderer is null).SelectMany(static output => output.Load.Findings)];

    /// <summary>True when going on with these would change nothing: the same settings, for the same kinds of proxies.</summary>
    public bool IsSameAs(PreparedSettings former) =>
        SettingsDocument.Text(Settings) == SettingsDocument.Text(former.Settings)
        && Outputs.Zip(former.Outputs).All(static pair =>
            pair.First.Load.Renderer is null || pair.First.Plan.Definition.Kind == pair.Second.Plan.Definition.Kind);
}
