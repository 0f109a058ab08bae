using Templater.Cli.Options;
using Templater.Testing;

namespace Templater.Cli.Tests.Options;

/// <summary>A variable of nginx-proxy acts, or one line at the start names it and says why not.</summary>
public sealed class CompatNotesTests : IDisposable
{
    /// <summary>A text that asks for something else than what holds anyway.</summary>
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["ACME_HTTP_CHALLENGE_LOCATION"] = "legacy",
        ["ACME_HTTP_CHALLENGE_ACCEPT_UNKNOWN_HOST"] = "true",
        ["DEBUG_ENDPOINT"] = "true",
        ["DEFAULT_HOST"] = "a.example.com",
        ["DEFAULT_ROOT"] = "418",
        ["DHPARAM_BITS"] = "2048",
        ["DHPARAM_GENERATION"] = "false",
        ["DHPARAM_SKIP"] = "true",
        ["DISABLE_ACCESS_LOGS"] = "true",
        ["DOCKER_CONTAINER_FILTERS"] = "label=edge",
        ["ENABLE_HTTP_ON_MISSING_CERT"] = "false",
        ["ENABLE_HTTP2"] = "false",
        ["ENABLE_HTTP3"] = "true",
        ["ENABLE_IPV6"] = "true",
        ["ENABLE_PROXY_PROTOCOL"] = "true",
        ["HSTS"] = "off",
        ["HTTPS_METHOD"] = "nohttp",
        ["HTTPS_PORT"] = "8443",
        ["HTTP_PORT"] = "8080",
        ["LOG_JSON"] = "true",
        ["LOG_FORMAT"] = "$host",
        ["LOG_FORMAT_ESCAPE"] = "json",
        ["NGINX_CONTAINER_LABEL"] = "edge",
        ["NON_GET_REDIRECT"] = "308",
        ["PREFER_IPV6_NETWORK"] = "true",
        ["RESOLVERS"] = "192.0.2.1",
        ["SHA1_UPSTREAM_NAME"] = "true",
        ["SSL_POLICY"] = "Mozilla-Modern",
        ["TRUST_DEFAULT_CERT"] = "false",
        ["TRUST_DOWNSTREAM_PROXY"] = "false",
    };

    /// <summary>Variables that nothing acts on, with what is said; whoever makes one act takes it out here.</summary>
    private static readonly Dictionary<string, string> Idle = new(StringComparer.Ordinal)
    {
        ["DHPARAM_BITS"] = "has no effect: the ciphers",
        ["DHPARAM_GENERATION"] = "has no effect: the ciphers",
        ["DHPARAM_SKIP"] = "has no effect: the ciphers",
    };

    private static readonly string[] ForNginx =
    [
        "ACME_HTTP_CHALLENGE_LOCATION", "ACME_HTTP_CHALLENGE_ACCEPT_UNKNOWN_HOST", "DEBUG_ENDPOINT", "DEFAULT_ROOT", "LOG_JSON", "LOG_FORMAT", "LOG_FORMAT_ESCAPE", "RESOLVERS", "SHA1_UPSTREAM_NAME", "TRUST_DEFAULT_CERT",
        "TRUST_DOWNSTREAM_PROXY",
    ];

    private readonly TempDirectory _directory = new();

    private static IEnumerable<string> Variables() => NginxProxyVariables.Table.Variables.Select(static variable => variable.Name);

    [Test]
    public void EveryVariableIsTried() => Assert.That(Texts.Keys, Is.EquivalentTo(Variables()));

    [TestCaseSource(nameof(Variables))]
    public void EachActsOrIsNamed(string name)
    {
        var (plain, settings) = (Read([]), Read(new() { [name] = Texts[name] }));
        if (Said(name) is { } said)
            Assert.That(About(settings, name), Has.Length.EqualTo(1).And.All.StartsWith($"{name} {said}"));
        else
            Assert.That((About(settings, name).Length, Handed(settings) == Handed(plain)), Is.EqualTo((0, false)));
    }

    [TestCaseSource(nameof(Variables))]
    public void WithHAProxyWhatOnlyNginxKnowsIsNamed(string name)
    {
        var settings = Read(new() { [name] = Texts[name], ["TEMPLATER_TEMPLATE"] = "haproxy" });
        if (ForNginx.Contains(name))
            Assert.That(About(settings, name), Is.EqualTo(new[] { $"{name} has no effect: it is about nginx, and no output is for nginx." }));
        else
            Assert.That(About(settings, name), Has.Length.EqualTo(Said(name) is null ? 0 : 1));
    }

    [TestCase("8080", "80", "HTTP_PORT has no effect: http_port is set by TEMPLATER_HTTP_PORT.")]
    [TestCase("80", "80", null)]
    public void OurOwnNameIsStrongerWhichIsSaid(string theirs, string ours, string? expected) =>
        Assert.That(About(Read(new() { ["HTTP_PORT"] = theirs, ["TEMPLATER_HTTP_PORT"] = ours }), "HTTP_PORT").SingleOrDefault(), Is.EqualTo(expected));

    [TestCase("a: { template: nginx, http_port: 80 }, b: { template: domains }", "HTTP_PORT has no effect for the output a: http_port is set by ")]
    [TestCase("a: { template: nginx, http_port: 80 }, b: { template: domains, http_port: 81 }", "HTTP_PORT has no effect for the outputs a, b: http_port is set by ")]
    [TestCase("a: { template: nginx, http_port: 8080 }, b: { template: domains }", null)]
    [TestCase("a: { template: nginx }, b: { template: domains, https_port: 81 }", null)]
    public void WhatAFileSaysForSomeOutputsIsSaidOfThese(string outputs, string? expected) =>
        Assert.That(About(Read(new() { ["HTTP_PORT"] = "8080" }, $"outputs: {{ {outputs} }}"), "HTTP_PORT").SingleOrDefault(), expected is null ? Is.Null : Does.StartWith(expected));

    [TestCase(null, null, "is not set: as with nginx-proxy, applications are told")]
    [TestCase("true", null, null)]
    [TestCase("false", null, null)]
    [TestCase(null, "10.0.0.0/8", null)]
    [TestCase("true", "10.0.0.0/8", "has no effect: trusted_proxies (TEMPLATER_TRUSTED_PROXIES) says more exactly")]
    public void WhoIsBelievedIsSaidOnlyWhereNobodyChose(string? trust, string? proxies, string? expected)
    {
        Dictionary<string, string> variables = [];
        if (trust is not null)
            variables["TRUST_DOWNSTREAM_PROXY"] = trust;
        if (proxies is not null)
            variables["TEMPLATER_TRUSTED_PROXIES"] = proxies;
        Assert.That(About(Read(variables), "TRUST_DOWNSTREAM_PROXY").SingleOrDefault(), expected is null ? Is.Null : Does.StartWith("TRUST_DOWNSTREAM_PROXY " + expected));
    }

    [Test]
    public void WithoutNginxNothingIsSaidAboutItsHeaders() =>
        Assert.That(About(Read(new() { ["TEMPLATER_TEMPLATE"] = "haproxy" }), "TRUST_DOWNSTREAM_PROXY"), Is.Empty);

    private static string? Said(string name) => Idle.GetValueOrDefault(name);

    public void Dispose() => _directory.Dispose();

    private static string[] About(Settings settings, string name) =>
        [.. settings.Warnings.Select(static warning => warning.Message).Where(message => message.StartsWith(name + " ", StringComparison.Ordinal))];

    // All that is handed on: what differs here is acted on there. Lists do not print what is in them.
    private static string Handed(Settings settings)
    {
        var plan = OutputPlan.Of(settings.Outputs.Single());
        var compat = plan.Policy.NginxProxy!;
        return $"{plan.Policy}\n{plan.Definition.Proxy}\n{plan.Deployment}\n{string.Join(' ', compat.Resolvers)}\n{string.Join(' ', compat.Filters)}";
    }

    private Settings Read(Dictionary<string, string> variables, string file = "") => new SettingsReader(
        new FlagLayer { ConfigPath = _directory.Write("templater.yaml", file) },
        new Dictionary<string, string>(variables) { ["TEMPLATER_COMPAT"] = "nginx-proxy" }).Read();
}
