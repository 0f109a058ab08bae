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
        var command = Make("certs", "List the certificates that are wanted, with their ends, renewals and last errors.", [], (context, parse, cancellationToken) => new CertsRun(context).ListAsync(parse.GetValue(asJson), cancellationToken));
        command.Add(asJson);
        command.Add(Make("list", "The same as certs alone.", [], (context, parse, cancellationToken) => new CertsRun(context).ListAsync(parse.GetValue(asJson), cancellationToken)));
        command.Subcommands[^1].Add(asJson);
        command.Add(Make("check", "Tell which certificates are missing, have ended, or failed at the last attempt. Exit code 3 when there are such, else 4 when no Templater runs that renews them.", [], static (context, _, cancellationToken) => new CertsRun(context).CheckAsync(cancellationToken)));
        command.Add(Show());
        command.Add(Issue());
        command.Add(Named("renew", "Ask the Templater that runs for a new certificate now, and wait for it. It does not wait for the pause after a failure; the limits of its CA hold nevertheless.", static (context, name, cancellationToken) => new CertsOrder(context).RenewAsync(name, cancellationToken)));
        command.Add(RollOver());
        command.Add(Revoke());
        command.Add(Restore());
        command.Add(Import());
        return command;

        Command Issue()
        {
            var name = Name();
            var dryRun = new Option<bool>("--dry-run") { Description = "Order it at the staging directory of its CA instead, and throw it away. Needs the settings of run" };
            var made = Make("issue", "Ask the Templater that runs to order a certificate now that is not there, and wait for it. It does not wait for the pause after a failure; the limits of its CA hold nevertheless.", [],
                (context, parse, cancellationToken) => parse.GetValue(dryRun) ? new CertsDryRun(context).RunAsync(parse.GetValue(name)!, cancellationToken) : new CertsOrder(context).IssueAsync(parse.GetValue(name)!, cancellationToken));
            made.Add(name);
            made.Add(dryRun);
            return made;
        }

        Command Show()
        {
            var name = Name();
            var json = new Option<bool>("--json") { Description = "An object" };
            var made = Make("show", "Show everything that is known of a certificate: names, issuer, serial, end, renewal, key, chain and files.", [CertificateSettings.CertsDirectory], (context, parse, cancellationToken) => new CertsShow(context).RunAsync(parse.GetValue(name)!, parse.GetValue(json), cancellationToken));
            made.Add(name);
            made.Add(json);
            return made;
        }

        Command RollOver()
        {
            var authority = new Argument<string>("CA") { Description = "Name of the CA, as certs lists it" };
            var made = Make("roll-over", "Ask the Templater that runs to give its account at a CA another key, and wait for it. Certificates stay as they are.", [], (context, parse, cancellationToken) => new CertsRollOver(context).RunAsync(parse.GetValue(authority)!, cancellationToken));
            made.Add(authority);
            return made;
        }

        Command Revoke()
        {
            var name = Name();
            var reason = Choices.Option("--reason", "Why, in the words of RFC 5280", [.. CertsRevoke.Reasons.Select(static one => one.Name)]);
            var made = Make("revoke", "Have a certificate revoked by its CA. Where it is wanted another one is ordered, with another key. Needs the settings of run.", [CertificateSettings.CertsDirectory], (context, parse, cancellationToken) => new CertsRevoke(context).RunAsync(parse.GetValue(name)!, parse.GetValue(reason), cancellationToken));
            made.Add(name);
            made.Add(reason);
            return made;
        }

        Command Restore()
        {
            var name = Name();
            var made = Make("restore", "Go back to the certificate before the present one, which is kept. A Templater that runs sees it within half a minute. Needs the settings of run.", [CertificateSettings.CertsDirectory], (context, parse, cancellationToken) => new CertsRestore(context).RunAsync(parse.GetValue(name)!, cancellationToken));
            made.Add(name);
            return made;
        }

        Command Import()
        {
            var folder = new Argument<string>("DIR") { Description = "Directory of certbot, lego, acme.sh, acme-companion, or of the certificates of Dotege 1" };
            var made = Make("import", "Take over certificates and accounts of another ACME client, which are renewed here from now on. Needs the settings of run.", [CertificateSettings.CertsDirectory], (context, parse, cancellationToken) => new CertsImport(context).RunAsync(parse.GetValue(folder)!, cancellationToken));
            made.Add(folder);
            return made;
        }

        Command Named(string called, string description, Func<CertsContext, string, CancellationToken, Task<int>> action)
        {
            var name = Name();
            var made = Make(called, description, [], (context, parse, cancellationToken) => action(context, parse.GetValue(name)!, cancellationToken));
            made.Add(name);
            return made;
        }

        static Argument<string> Name() => new("NAME") { Description = "Name of a certificate, or a name in it" };

        Command Make(string called, string description, SettingDefinition[] shown, Func<CertsContext, ParseResult, CancellationToken, Task<int>> action)
        {
            var options = new SettingOptions(showAll, [OutputSettings.StateDirectory, .. shown]);
            var made = new Command(called, description);
            options.AddTo(made);
            made.SetAction((parse, cancellationToken) =>
            {
                var settings = new SettingsReader(options.Read(parse), surroundings.Variables).Read();
                LogWriter.ForDiagnostics(surroundings, settings).WriteAll(settings.Warnings);
                var directory = StateDirectories.Of(settings);
                var program = new RunningProgram(surroundings, directory, settings.Get(EngineSettings.StaleAfter), settings.Get(OutputSettings.ReloadAlarm));
                return action(new CertsContext(surroundings, settings, directory, program), parse, cancellationToken);
            });
            return made;
        }
    }
}
