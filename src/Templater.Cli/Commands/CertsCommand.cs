using System.CommandLine;
using Templater.Cli.Certificates;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Cli.Status;

namespace Templater.Cli.Commands;

/// <summary><c>templater certs</c>: the certificates that a Templater obtains.</summary>
internal static class CertsCommand
{
    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var asJson = new Option<bool>("--json") { Description = "An array of objects, as in status" };
        var command = Make("certs", "List the certificates that are wanted, with their ends, renewals and last errors.", (run, parse, cancellationToken) => run.ListAsync(parse.GetValue(asJson), cancellationToken));
        command.Add(asJson);
        command.Add(Make("check", "Tell which certificates are missing, have ended, or failed at the last attempt. Exit code 3 when there are such.", static (run, _, cancellationToken) => run.CheckAsync(cancellationToken)));
        var name = new Argument<string>("NAME") { Description = "Name of a certificate, or a name in it" };
        var renew = Make("renew", "Ask the Templater that runs for a new certificate now, and wait for it. Pauses after failures and the limits of its CA hold nevertheless.", (run, parse, cancellationToken) => run.RenewAsync(parse.GetValue(name)!, cancellationToken));
        renew.Add(name);
        command.Add(renew);
        return command;

        Command Make(string called, string description, Func<CertsRun, ParseResult, CancellationToken, Task<int>> action)
        {
            var options = new SettingOptions(showAll, [OutputSettings.StateDirectory]);
            var made = new Command(called, description);
            options.AddTo(made);
            made.SetAction((parse, cancellationToken) =>
            {
                var settings = new SettingsReader(options.Read(parse), surroundings.Variables).Read();
                LogWriter.ForDiagnostics(surroundings, settings).WriteAll(settings.Warnings);
                var directory = StateDirectories.Of(settings);
                var program = new RunningProgram(surroundings, directory, settings.Get(EngineSettings.StaleAfter), settings.Get(OutputSettings.ReloadAlarm));
                return action(new CertsRun(surroundings, directory, program), parse, cancellationToken);
            });
            return made;
        }
    }
}
