using System.CommandLine;
using Templater.Cli.Doctoring;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Pipeline.Deployment.Preflight;

namespace Templater.Cli.Commands;

/// <summary><c>templater doctor</c>: looks at everything that <c>run</c> depends on, and changes nothing.</summary>
internal static class DoctorCommand
{
    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var asJson = new Option<bool>("--json") { Description = "One JSON object" };
        var options = new SettingOptions(showAll, [OutputSettings.Template, OutputSettings.Output, OutputSettings.Reload, EngineSettings.DockerHost]);
        var command = new Command("doctor", "Look at the engine, the calls that are allowed, mounts, owners, the CAs of certificates, the proxy, the checker and the proof, and tell what is wrong and the way out. Nothing is changed. Exit code 4 when something is an error, 0 with warnings.")
        {
            asJson,
        };
        options.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = new SettingsReader(options.Read(parse), surroundings.Variables).Read();
            LogWriter.ForDiagnostics(surroundings, settings).WriteAll(settings.Warnings);
            var facts = await DoctorFacts.ReadAsync(settings, surroundings, cancellationToken);
            var items = PreflightChecks.Of(facts);
            var rules = SocketProxyRules.For([.. facts.Calls.Select(static trial => trial.Call)]);
            var text = parse.GetValue(asJson) ? DoctorDocument.Of(facts, items, rules) : DoctorText.Of(facts, items, rules);
            await surroundings.Output.WriteAsync(text.AsMemory(), cancellationToken);
            return items.Any(static item => item.Level == "error") ? ExitCode.Environment : ExitCode.Done;
        });
        return command;
    }
}
