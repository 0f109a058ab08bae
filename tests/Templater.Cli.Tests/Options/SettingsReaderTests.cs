using System.Collections.Immutable;
using Mono.Unix.Native;
using Templater.Cli.Options;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Fixed;
using Templater.Testing;

namespace Templater.Cli.Tests.Options;

public sealed class SettingsReaderTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [TestCase("8001", "8002", "8003", "8001", "--http-port")]
    [TestCase(null, "8002", "8003", "8002", "TEMPLATER_HTTP_PORT")]
    [TestCase(null, null, "8003", "8003", "templater.yaml:1:12")]
    [TestCase(null, null, null, "80", "default")]
    [TestCase("", " ", "8003", "8003", "templater.yaml:1:12")]
    [TestCase("", "", "", "80", "default")]
    public void AFlagBeatsAVariableBeatsTheFileBeatsTheDefault(string? flag, string? variable, string? file, string expected, string source)
    {
        var value = Read(file is null ? "" : $"http_port: {file}", Variables("HTTP_PORT", variable), Flag(RoutingSettings.HttpPort, flag))
            .Values.Of(RoutingSettings.HttpPort);
        Assert.That((value.Text, value.Source), Is.EqualTo((expected, source.Replace("templater.yaml", _directory["templater.yaml"], StringComparison.Ordinal))));
    }

    [TestCase("acme:\n  email: ops@example.com")]
    [TestCase("acme.email: ops@example.com")]
    [TestCase("acme_email: ops@example.com")]
    [TestCase("acme: { email: ops@example.com }")]
    public void AllSpellingsOfAPathMeanTheSame(string yaml) =>
        Assert.That(Read(yaml).Values.Of(SettingsTable.Find("acme.email")!).Text, Is.EqualTo("ops@example.com"));

    [Test]
    public void AListMayBeASequence() =>
        Assert.That(Read("network: [front, edge]").Get(EngineSettings.Network), Is.EqualTo(new[] { "front", "edge" }));

    [TestCase("0640")]
    [TestCase("\"0640\"")]
    [TestCase("640")]
    public void ModesAreOctalHoweverTheyAreQuoted(string yaml) =>
        Assert.That(Read($"output_mode: {yaml}").Get(OutputSettings.OutputMode), Is.EqualTo((UnixFileMode)0b110_100_000));

    [TestCase("416", "write \"0640\" in quotes")]
    [TestCase("420", "write \"0644\" in quotes")]
    public void AModeThatYamlMadeDecimalIsRefusedWithTheWayOut(string yaml, string hint) =>
        Assert.That(Mistakes($"output_mode: {yaml}").Single(), Does.Contain(hint).And.Contain($"output_mode=\"{yaml}\""));

    [Test]
    public void AVariableMayPointToAFile()
    {
        var path = _directory.Write("secret", "hunter2\n");
        var value = Read("", Variables("ACME_EAB_HMAC_FILE", path)).Values.Of(SettingsTable.Find("acme_eab_hmac")!);
        Assert.That((value.Text, value.Source), Is.EqualTo(("hunter2", $"TEMPLATER_ACME_EAB_HMAC_FILE={path}")));
    }

    [Test]
    public void TheFileMayPointToAFileToo() =>
        Assert.That(Read($"instance_file: {_directory.Write("name", "blue")}").Get(EngineSettings.Instance), Is.EqualTo("blue"));

    [Test]
    public void AValueAndItsFileExcludeEachOther() => Assert.That(
        Mistakes("", new() { ["TEMPLATER_INSTANCE"] = "a", ["TEMPLATER_INSTANCE_FILE"] = "/b" }).Single(),
        Is.EqualTo("TEMPLATER_INSTANCE and TEMPLATER_INSTANCE_FILE are both set; one of them is enough."));

    [Test]
    public void AMissingValueFileIsAMistake() =>
        Assert.That(Mistakes("", Variables("INSTANCE_FILE", "/no/such/file")).Single(), Does.StartWith("TEMPLATER_INSTANCE_FILE: cannot read /no/such/file: "));

    [Test]
    public void PlainEngineVariablesAreReadAfterThePrefixedOnes()
    {
        Dictionary<string, string> plain = new() { ["DOCKER_HOST"] = "tcp://a:2375" };
        Dictionary<string, string> both = new(plain) { ["TEMPLATER_DOCKER_HOST"] = "tcp://b:2375" };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Read("", plain).Get(EngineSettings.DockerHost).ToString(), Is.EqualTo("tcp://a:2375"));
            Assert.That(Read("", both).Get(EngineSettings.DockerHost).ToString(), Is.EqualTo("tcp://b:2375"));
        }
    }

    [Test]
    public void EveryMistakeIsReportedInOneGo() => Assert.That(
        Mistakes("http_port: 0\nhtps: off\n", new() { ["TEMPLATER_SETTLE"] = "soon", ["TEMPLATER_STEALE_AFTER"] = "1m" }),
        Is.EqualTo(new[]
        {
            $"{_directory["templater.yaml"]}:2:1: htps is not a setting. Did you mean https?",
            "environment: TEMPLATER_STEALE_AFTER is not a setting. Did you mean TEMPLATER_STALE_AFTER?",
            $"http_port=\"0\" ({_directory["templater.yaml"]}:1:12): expected a number from 1 to 65535.",
            "settle=\"soon\" (TEMPLATER_SETTLE): expected a duration from 0 to 1m (ms, s, m, h or d).",
        }));

    [TestCase("http_port: [80, {a: 1}]", "1:12: http_port: a single value or a list of them was expected.")]
    [TestCase("- a", "1:1: names with values were expected.")]
    [TestCase("http_port: 80\nhttp_port: 81", "2:1: http_port is there twice.")]
    [TestCase("http: { port: 80 }\nhttp_port: 81", "2:12: http_port is there twice.")]
    [TestCase("a: &x 1\nb: *x", "1:4: anchors and aliases are not supported.")]
    [TestCase("http_port: 80\n---\nhttp_port: 81", "2:1: a second document was not expected.")]
    [TestCase("outputs: nginx", "1:10: outputs: names of outputs with their settings were expected.")]
    [TestCase("outputs: { nginx: 1 }", "1:19: outputs.nginx: settings were expected.")]
    [TestCase("outputs: { Big: { template: nginx } }", "1:12: \"Big\" cannot name an output: expected at most 40 lower-case letters, digits and hyphens.")]
    [TestCase("outputs: { nginx: { output: /a } }", "1:12: outputs.nginx has no template.")]
    [TestCase("outputs: { nginx: { template: nginx, settle: 1s } }", "1:38: settle holds for all outputs; write it at the top of the file.")]
    [TestCase("template: nginx\noutputs: { a: { template: nginx } }", "1:11: template at the top and outputs: exclude each other; move it into one of the outputs.")]
    [TestCase("http_port: !!int 80", "1:12: tags are not supported.")]
    [TestCase("- a\n- b", "1:1: names with values were expected.")]
    [TestCase("hello", "1:1: names with values were expected.")]
    [TestCase("? [a]\n: 1", "1:1: a name was expected.")]
    [TestCase("values: [1]", "1:9: values: names with values were expected.")]
    [TestCase("values: { a: [1] }", "1:14: values.a: a single value was expected.")]
    public void MistakesInTheFileNameLineAndColumn(string yaml, string expected) =>
        Assert.That(Mistakes(yaml), Does.Contain(_directory["templater.yaml"] + ":" + expected));

    [TestCase("a: [")]
    [TestCase("a: 'x")]
    [TestCase("\ta: 1")]
    [TestCase("a: b: c")]
    public void WhatIsNotYamlIsRefusedWithAPlace(string yaml) =>
        Assert.That(Mistakes(yaml).Single(), Does.Match("templater.yaml:[0-9]+:[0-9]+: "));

    [Test]
    public void NestingIsBounded() =>
        Assert.That(Mistakes(string.Concat(Enumerable.Repeat("{a: ", 1_000))).Single(), Does.Contain("nested deeper than"));

    [Test]
    public void AMissingSettingsFileIsAMistake()
    {
        var exception = Assert.Throws<SettingsException>(() => new SettingsReader(new FlagLayer { ConfigPath = "/no/such.yaml" }, Variables("", null)).Read());
        Assert.That(exception!.Problems.Single().Message, Does.StartWith("cannot read the settings file /no/such.yaml: "));
    }

    [TestCase("")]
    [TestCase("~")]
    [TestCase("# nothing")]
    public void AnEmptyFileSaysNothing(string yaml) => Assert.That(Read(yaml).Outputs, Is.Empty);

    [Test]
    public void AFileThatIsNoTextOrNoFileIsRefused()
    {
        File.WriteAllBytes(_directory["latin.yaml"], [.. "instance: caf"u8, 0xe9]);
        Assert.That(Syscall.mkfifo(_directory["pipe"], FilePermissions.DEFFILEMODE), Is.Zero);
        (string Path, string Problem)[] cases =
        [
            (_directory["latin.yaml"], "it is not UTF-8."), (_directory.Path, "it is a directory; a file was expected."),
            (_directory["pipe"], "it is a pipe; a file was expected."), ("/dev/zero", "it is larger than 1048576 bytes."),
            (_directory.Write("huge.yaml", new string('#', 2_000_000)), "it is larger than 1048576 bytes."),
        ];
        using (Assert.EnterMultipleScope())
            foreach (var (path, problem) in cases)
            {
                var exception = Assert.Throws<SettingsException>(() => new SettingsReader(new FlagLayer { ConfigPath = path }, new Dictionary<string, string>()).Read());
                Assert.That(exception!.Problems.Single().Message, Is.EqualTo($"cannot read the settings file {path}: {problem}"));
            }
    }

    [TestCase("/a/x.conf", "/a/../a/x.conf", "/a/x.conf")]
    [TestCase(null, "/config/nginx.conf", "/config/nginx.conf")]
    public void TwoOutputsCannotWriteTheSameFile(string? first, string second, string file)
    {
        var output = first is null ? "" : $", output: {first}";
        Assert.That(
            Mistakes($"outputs:\n  a: {{ template: nginx{output} }}\n  b: {{ template: domains, output: {second} }}\n  c: {{ template: haproxy }}").Single(),
            Is.EqualTo($"the outputs a, b all write {file}; give each its own file by output."));
    }

    [Test]
    public void SeveralOutputsHaveTheirOwnSettingsOverTheCommonOnes()
    {
        var settings = Read("https_port: 8443\nvalues: { a: 1, b: 1 }\noutputs:\n  nginx: { template: nginx, https_port: 9443, values: { b: 2 } }\n  domains: { template: domains, reload: none }");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(settings.Outputs.Select(static output => output.Name), Is.EqualTo(new[] { "nginx", "domains" }));
            Assert.That(settings.Outputs.Select(static output => output.Values.Get(RoutingSettings.HttpsPort)), Is.EqualTo(new[] { 9443, 8443 }));
            Assert.That(settings.Outputs[1].Values.Get(OutputSettings.Reload), Is.TypeOf<ReloadSpec.None>());
            Assert.That(settings.Outputs[0].TemplateValues.Select(static pair => pair.Key + pair.Value), Is.EqualTo(new[] { "a1", "b2" }));
        }
    }

    [Test]
    public void AFlagBeatsEveryOutputOfTheFile() => Assert.That(
        Read("outputs: { nginx: { template: nginx, https_port: 9443 } }", [], Flag(RoutingSettings.HttpsPort, "1"))
            .Outputs.Single().Values.Get(RoutingSettings.HttpsPort), Is.EqualTo(1));

    [Test]
    public void ATemplateByFlagReplacesTheOutputsOfTheFile() => Assert.That(
        Read("outputs: { a: { template: nginx }, b: { template: domains } }", [], Flag(OutputSettings.Template, "haproxy"))
            .Outputs.Select(static output => output.Name), Is.EqualTo(new[] { "haproxy" }));

    [Test]
    public void SetWordsBeatTheValuesOfTheFile()
    {
        var flags = new FlagLayer { Sets = ["a=2", "c=x=y", "d="], Values = Flag(OutputSettings.Template, "nginx").Values };
        Assert.That(Read("values: { a: 1, b: 1 }", [], flags).Outputs.Single().TemplateValues.Select(static pair => $"{pair.Key}:{pair.Value}"),
            Is.EqualTo(new[] { "a:2", "b:1", "c:x=y", "d:" }));
    }

    [TestCase("a")]
    [TestCase("=a")]
    public void ASetWordWithoutNameOrValueIsAMistake(string word)
    {
        var exception = Assert.Throws<SettingsException>(() => Read("", [], new FlagLayer { Sets = [word] }));
        Assert.That(exception!.Problems.Single().Message, Is.EqualTo($"--set \"{word}\": expected KEY=VALUE."));
    }

    [TestCase("template: nginx\nstream_ports: [5432, 443/udp]", "stream_ports ({0}:2:15) has 443, which is the proxy's port for http or https (default); give each its own.")]
    [TestCase("stream_ports: 8080\noutputs: { a: { template: nginx, http_port: 8080 } }", "stream_ports ({0}:1:15) has 8080, which is the proxy's port for http or https ({0}:2:45); give each its own.")]
    [TestCase("template: nginx\nhttp_port: 443", "http_port ({0}:2:12) and https_port (default) are both 443; give each its own.")]
    [TestCase("http_port: 8443\noutputs: { a: { template: nginx, https_port: 8443 } }", "http_port ({0}:1:12) and https_port ({0}:2:46) are both 8443; give each its own.")]
    public void OnePortCannotServeBothProtocols(string yaml, string expected) =>
        Assert.That(Mistakes(yaml), Is.EqualTo(new[] { string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, _directory["templater.yaml"]) }));

    [TestCase("acme_placeholder: true", "acme_placeholder ({0}:1:19) has no effect: no certificates are obtained without acme_email.")]
    [TestCase("acme_placeholder: true\nacme_email: ops@example.com\ntemplate: haproxy", "acme_placeholder ({0}:1:19) has no effect: HAProxy starts without a certificate, and Centauri makes its own.")]
    [TestCase("acme_placeholder: true\nacme_email: ops@example.com\ntemplate: nginx", null)]
    [TestCase("acme_placeholder: false", null)]
    public void SettingsWithoutEffectAreWarnedAbout(string yaml, string? warning) => Assert.That(
        Read(yaml).Warnings.Select(static warning => warning.Message),
        Is.EqualTo(warning is null ? [] : new[] { string.Format(System.Globalization.CultureInfo.InvariantCulture, warning, _directory["templater.yaml"]) }));

    [Test]
    public void AccessListsAreReadForAllOutputs() => Assert.That(
        Read("template: nginx\naccess_lists: { office: [203.0.113.7, 10.1.2.3/8], home: private }").Outputs.Single().AccessLists.Select(list => $"{list.Key}: {string.Join(' ', list.Value)}"),
        Is.EqualTo(new[] { "home: 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 127.0.0.0/8 fc00::/7 ::1/128", "office: 203.0.113.7 10.0.0.0/8" }));

    [TestCase("template: nginx\ndomains: [Example.com, '*.example.org']", "others: example.com *.example.org")]
    [TestCase("template: nginx\ndomains: { shop: =shop.example.com, '*': [example.org, 10.0.0.1], lab: any, none: }", "others: example.org 10.0.0.1; lab: any; none: ; shop: =shop.example.com")]
    [TestCase("domains: { shop: shop.example.com }\noutputs: { a: { template: nginx, domains: example.org } }", "others: example.org")]
    [TestCase("template: nginx", "any")]
    public void DomainsAreForAllOrByProject(string yaml, string expected)
    {
        var domains = OutputPlan.Of(Read(yaml).Outputs.Single()).Policy.Domains;
        Assert.That(
            domains is null ? "any" : string.Join("; ", domains.Projects.Select(static project => $"{project.Key}: {string.Join(' ', project.Value)}").Prepend($"others: {string.Join(' ', domains.Others)}")),
            Is.EqualTo(expected));
    }

    [Test]
    public void AVariableBeatsTheDomainsOfProjects() =>
        Assert.That(OutputPlan.Of(Read("template: nginx\ndomains: { shop: example.com }", new() { ["TEMPLATER_DOMAINS"] = "example.org" }).Outputs.Single()).Policy.Domains!.Projects, Is.Empty);

    [Test]
    public void StaticRoutesSayTheKeysOfLabels()
    {
        var plan = OutputPlan.Of(Read("template: nginx\naccess_lists: { office: 203.0.113.7 }\nroutes:\n  nas: { host: nas.example.com, servers: ['192.168.1.10:5000', 'nas.lan:80'], allow: [private, office], timeout: { server: 5m } }\n  apex: { host: example.com, redirect.to: 'https://www.example.com' }").Outputs.Single());
        Assert.That(plan.Policy.Routes.Select(static route => $"{route.Name}: {string.Join(' ', route.Servers)} {string.Join(' ', route.Keys.Select(static key => $"{key.Key}={key.Value}"))}"), Is.EqualTo(new[]
        {
            "apex:  host=example.com redirect.to=https://www.example.com",
            "nas: 192.168.1.10:5000 nas.lan:80 allow=private,office host=nas.example.com timeout.server=5m",
        }));
    }

    [TestCase("routes: x", ":2:9: routes: names of routes")]
    [TestCase("routes: { Na_s: { host: a.example.com } }", "cannot name a route")]
    [TestCase("routes: { nas: x }", ":2:16: routes.nas: keys such as host and servers were expected.")]
    [TestCase("routes: { nas: { host: a.example.com } }", ":2:11: routes.nas: servers is missing.")]
    [TestCase("routes: { nas: { servers: '10.0.0.1:80' } }", ":2:11: routes.nas: host is missing.")]
    [TestCase("routes: { nas: { host: a.example.com, servers: '10.0.0.1' } }", ":2:48: routes.nas.servers: HOST:PORT such as")]
    [TestCase("routes: { nas: { host: a.example.com, servers: ['10.0.0.1:80', 'http://b:80'] } }", ":2:64: routes.nas.servers: HOST:PORT such as")]
    [TestCase("routes: { nas: { host: a.example.com, servers: '2001:db8::1:80' } }", ":2:48: routes.nas.servers: HOST:PORT such as")]
    [TestCase("routes: { nas: { host: 'https://a.example.com', servers: '10.0.0.1:80' } }", ":2:24: routes.nas: host=\"https://a.example.com\"")]
    [TestCase("routes: { nas: { host: a.example.com, servers: '10.0.0.1:80', allow: office } }", ":2:70: routes.nas: allow=\"office\"")]
    [TestCase("routes: { nas: { host: a.example.com, servers: '10.0.0.1:80', alow: private } }", ":2:69: routes.nas is not routed: alow is not known; did you mean allow?")]
    [TestCase("routes: { nas: { host: a.example.com, servers: '10.0.0.1:80', timeout: { server: 5 } } }", ":2:82: routes.nas: timeout.server=\"5\"")]
    [TestCase("routes: { nas: { host: a.example.com, servers: '10.0.0.1:80', port: 80 } }", "port belongs to labels of containers")]
    [TestCase("routes: { nas: { host: a.example.com, servers: '10.0.0.1:80', network: front } }", "network belongs to labels of containers")]
    [TestCase("routes: { nas: { host: a.example.com, servers: '10.0.0.1:80', tls.client-auth: required } }", "tls.client-auth is not available in static routes")]
    [TestCase("routes: { nas: { host: a.example.com, servers: '10.0.0.1:80', streams: { a: { listen: 1 } } } }", "streams.a.listen belongs to labels of containers")]
    public void AMistakeInAStaticRouteHasItsPlace(string yaml, string expected) => Assert.That(Mistakes("template: nginx\n" + yaml), Has.Some.Contains(expected));

    // Both know no list "office": said once. Where one of them does, the other is named.
    [TestCase("a b", "routes.yaml:1:2: routes.nas: allow=\"office\"")]
    [TestCase("b", "routes.yaml:1:2: output \"b\": routes.nas: allow=\"office\"")]
    [TestCase("a", "routes.yaml:1:2: output \"a\": routes.nas: allow=\"office\"")]
    [TestCase("", null)]
    public void AStaticRouteIsJudgedByTheRulesOfEveryOutput(string without, string? expected)
    {
        var route = new PlacedRoute(
            new StaticRoute("nas", ImmutableSortedDictionary<string, string>.Empty.Add("host", "nas.example.com").Add("allow", "office"), [new StaticServer("10.0.0.1", 80, IsName: false)]),
            new FilePlace("routes.yaml", 1, 1),
            new Dictionary<string, FilePlace> { ["allow"] = new("routes.yaml", 1, 2) });
        var problems = new SettingsProblems();
        OutputPolicy Output(string name) => new(name, without.Contains(name, StringComparison.Ordinal)
            ? new RoutingPolicy() : new RoutingPolicy { AccessLists = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add("office", ["203.0.113.7"]) });

        route.Check([Output("a"), Output("b")], problems);

        Assert.That(problems.Any, Is.EqualTo(expected is not null));
        if (expected is not null)
            Assert.That(Assert.Throws<SettingsException>(problems.ThrowIfAny)!.Problems.Select(static problem => problem.Message), Has.One.StartsWith(expected).And.One.Contains("allow="));
    }

    [TestCase("domains: { shop: 'https://example.com' }", ":1:18: domains.shop: a list of domains such as")]
    [TestCase("domains: { shop: { host: example.com } }", ":1:18: domains.shop: a list of domains such as")]
    [TestCase("domains: { '*': '*' }", ":1:17: domains.*: a list of domains such as")]
    [TestCase("domains: [ '~^a$' ]", "expected a list of domains such as")]
    [TestCase("access_lists: x", ":1:15: access_lists: names with lists of addresses were expected.")]
    [TestCase("access_lists: { private: 10.0.0.1 }", "cannot name an access list")]
    [TestCase("access_lists: { Of_fice: 10.0.0.1 }", "cannot name an access list")]
    [TestCase("access_lists: { office: }", "access_lists.office: a list of addresses")]
    [TestCase("access_lists: { office: [10.0.0.1, everyone] }", "access_lists.office: a list of addresses")]
    [TestCase("access_lists: { home: 10.0.0.1, office: home }", "access_lists.office: a list of addresses")]
    public void AnAccessListThatCannotBeReadIsAMistake(string text, string message) =>
        Assert.That(Mistakes(text).Single(), Does.Contain(message));

    [Test]
    public void AuthorisersAreReadForAllOutputs()
    {
        var asked = Read("outputs: { a: { template: nginx }, b: { template: haproxy } }\nforward_auth:\n  sso: { url: 'http://sso:9091/verify', login: 'https://auth.example.com/?rd=', headers: [Remote-User, Remote-Groups] }\n  short: https://auth.example.com/check").Outputs;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked.Select(output => string.Join(' ', output.ForwardAuths.Keys)), Is.EqualTo(new[] { "short sso", "short sso" }));
            var sso = asked[0].ForwardAuths["sso"];
            Assert.That((sso.Name, sso.Host, sso.Port, sso.Path, sso.Login, string.Join(' ', sso.Headers)), Is.EqualTo(("sso", "sso", 9091, "/verify", "https://auth.example.com/?rd=", "Remote-User Remote-Groups")));
        }
    }

    [TestCase("forward_auth: x", ":1:15: forward_auth: names with the URLs of authorisers were expected.")]
    [TestCase("forward_auth: { Sso: 'http://sso/' }", "cannot name an authoriser")]
    [TestCase("forward_auth: { sso: }", "forward_auth.sso: http://NAME:PORT/path")]
    [TestCase("forward_auth: { sso: [a] }", "forward_auth.sso: http://NAME:PORT/path")]
    [TestCase("forward_auth: { sso: {} }", "forward_auth.sso: url is missing")]
    [TestCase("forward_auth: { sso: { url: sso } }", "forward_auth.sso.url: http://NAME:PORT/path")]
    [TestCase("forward_auth: { sso: { url: 'http://sso/', login: /in } }", "forward_auth.sso.login: an absolute http or https URL")]
    [TestCase("forward_auth: { sso: { url: 'http://sso/', headers: Host } }", "forward_auth.sso.headers: a list of names of headers")]
    [TestCase("forward_auth: { sso: { url: 'http://sso/', headers: { a: b } } }", "forward_auth.sso.headers: a list of names of headers")]
    [TestCase("forward_auth: { sso: { url: 'http://sso/', logn: 'https://a/' } }", "Did you mean forward_auth.sso.login?")]
    public void AnAuthoriserThatCannotBeReadIsAMistake(string text, string message) =>
        Assert.That(Mistakes(text).Single(), Does.Contain(message));

    [Test]
    public void EachReadingJudgesTheFileAsItIsThen()
    {
        var reader = new SettingsReader(new FlagLayer { ConfigPath = _directory.Write("templater.yaml", "http_prt: 80\nacme_placeholder: true") }, new Dictionary<string, string>());
        Assert.That(reader.Read, Throws.TypeOf<SettingsException>());
        _directory.Write("templater.yaml", "http_port: 81\nacme_placeholder: true");
        Assert.That((reader.Read().Warnings.Length, reader.Read().Warnings.Length, reader.Read().Get(RoutingSettings.HttpPort)), Is.EqualTo((1, 1, 81)));
    }

    [Test]
    public void ASecretIsNeverPartOfAMessage() =>
        Assert.That(Mistakes("", Variables("LISTEN_TOKEN", "hunter2\u0001")).Single(), Does.Contain("(secret)").And.Not.Contain("hunter2"));

    [Test]
    public void AVariableInOtherCaseIsUnknown() =>
        Assert.That(Mistakes("", new() { ["TEMPLATER_Http_Port"] = "80" }).Single(), Does.EndWith("Did you mean TEMPLATER_HTTP_PORT?"));

    public void Dispose() => _directory.Dispose();

    private Settings Read(string yaml, Dictionary<string, string>? variables = null, FlagLayer? flags = null) =>
        new SettingsReader((flags ?? new FlagLayer()) with { ConfigPath = _directory.Write("templater.yaml", yaml) }, variables ?? []).Read();

    private string[] Mistakes(string yaml, Dictionary<string, string>? variables = null) =>
        [.. Assert.Throws<SettingsException>(() => Read(yaml, variables))!.Problems.Select(static problem => problem.Message)];

    private static Dictionary<string, string> Variables(string name, string? value) =>
        value is null ? [] : new() { ["TEMPLATER_" + name] = value };

    private static FlagLayer Flag(SettingDefinition setting, string? text) =>
        new() { Values = text is null ? new Dictionary<SettingDefinition, string>() : new() { [setting] = text } };
}
