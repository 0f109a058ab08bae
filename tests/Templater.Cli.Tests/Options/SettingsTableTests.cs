using Templater.Cli.Options;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Cli.Tests.Options;

public sealed class SettingsTableTests
{
    /// <summary>For each setting that is not free text: a legal text and an illegal one.</summary>
    private static readonly Dictionary<string, (string Legal, string Illegal)> Examples = new()
    {
        ["docker_host"] = ("tcp://engine:2375", "ftp://engine"),
        ["docker_tls_verify"] = ("1", "maybe"),
        ["docker_cert_path"] = ("/certs", "certs"),
        ["swarm"] = ("on", "yes"),
        ["label_prefix"] = ("proxy.example", "Proxy"),
        ["dialects"] = ("dotege, templater, traefik", "templater,caddy"),
        ["compat"] = ("dotege", "caddy"),
        ["enable_default"] = ("no", "never"),
        ["ip_family"] = ("ipv6", "6"),
        ["default_port"] = ("65535", "65536"),
        ["health"] = ("any", "ill"),
        ["domains"] = ("example.com, *.example.org =shop.example.net 10.0.0.1", "https://example.com"),
        ["stream_ports"] = ("5432, 53/udp", "5432-5440"),
        ["conflict"] = ("merge", "both"),
        ["settle"] = ("1s", "1"),
        ["settle_max"] = ("0", "-1s"),
        ["resync"] = ("2h", "2 weeks"),
        ["stale_after"] = ("7d", "7y"),
        ["template"] = ("./my.template", "ngnix"),
        ["template_format"] = ("haproxy", "html"),
        ["output_mode"] = ("0600", "0999"),
        ["output_owner"] = ("root", "nobody-of-that-name"),
        ["output_group"] = ("65532", "99999999999"),
        ["adopt"] = ("true", "perhaps"),
        ["certs_owner"] = ("0", "a b"),
        ["certs_group"] = ("root", "-1"),
        ["reload"] = ("docker:edge:USR2", "docker:"),
        ["validate"] = ("command:nginx -t", "perhaps"),
        ["verify"] = ("http:http://127.0.0.1/", "exec:a:b"),
        ["reload_interval"] = ("500ms", "ms"),
        ["reload_max_draining"] = ("3", "0"),
        ["reload_timeout"] = ("60s", "99999999999999999999s"),
        ["reload_alarm"] = ("5m", "five"),
        ["state_dir"] = ("/state", "state"),
        ["auth_dir"] = ("/auth", "auth"),
        ["included_by"] = ("/etc/nginx/nginx.conf", "nginx.conf"),
        ["vhost_dir"] = ("/vhost.d", "./vhost.d"),
        ["http_port"] = ("8080", "http"),
        ["https_port"] = ("8443", "-1"),
        ["ipv6"] = ("off", "6"),
        ["https"] = ("only", "true"),
        ["https_code"] = ("301", "303"),
        ["hsts"] = ("max-age=1; includeSubDomains; preload", "max-age=x"),
        ["http2"] = ("on", "2"),
        ["http3"] = ("off", "3"),
        ["tls_policy"] = ("modern", "strict"),
        ["balance"] = ("leastconn", "fair"),
        ["max_body"] = ("512k", "512kb"),
        ["fallback"] = ("https://example.com/", "200"),
        ["trusted_proxies"] = ("10.0.0.0/8, fd00::1", "10.0.0.0/33"),
        ["proxy_protocol"] = ("true", "v2"),
        ["proxy_version"] = ("1.30.2", "1.30-alpine"),
        ["access_log"] = ("off", "/dev/stdout"),
        ["certs_dir"] = ("/certs", "certs"),
        ["certs_layout"] = ("live", "flat"),
        ["certs_mode"] = ("0640", "0246"),
        ["certs_keep"] = ("0", "week"),
        ["acme"] = ("yes", "letsencrypt"),
        ["acme_email"] = ("ops@example.com", "ops"),
        ["acme_ca_bundle"] = ("/etc/ssl/ca.pem", "ca.pem"),
        ["acme_listen"] = (":8402", "8402"),
        ["acme_dns_check"] = ("192.0.2.53", "nowhere"),
        ["acme_profile"] = ("!shortlived", "short lived"),
        ["acme_wildcards"] = ("*.example.com example.org", "*"),
        ["acme_challenge"] = ("dns-01", "http"),
        ["acme_webroot"] = ("/html", "html"),
        ["acme_key_type"] = ("ec384", "dsa"),
        ["acme_reuse_key"] = ("true", "same"),
        ["acme_renew_left"] = ("1/3", "a third"),
        ["acme_allow_subset_of_names"] = ("true", "some"),
        ["acme_preflight"] = ("false", "skip"),
        ["acme_placeholder"] = ("true", "self"),
        ["log_level"] = ("debug", "verbose"),
        ["log_format"] = ("json", "xml"),
        ["listen"] = ("[::1]:9180", "9180"),
        ["listen_token"] = ("0123456789abcdef", "0123456789abcde"),
    };

    private static IEnumerable<SettingDefinition> All => SettingsTable.All;

    [TestCaseSource(nameof(All))]
    public void EveryDefaultIsLegal(object setting)
    {
        var definition = (SettingDefinition)setting;
        Assert.That(definition.Default.Length == 0 || definition.Complaint(definition.Default) is null, definition.Path);
    }

    [TestCaseSource(nameof(All))]
    public void EverySettingTakesWhatIsLegalAndRefusesWhatIsNot(object setting)
    {
        var definition = (SettingDefinition)setting;
        var (legal, illegal) = Examples.GetValueOrDefault(definition.Path, ("text", "bad\u0007"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(definition.Complaint(legal), Is.Null, $"{definition.Path}={legal}");
            Assert.That(definition.Complaint(illegal), Is.Not.Null, $"{definition.Path}={illegal}");
        }
    }

    [TestCase("docker_host", "/run/docker.sock", "Write unix:///run/docker.sock.")]
    [TestCase("docker_host", "ssh://me@host", "An address with ssh is not supported; forward the socket and give a unix:// or tcp:// address.")]
    [TestCase("docker_host", "engine", "")]
    [TestCase("template", "ngnix", "Did you mean nginx?")]
    [TestCase("template", "site.conf", "")]
    [TestCase("validate", "perhaps", "")]
    [TestCase("validate", "exec:nginx", "It is written exec:NAME:COMMAND.")]
    [TestCase("verify", "http:x", "An http or https URL is expected.")]
    [TestCase("reload", "docker:", "A container name is missing.")]
    [TestCase("reload", "hup", "")]
    public void AComplaintDoesNotSayAgainWhatIsLegal(string path, string text, string complaint) =>
        Assert.That(SettingsTable.Find(path)!.Complaint(text), Is.EqualTo(complaint));

    [Test]
    public void NamesAreUniqueInEverySpelling() => Assert.That(SettingsTable.All.Select(static setting => setting.Key), Is.Unique);

    [TestCase("acme_email", "TEMPLATER_ACME_EMAIL", "--acme-email")]
    [TestCase("http_port", "TEMPLATER_HTTP_PORT", "--http-port")]
    public void AllNamesFollowFromThePath(string path, string variable, string flag)
    {
        var setting = SettingsTable.Find(path)!;
        Assert.That((setting.EnvironmentName, setting.Flag), Is.EqualTo((variable, flag)));
    }

    [TestCase("site.nginx.scriban", "", ProxyKind.Nginx)]
    [TestCase("site.scriban", "{{# format: haproxy #}}", ProxyKind.HAProxy)]
    [TestCase("site.scriban", "x", ProxyKind.Other)]
    public void TheProxyOfAnOwnTemplateFollowsFromItsFormat(string name, string text, ProxyKind expected)
    {
        using var directory = new TempDirectory();
        var path = directory.Write(name, text);
        var flags = new FlagLayer { Values = new Dictionary<SettingDefinition, string> { [OutputSettings.Template] = path } };
        var section = new SettingsReader(flags, new Dictionary<string, string>()).Read().Outputs.Single();
        Assert.That(OutputPlan.Of(section).Definition.Kind, Is.EqualTo(expected));
    }

    [Test]
    public void AnOwnLabelPrefixHoldsForRoutingAndReloadsAlike()
    {
        var flags = new FlagLayer
        {
            Values = new Dictionary<SettingDefinition, string> { [OutputSettings.Template] = "nginx", [EngineSettings.LabelPrefix] = "edge.example" },
        };

        var plan = OutputPlan.Of(new SettingsReader(flags, new Dictionary<string, string>()).Read().Outputs.Single());

        Assert.That((plan.Policy.LabelPrefix, plan.Deployment.LabelPrefix), Is.EqualTo(("edge.example", "edge.example")));
    }

    [Test]
    public void AUserThatTheSystemDoesNotKnowIsSaidToBeUnknownHere() =>
        Assert.That(OutputSettings.OutputOwner.Complaint("haproxy-of-host"), Does.StartWith("This system has no user \"haproxy-of-host\""));

    [TestCase("off", "")]
    [TestCase("31536000", "max-age=31536000")]
    [TestCase("max-age=5;preload", "max-age=5; preload")]
    public void HstsBecomesTheHeaderValue(string text, string expected) => Assert.That(RoutingSettings.Hsts.Parse(text), Is.EqualTo(expected));

    [Test]
    public void EveryQuantityHasBounds() => Assert.That(
        SettingsTable.All.Where(static setting => setting is SettingDefinition<TimeSpan> or SettingDefinition<TimeSpan?> or SettingDefinition<int> or SettingDefinition<long>)
            .Where(static setting => setting.Bounds.IsEmpty).Select(static setting => setting.Path),
        Is.EqualTo(new[] { "https_code" }));

    [TestCase("settle", "61s", "a duration from 0 to 1m (ms, s, m, h or d)")]
    [TestCase("settle_max", "601s", "a duration from 0 to 10m (ms, s, m, h or d)")]
    [TestCase("resync", "999ms", "a duration from 1s to 1d (ms, s, m, h or d)")]
    [TestCase("resync", "365d", "a duration from 1s to 1d (ms, s, m, h or d)")]
    [TestCase("stale_after", "0", "a duration from 1s to 365d (ms, s, m, h or d)")]
    [TestCase("reload_interval", "2h", "a duration from 0 to 1h (ms, s, m, h or d)")]
    [TestCase("reload_timeout", "0", "a duration from 100ms to 1h (ms, s, m, h or d)")]
    [TestCase("reload_alarm", "366d", "a duration from 1s to 365d (ms, s, m, h or d)")]
    [TestCase("max_body", "8193g", "a size from 0 to 8192g (bytes, k, m or g)")]
    [TestCase("http_port", "0", "a number from 1 to 65535")]
    public void WhatIsOutOfBoundsIsRefusedWithTheBounds(string path, string text, string legal)
    {
        var setting = SettingsTable.Find(path)!;
        Assert.That((setting.Complaint(text), setting.LegalValues), Is.EqualTo(("", legal)));
    }

    [TestCase("1/3", 1.0 / 3)]
    [TestCase("2/4", 0.5)]
    [TestCase("0.4", 0.4)]
    [TestCase(".25", 0.25)]
    [TestCase("999/1000", 0.999)]
    [TestCase("0", null)]
    [TestCase("1", null)]
    [TestCase("0.0", null)]
    [TestCase("1.0", null)]
    [TestCase("0/3", null)]
    [TestCase("3/3", null)]
    [TestCase("2/1", null)]
    [TestCase("1/0", null)]
    [TestCase("0/0", null)]
    [TestCase("1/2/3", null)]
    [TestCase("1/", null)]
    [TestCase("/3", null)]
    [TestCase("1 / 3", null)]
    [TestCase("-1/3", null)]
    [TestCase("-0.3", null)]
    [TestCase("0,3", null)]
    [TestCase("33%", null)]
    [TestCase("1e-1", null)]
    [TestCase("0.99999999999999999999", null)]
    [TestCase("1/99999999999", null)]
    [TestCase("NaN", null)]
    [TestCase("Infinity", null)]
    [TestCase("abc", null)]
    public void AFractionIsMoreThanNothingAndLessThanAll(string text, double? expected)
    {
        var isLegal = SettingTypes.OptionalFraction.TryParse(text, out var value, out var hint);
        Assert.That((isLegal, value, hint), Is.EqualTo((expected is not null, expected, (string?)null)));
    }

    [TestCase("500ms", 0.5)]
    [TestCase("0", 0)]
    [TestCase("90s", 90)]
    [TestCase("2m", 120)]
    [TestCase("1h", 3600)]
    [TestCase("1d", 86400)]
    public void DurationsCarryTheirUnit(string text, double seconds) => Assert.That(Units.Duration(text)!.Value.TotalSeconds, Is.EqualTo(seconds));

    [TestCase("0", 0)]
    [TestCase("10", 10)]
    [TestCase("512k", 524288)]
    [TestCase("10M", 10485760)]
    [TestCase("2g", 2147483648)]
    public void SizesArePowersOf1024(string text, long bytes) => Assert.That(Units.Size(text), Is.EqualTo(bytes));

    [TestCase("nginx", "nginx", "/config/nginx.conf")]
    [TestCase("haproxy", "haproxy", "/config/haproxy.cfg")]
    [TestCase("nginx-http", "nginx", "/etc/nginx/conf.d/templater.conf")]
    [TestCase("./my/Site.nginx.scriban", "nginx", "/config/nginx.conf")]
    [TestCase("/t/x.haproxy.scriban", "haproxy", "/config/haproxy.cfg")]
    [TestCase("/t/x.centauri.scriban", "centauri", "/config/centauri.conf")]
    [TestCase("list.txt.scriban", "list", "/config/list.txt")]
    [TestCase("/t/ÄÖ.scriban", "output", "/config/ÄÖ")]
    public void TheOnlyOutputIsNamedByItsProxyElseByItsTemplate(string template, string name, string path) => Assert.That(
        (TemplateNames.OutputName(template, null), TemplateNames.DefaultPath(template, null, isOnly: true)), Is.EqualTo((name, path)));

    [TestCase("site.scriban", "haproxy", "haproxy", "/config/haproxy.cfg")]
    [TestCase("site.scriban", "plain", "site", "/config/site")]
    [TestCase("site.nginx.scriban", "plain", "site", "/config/site.conf")]
    public void TheFormatOfTheSettingNamesTheProxyToo(string template, string format, string name, string path) => Assert.That(
        (TemplateNames.OutputName(template, format), TemplateNames.DefaultPath(template, format, isOnly: true)), Is.EqualTo((name, path)));

    [TestCase("nginx", "/config/nginx.conf")]
    [TestCase("./my/Site.nginx.scriban", "/config/Site.conf")]
    [TestCase("/t/x.haproxy.scriban", "/config/x.cfg")]
    public void OneOfSeveralOutputsIsWrittenToTheNameOfItsTemplate(string template, string path) =>
        Assert.That(TemplateNames.DefaultPath(template, null, isOnly: false), Is.EqualTo(path));
}
