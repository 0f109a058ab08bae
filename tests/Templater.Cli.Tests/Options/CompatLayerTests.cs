using Templater.Cli.Options;
using Templater.Testing;

namespace Templater.Cli.Tests.Options;

public sealed class CompatLayerTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [TestCase("8001", "8002", "8003", "8004", "8001", "--http-port")]
    [TestCase(null, "8002", "8003", "8004", "8002", "TEMPLATER_HTTP_PORT")]
    [TestCase(null, null, "8003", "8004", "8003", "templater.yaml:2:12")]
    [TestCase(null, null, null, "8004", "8004", "HTTP_PORT")]
    [TestCase("", " ", null, "8004", "8004", "HTTP_PORT")]
    [TestCase(null, null, null, " ", "80", "default")]
    [TestCase(null, null, null, null, "80", "default")]
    public void TheOtherProgramsNamesAreWeakerThanOurs(string? flag, string? variable, string? file, string? foreign, string expected, string source)
    {
        Dictionary<string, string> variables = [];
        if (variable is not null)
            variables["TEMPLATER_HTTP_PORT"] = variable;
        if (foreign is not null)
            variables["HTTP_PORT"] = foreign;
        var flags = flag is null ? [] : new Dictionary<SettingDefinition, string> { [RoutingSettings.HttpPort] = flag };
        var value = Read(variables, $"compat: nginx-proxy\n{(file is null ? "" : $"http_port: {file}")}", flags).Values.Of(RoutingSettings.HttpPort);
        Assert.That((value.Text, value.Source), Is.EqualTo((expected, source.Replace("templater.yaml", _directory["templater.yaml"], StringComparison.Ordinal))));
    }

    [TestCase("flag")]
    [TestCase("variable")]
    [TestCase("file")]
    public void TheProgramIsChosenInEveryWay(string way)
    {
        var settings = way switch
        {
            "flag" => Read([], "", new() { [EngineSettings.Compat] = "nginx-proxy" }),
            "variable" => Read(new() { ["TEMPLATER_COMPAT"] = "nginx-proxy" }),
            _ => Read([], "compat: nginx-proxy"),
        };
        var value = settings.Values.Of(CertificateSettings.CertsDirectory);
        Assert.That((value.Text, value.Source), Is.EqualTo(("/etc/nginx/certs", "compat nginx-proxy")));
    }

    [Test]
    public void WithoutCompatNothingOfItHolds()
    {
        var variables = CompatTable.Of(CompatProgram.NginxProxy)!.Variables.ToDictionary(static variable => variable.Name, static _ => "true");
        var settings = Read(variables);
        Assert.That(SettingsTable.All.Where(settings.Values.IsSet), Is.Empty);
    }

    [Test]
    public void AFileOfThatProgramGoesWithItsTemplate()
    {
        var settings = Compat(new() { ["TEMPLATER_TEMPLATE"] = "haproxy" });
        Assert.That(settings.Outputs.Single().Values.Of(OutputSettings.Output).Text, Is.Empty);
    }

    [Test]
    public void OutputsOfAFileHaveTheirOwnFiles()
    {
        var settings = Read([], "compat: nginx-proxy\noutputs:\n  a: { template: nginx }\n  b: { template: domains }");
        Assert.That(settings.Outputs.Select(static output => (output.Values.Of(OutputSettings.Output).Text, output.Values.Of(RoutingSettings.HttpsCode).Text)),
            Is.EqualTo(new[] { ("", "301"), ("", "301") }));
    }

    [Test]
    public void EveryDefaultIsLegal()
    {
        foreach (var table in Tables())
            foreach (var (setting, text) in table.Defaults)
                Assert.That(setting.Complaint(text), Is.Null, $"{table.Name}: {setting.Path}={text}");
    }

    [Test]
    public void NamesAreUnique()
    {
        foreach (var table in Tables())
            Assert.That(table.Variables.Select(static variable => variable.Name), Is.Unique, table.Name);
    }

    [Test]
    public void NoTextOfAnyVariableThrows()
    {
        string[] texts = ["true", "x", "=", ":", "\u0007", "0", "-1", "$", "${", "/", "a b c", "'", "\"", "\\", new('x', 5000)];
        foreach (var table in Tables())
            foreach (var variable in table.Variables)
                foreach (var text in texts)
                {
                    Dictionary<string, string> variables = new() { [variable.Name] = text };
                    List<Templater.Pipeline.Finding> warnings = [];
                    Assert.That(() => CompatLayer.Read(Program(table), variables, new SettingsProblems(), warnings), Throws.Nothing, $"{variable.Name}={text}");
                }
    }

    [Test]
    public void EveryBadValueIsSaidAtOnceWithTheNameThatWasWritten()
    {
        var mistakes = Mistakes(new() { ["HTTP_PORT"] = "http", ["ENABLE_IPV6"] = "yes", ["HTTPS_METHOD"] = "never" });
        Assert.That(mistakes, Is.EqualTo(new[]
        {
            "ENABLE_IPV6=\"yes\": expected true or false (also 1, t, 0 and f).",
            "HTTPS_METHOD=\"never\": expected one of redirect, noredirect, nohttp, nohttps.",
            "HTTP_PORT=\"http\": expected a number from 1 to 65535.",
        }));
    }

    [Test]
    public void WhatNothingActsOnIsSaidOnce()
    {
        var settings = Compat(new() { ["DHPARAM_BITS"] = "2048", ["TRUST_DOWNSTREAM_PROXY"] = "true" });
        Assert.That(settings.Warnings.Select(static warning => warning.Message), Is.EqualTo(new[]
        {
            "DHPARAM_BITS has no effect: the ciphers in use need no Diffie-Hellman parameters, and none are generated.",
        }));
    }

    [TestCase(null, null, "Marked { Key = com.github.nginx-proxy.nginx-proxy.nginx }")]
    [TestCase("edge", null, "Marked { Key = edge }")]
    [TestCase("edge", "docker:nginx", "Named { Name = nginx }")]
    public void NginxIsFoundByItsLabelUnlessAReloadIsSet(string? label, string? reload, string expected)
    {
        Dictionary<string, string> variables = [];
        if (label is not null)
            variables["NGINX_CONTAINER_LABEL"] = label;
        if (reload is not null)
            variables["TEMPLATER_RELOAD"] = reload;
        Assert.That(OutputRouting.Hint(OutputPlan.Of(Compat(variables).Outputs.Single()).Deployment).ToString(), Is.EqualTo(expected));
    }

    public void Dispose() => _directory.Dispose();

    private static IEnumerable<CompatTable> Tables() =>
        Enum.GetValues<CompatProgram>().Where(static program => program != CompatProgram.None).Select(static program => CompatTable.Of(program)!);

    private static CompatProgram Program(CompatTable table) => EngineSettings.Compat.Parse(table.Name);

    private Settings Compat(Dictionary<string, string> variables) => Read(new(variables) { ["TEMPLATER_COMPAT"] = "nginx-proxy" });

    private IEnumerable<string> Mistakes(Dictionary<string, string> variables) =>
        Assert.Throws<SettingsException>(() => Compat(variables))!.Problems.Select(static problem => problem.Message);

    private Settings Read(Dictionary<string, string> variables, string yaml = "", Dictionary<SettingDefinition, string>? flags = null) =>
        new SettingsReader(new FlagLayer { Values = flags ?? [], ConfigPath = _directory.Write("templater.yaml", yaml) }, variables).Read();
}
