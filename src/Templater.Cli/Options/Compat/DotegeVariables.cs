using Templater.Pipeline;
using Templater.Pipeline.Deployment;

namespace Templater.Cli.Options;

/// <summary>
/// The variables of Dotege 2, those of Dotege 1 about certificates and users, and those of centauri-docker-confd, with Dotege's
/// defaults and paths.
/// </summary>
internal static class DotegeVariables
{
    /// <summary>What the names of Dotege's own variables begin with.</summary>
    public const string Prefix = "DOTEGE_";

    /// <summary>The variable that names the template.</summary>
    public const string TemplateSource = Prefix + "TEMPLATE_SOURCE";

    private const string SignalType = Prefix + "SIGNAL_TYPE";
    private const string OldCertificates = "/data/certs";

    private const string Templates =
        "./templates/haproxy.cfg.tpl or ./templates/domains.txt.tpl, because Go templates are not read. For Centauri set TEMPLATER_TEMPLATE=centauri; "
        + "else write yours anew, beginning with a copy (templater templates haproxy), and name it by TEMPLATER_TEMPLATE";

    /// <summary>What is taken from it.</summary>
    public static readonly CompatTable Table = new(
        "dotege",
        [
            new(OutputSettings.Template, "haproxy"),
            new(OutputSettings.Output, "/data/output/haproxy.cfg"),
            // Nobody gets a signal who is not named.
            new(OutputSettings.Reload, "none"),
            new(OutputSettings.StateDirectory, "/data/config/templater"),
        ],
        [
            new(TemplateSource, $"`{OutputSettings.Template.Path}`: Dotege's `haproxy.cfg.tpl` = `haproxy`, `domains.txt.tpl` = `domains`; a Go template of your own is an error that says what to do", static (text, _) => Template(text)),
            CompatVariable.Same("DOTEGE_TEMPLATE_DESTINATION", OutputSettings.Output),
            new("DOTEGE_SIGNAL_CONTAINER", $"`{OutputSettings.Reload.Path}`: `docker:NAME:SIGNAL`", static (text, variables) => Signal(text, variables)),
            new(SignalType, "the signal for it; without it `HUP`", static (text, _) => SignalOf(text) is null ? CompatMeaning.Bad("a signal such as HUP or USR2") : CompatMeaning.Nothing),
            CompatVariable.Same("DOTEGE_PROXYTAG", EngineSettings.Instance),
            CompatVariable.WithoutEffect("DOTEGE_POLL", "events are followed, and everything is read again every minute (resync)"),
            new("DOTEGE_DEBUG", $"`{ProcessSettings.Level.Path}`: any topic = `debug`", static (_, _) => CompatMeaning.Of(ProcessSettings.Level, "debug")),
            new(DotegeSettings.Users.Path, "the users whom the label `com.chameth.auth` names by groups, a list in YAML or JSON", static (text, _) => CompatMeaning.Of(DotegeSettings.Users, text)) { IsSecret = true },
            new("DOTEGE_DNS_PROVIDER", $"`acme_dns`, and `{CertificateSettings.CertsDirectory.Path}` = `{OldCertificates}`", static (text, _) => CompatMeaning.Of(new(CertificateSettings.CertsDirectory, OldCertificates), Certificate("acme_dns", text))),
            new("DOTEGE_CERT_DESTINATION", $"`{CertificateSettings.CertsDirectory.Path}`; HAProxy reads its folder `haproxy`", static (text, _) => CompatMeaning.Of(CertificateSettings.CertsDirectory, text)),
            new("DOTEGE_CERTIFICATE_DEPLOYMENT", $"`certs_layout`: `combined` = `haproxy`, `splitkeys` = `live`", static (text, _) => text switch
            {
                "disabled" => CompatMeaning.Nothing,
                "combined" => CompatMeaning.Of(Certificate("certs_layout", "haproxy")),
                "splitkeys" => CompatMeaning.Of(Certificate("certs_layout", "live")),
                _ => CompatMeaning.Bad("combined, splitkeys or disabled"),
            }),
            new("DOTEGE_CERT_UID", $"`certs_owner`; -1 = unchanged", static (text, _) => text == "-1" ? CompatMeaning.Nothing : CompatMeaning.Of(Certificate("certs_owner", text))),
            new("DOTEGE_CERT_GID", $"`certs_group`; -1 = unchanged", static (text, _) => text == "-1" ? CompatMeaning.Nothing : CompatMeaning.Of(Certificate("certs_group", text))),
            new("DOTEGE_CERT_MODE", $"`certs_mode`", static (text, _) => CompatMeaning.Of(Certificate("certs_mode", text))),
            new("DOTEGE_ACME_EMAIL", $"`acme_email`", static (text, _) => CompatMeaning.Of(Certificate("acme_email", text))),
            new("DOTEGE_ACME_ENDPOINT", $"`acme_ca`", static (text, _) => CompatMeaning.Of(Certificate("acme_ca", text))),
            new("DOTEGE_ACME_KEY_TYPE", $"`acme_key_type`: `P256`, `P384`, `2048`, `4096`", static (text, _) => text switch
            {
                "P256" => CompatMeaning.Of(Certificate("acme_key_type", "ec256")),
                "P384" => CompatMeaning.Of(Certificate("acme_key_type", "ec384")),
                "2048" => CompatMeaning.Of(Certificate("acme_key_type", "rsa2048")),
                "4096" => CompatMeaning.Of(Certificate("acme_key_type", "rsa4096")),
                _ => CompatMeaning.Bad("P256, P384, 2048 or 4096"),
            }),
            CompatVariable.WithoutEffect("DOTEGE_ACME_CACHE_FILE", "Dotege's account is not read, and a new one is made; templater certs import takes the certificates that it wrote"),
            new("DOTEGE_WILDCARD_DOMAINS", $"`acme_wildcards`", static (text, _) => CompatMeaning.Of(Certificate("acme_wildcards", text))),
            CompatVariable.Same("PROXYTAG", EngineSettings.Instance),
            CompatVariable.WithoutEffect("LISTEN", "the address that Centauri connects to stands in TEMPLATER_RELOAD=push:ADDRESS:PORT; without that it reads the file (CONFIG_SOURCE=file, CONFIG) and gets a signal"),
            CompatVariable.WithoutEffect("ROUTE_EXTRAS", "a line for all routes stands in a copy of the template (templater templates centauri), named by TEMPLATER_TEMPLATE"),
        ]);

    /// <summary>True when somebody set one of Dotege's own variables.</summary>
    /// <param name="variables">The variables of the process.</param>
    public static bool AreThere(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var (name, text) in variables)
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && !string.IsNullOrWhiteSpace(text))
                return true;
        return false;
    }

    /// <summary>Notes about variables of its prefix that are none of its.</summary>
    /// <param name="variables">The variables of the process.</param>
    public static IEnumerable<Finding> Unknown(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var name in variables.Keys.Order(StringComparer.Ordinal))
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && !Table.Variables.Any(variable => variable.Name == name))
                yield return new Finding(
                    FindingSeverity.Warning, ReasonIds.SettingNotInEffect, $"{VisibleText.Of(name)} is not a variable of Dotege and has no effect.{Suggestion.Question(name, Table.Variables.Select(static variable => variable.Name))}")
                {
                    Label = name,
                };
    }

    private static CompatMeaning Template(string path) => Path.GetFileName(path) switch
    {
        "haproxy.cfg.tpl" => CompatMeaning.Of(OutputSettings.Template, "haproxy"),
        "domains.txt.tpl" => CompatMeaning.Of(OutputSettings.Template, TemplateNames.Domains),
        _ => CompatMeaning.Bad(Templates),
    };

    private static CompatMeaning Signal(string container, IReadOnlyDictionary<string, string> variables)
    {
        var type = variables.GetValueOrDefault(SignalType)?.Trim() is { Length: > 0 } text ? text : "HUP";
        // A signal that is none is said of its own variable.
        return CompatMeaning.Of(OutputSettings.Reload, $"docker:{container.TrimStart('/')}:{SignalOf(type) ?? "HUP"}");
    }

    private static string? SignalOf(string text) => ReloadSignal.TryParse(text, out var signal) ? signal.Name["SIG".Length..] : null;

    private static CompatDefault Certificate(string path, string text) => new(SettingsTable.Find(SettingDefinition.KeyOf(path))!, text);
}
