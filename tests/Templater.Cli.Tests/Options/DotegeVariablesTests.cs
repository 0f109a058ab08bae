using Templater.Cli.Options;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Cli.Tests.Options;

/// <summary>Dotege's compose file with nothing changed but the image.</summary>
public sealed class DotegeVariablesTests : IDisposable
{
    private const string Hash = "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";

    private readonly TempDirectory _directory = new();

    [Test]
    public void TheVariablesOfItsReadmeAreEnough()
    {
        var settings = Read(
            ("DOTEGE_SIGNAL_CONTAINER", "dotege_haproxy_1"),
            ("DOTEGE_SIGNAL_TYPE", "USR2"),
            ("DOTEGE_TEMPLATE_SOURCE", "./templates/haproxy.cfg.tpl"),
            ("DOTEGE_TEMPLATE_DESTINATION", "/data/output/haproxy.cfg"));
        var plan = OutputPlan.Of(settings.Outputs.Single());
        using (Assert.EnterMultipleScope())
        {
            Assert.That((plan.Definition.Template, plan.Definition.Path, plan.Definition.Kind), Is.EqualTo(("haproxy", "/data/output/haproxy.cfg", ProxyKind.HAProxy)));
            Assert.That(plan.Deployment.Reload, Is.EqualTo(ReloadSpec.Parse("docker:dotege_haproxy_1:USR2")));
            Assert.That(settings.Get(EngineSettings.Compat), Is.EqualTo(CompatProgram.Dotege));
            Assert.That(StateDirectories.Of(settings), Is.EqualTo("/data/config/templater"));
            Assert.That(settings.Warnings.Select(warning => (warning.Severity, warning.Reason)), Is.EqualTo(new[] { (FindingSeverity.Info, ReasonIds.ForeignSettings) }));
        }
    }

    [Test]
    public void OneVariableAloneTakesItsDefaults()
    {
        var plan = OutputPlan.Of(Read(("DOTEGE_PROXYTAG", "blue")).Outputs.Single());
        Assert.That((plan.Definition.Template, plan.Definition.Path, plan.Policy.Instance, plan.Deployment.Reload), Is.EqualTo(("haproxy", "/data/output/haproxy.cfg", "blue", (ReloadSpec)new ReloadSpec.None())));
    }

    [TestCase("TEMPLATER_COMPAT", "dotege")]
    [TestCase("DOTEGE_POLL", "10s")]
    public void ItIsFoundOrChosen(string name, string text) =>
        Assert.That(Read((name, text)).Outputs.Single().Values.Of(OutputSettings.Output).Text, Is.EqualTo("/data/output/haproxy.cfg"));

    [TestCase("DOTEGE_POLL", " ")]
    [TestCase("PROXYTAG", "blue")]
    [TestCase("LISTEN", ":8080")]
    public void WhatMayBeAnybodysIsNotIts(string name, string text)
    {
        var settings = Read((name, text));
        Assert.That((settings.Outputs.Length, settings.Get(EngineSettings.Instance), settings.Warnings.Length), Is.EqualTo((0, "", 0)));
    }

    [Test]
    public void AnotherProgramThatWasChosenIsNotOverruled()
    {
        var settings = Read(("TEMPLATER_COMPAT", "nginx-proxy"), ("DOTEGE_PROXYTAG", "blue"));
        Assert.That((settings.Get(EngineSettings.Instance), settings.Get(EngineSettings.Compat)), Is.EqualTo(("", CompatProgram.NginxProxy)));
    }

    [TestCase("/dotege_haproxy_1", null, "docker:dotege_haproxy_1:HUP")]
    [TestCase("haproxy", "SIGUSR2", "docker:haproxy:USR2")]
    [TestCase("haproxy", "hup", "docker:haproxy:HUP")]
    public void TheContainerGetsItsSignal(string container, string? type, string reload)
    {
        var settings = Read(("DOTEGE_SIGNAL_CONTAINER", container), ("DOTEGE_SIGNAL_TYPE", type ?? ""));
        Assert.That(OutputPlan.Of(settings.Outputs.Single()).Deployment.Reload, Is.EqualTo(ReloadSpec.Parse(reload)));
    }

    [TestCase("./templates/haproxy.cfg.tpl", "haproxy")]
    [TestCase("/templates/domains.txt.tpl", "domains")]
    public void ItsOwnTemplatesHaveTheirLikes(string source, string template) =>
        Assert.That(Read(("DOTEGE_TEMPLATE_SOURCE", source)).Outputs.Single().Values.Of(OutputSettings.Template).Text, Is.EqualTo(template));

    [Test]
    public void AGoTemplateIsAnErrorWithTheWayOut() => Assert.That(Mistakes(("DOTEGE_TEMPLATE_SOURCE", "/templates/my.tpl")).Single(),
        Does.StartWith("DOTEGE_TEMPLATE_SOURCE=\"/templates/my.tpl\": expected ./templates/haproxy.cfg.tpl or").And.Contain("Go templates are not read").And.Contain("TEMPLATER_TEMPLATE=centauri").And.Contain("templater templates haproxy"));

    [Test]
    public void ATemplateOfOursTakesItsPlaceAndGoesToItsFile()
    {
        var settings = Read(("DOTEGE_TEMPLATE_SOURCE", "/templates/centauri.tpl"), ("DOTEGE_TEMPLATE_DESTINATION", "/data/output/centauri.conf"), ("TEMPLATER_TEMPLATE", "centauri"));
        var plan = OutputPlan.Of(settings.Outputs.Single());
        Assert.That((plan.Definition.Kind, plan.Definition.Path), Is.EqualTo((ProxyKind.Centauri, "/data/output/centauri.conf")));
    }

    [Test]
    public void ATemplateOfOursWithoutAFileGoesToItsOwn() =>
        Assert.That(OutputPlan.Of(Read(("DOTEGE_PROXYTAG", "x"), ("TEMPLATER_TEMPLATE", "centauri")).Outputs.Single()).Definition.Path, Is.EqualTo("/config/centauri.conf"));

    [TestCase("DOTEGE_CERT_DESTINATION", "/data/certs/", "certs_dir", "/data/certs/")]
    [TestCase("DOTEGE_DNS_PROVIDER", "hetzner", "certs_dir", "/data/certs")]
    [TestCase("DOTEGE_DNS_PROVIDER", "hetzner", "acme_dns", "hetzner")]
    [TestCase("DOTEGE_CERTIFICATE_DEPLOYMENT", "combined", "certs_layout", "haproxy")]
    [TestCase("DOTEGE_CERTIFICATE_DEPLOYMENT", "splitkeys", "certs_layout", "live")]
    [TestCase("DOTEGE_CERTIFICATE_DEPLOYMENT", "disabled", "certs_layout", "")]
    [TestCase("DOTEGE_CERT_UID", "99", "certs_owner", "99")]
    [TestCase("DOTEGE_CERT_GID", "-1", "certs_group", "")]
    [TestCase("DOTEGE_CERT_MODE", "0640", "certs_mode", "0640")]
    [TestCase("DOTEGE_ACME_EMAIL", "a@example.com", "acme_email", "a@example.com")]
    [TestCase("DOTEGE_ACME_ENDPOINT", "https://ca.example.com/directory", "acme_ca", "https://ca.example.com/directory")]
    [TestCase("DOTEGE_ACME_KEY_TYPE", "P384", "acme_key_type", "ec384")]
    [TestCase("DOTEGE_ACME_KEY_TYPE", "4096", "acme_key_type", "rsa4096")]
    [TestCase("DOTEGE_WILDCARD_DOMAINS", "example.com example.net", "acme_wildcards", "example.com example.net")]
    [TestCase("DOTEGE_DEBUG", "containers", "log_level", "debug")]
    public void TheVariablesOfItsFirstVersionAreTaken(string name, string text, string path, string expected)
    {
        var settings = Read((name, text));
        var value = settings.Values.Of(SettingsTable.All.Single(setting => setting.Path == path));
        Assert.That(value.Layer == SettingLayer.Compat ? value.Text : "", Is.EqualTo(expected));
        Assert.That(settings.Warnings.Count(warning => warning.Label == name), Is.Zero);
    }

    [Test]
    public void TheDestinationOfItsCertificatesWinsOverItsUsualOne() => Assert.That(
        Read(("DOTEGE_CERT_DESTINATION", "/certs"), ("DOTEGE_DNS_PROVIDER", "hetzner")).Get(CertificateSettings.CertsDirectory), Is.EqualTo("/certs"));

    [TestCase("DOTEGE_CERT_MODE", "416", "write \"0640\" in quotes")]
    [TestCase("DOTEGE_CERTIFICATE_DEPLOYMENT", "Combined", "combined, splitkeys or disabled")]
    [TestCase("DOTEGE_ACME_KEY_TYPE", "8192", "P256, P384, 2048 or 4096")]
    [TestCase("DOTEGE_SIGNAL_TYPE", "RELOAD", "a signal such as HUP or USR2")]
    [TestCase("DOTEGE_CERT_DESTINATION", "certs", "an absolute path")]
    [TestCase("DOTEGE_USERS", "name: chris", "a list in YAML or JSON")]
    public void ABadValueIsAnErrorWithTheNameThatWasWritten(string name, string text, string expected) =>
        Assert.That(Mistakes((name, text)).Single(), Does.StartWith(name + "=").And.Contain(expected));

    [TestCase("DOTEGE_POLL", "10s")]
    [TestCase("DOTEGE_ACME_CACHE_FILE", "/data/config/certs.json")]
    public void WhatHasNoEffectIsSaid(string name, string text) =>
        Assert.That(Read((name, text)).Warnings.Where(warning => warning.Label == name).Select(warning => warning.Message).Single(), Does.StartWith($"{name} has no effect: "));

    [TestCase("LISTEN", ":8080")]
    [TestCase("ROUTE_EXTRAS", "header delete Server")]
    public void WhatConfdIsToldIsSaidWhereItIsChosen(string name, string text) =>
        Assert.That(Read(("TEMPLATER_COMPAT", "dotege"), (name, text)).Warnings.Single().Message, Does.StartWith($"{name} has no effect: "));

    [Test]
    public void ConfdsTagIsTheInstance() =>
        Assert.That(Read(("TEMPLATER_COMPAT", "dotege"), ("PROXYTAG", "*")).Get(EngineSettings.Instance), Is.EqualTo("*"));

    [Test]
    public void AnUnknownVariableOfItsPrefixIsSaid() => Assert.That(
        Read(("DOTEGE_SIGNAL_CONTAINR", "haproxy")).Warnings.Where(warning => warning.Reason == ReasonIds.SettingNotInEffect).Select(warning => warning.Message),
        Is.EqualTo(new[] { "DOTEGE_SIGNAL_CONTAINR is not a variable of Dotege and has no effect. Did you mean DOTEGE_SIGNAL_CONTAINER?" }));

    [TestCase("- name: chris\n  password: HASH\n  groups: [admins]\n- name: bob\n  password: HASH")]
    [TestCase("[{name: chris, password: HASH, groups: [admins]}, {name: bob, password: HASH}]")]
    [TestCase("[{\"name\": \"bob\", \"password\": \"HASH\", \"groups\": null}, {\"name\": \"chris\", \"password\": \"HASH\", \"groups\": [\"admins\"]}]")]
    public void UsersAreReadAsYamlAndJson(string text)
    {
        var users = OutputPlan.Of(Read(("DOTEGE_USERS", text.Replace("HASH", Hash, StringComparison.Ordinal))).Outputs.Single()).Policy.DotegeUsers;
        Assert.That(users.Select(user => $"{user.Name} {string.Join(',', user.Groups)} {user.Hash}"), Is.EqualTo(new[] { $"bob  {Hash}", $"chris admins {Hash}" }));
    }

    [TestCase("[]")]
    [TestCase("[{name: bob}]")]
    [TestCase("[{name: bob, password: Sesame}]")]
    [TestCase("[{password: HASH}]")]
    [TestCase("[{name: bob, password: HASH}, {name: bob, password: HASH}]")]
    [TestCase("[{name: bob, password: HASH, role: Sesame}]")]
    [TestCase("[{name: bob, password: HASH, groups: admins}]")]
    [TestCase("[{name: \"b:b\", password: HASH}]")]
    [TestCase("[{name: bob, password: &Sesame HASH}]")]
    [TestCase("[Sesame")]
    [TestCase("Sesame: \"")]
    public void BadUsersAreAnErrorThatRepeatsNoSecret(string text)
    {
        var mistake = Mistakes(("DOTEGE_USERS", text.Replace("HASH", Hash, StringComparison.Ordinal))).Single();
        Assert.That(mistake, Does.StartWith("DOTEGE_USERS=").And.Not.Contain("Sesame").And.Not.Contain("$2y$"));
    }

    [Test]
    public void EveryVariableIsInTheReadme()
    {
        var readme = File.ReadAllText(PathOfReadme());
        foreach (var variable in DotegeVariables.Table.Variables)
            Assert.That(readme, Does.Contain($"| `{variable.Name}` | {variable.Meaning.Replace("|", "\\|", StringComparison.Ordinal)} |\n"), variable.Name);
    }

    public void Dispose() => _directory.Dispose();

    private IEnumerable<string> Mistakes(params (string Name, string Text)[] variables) =>
        Assert.Throws<SettingsException>(() => Read(variables))!.Problems.Select(static problem => problem.Message);

    private Settings Read(params (string Name, string Text)[] variables) =>
        new SettingsReader(new FlagLayer { ConfigPath = _directory.Write("templater.yaml", "") }, variables.ToDictionary(static pair => pair.Name, static pair => pair.Text)).Read();

    private static string PathOfReadme([System.Runtime.CompilerServices.CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "..", "README.md"));
}
