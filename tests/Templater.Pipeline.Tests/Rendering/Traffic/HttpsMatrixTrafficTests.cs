using System.Collections.Immutable;
using System.Security.Authentication;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>What nginx-proxy's variables about https do, with and without a pair.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class HttpsMatrixTrafficTests(string proxy)
{
    private const int Refused = 0;
    private const string Labels = "com.github.nginx-proxy.nginx-proxy.";

    private static readonly string[] Methods = ["redirect", "noredirect", "nohttp", "nohttps"];

    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy).Certificate("default");
        foreach (var method in Methods)
        {
            foreach (var served in (string[])["true", "false"])
            {
                Add($"{method}-pair-{served}", "", method, served);
                _stage.Certificate($"{method}-pair-{served}.example.com");
                Add($"{method}-none-{served}", "", method, served);
                Add($"{method}-trusted-{served}", "true", method, served);
                Add($"{method}-untrusted-{served}", "false", method, served);
            }
        }

        _stage.Certificate("code.example.com").Certificate("off.example.com").Certificate("usual.example.com");
        _stage.Add("code", (Labels + "non-get-redirect", "308"));
        Change("code", "redirect", "true", ("HSTS", "max-age=7; preload"));
        _stage.Add("off");
        Change("off", "redirect", "true", ("HSTS", "off"));
        _stage.Add("usual");
        Change("usual", "redirect", "true");
        _stage.Add("trailing");
        Change("trailing", "noredirect", "true", ("VIRTUAL_HOST", "trailing.*"));
        _stage.Add("files");
        Change("files", "noredirect", "true", ("VIRTUAL_PROTO", _stage.IsNginx ? "fastcgi" : "http"), ("VIRTUAL_ROOT", "/srv/a$b;\"c"), ("SERVER_TOKENS", "off"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCase("redirect", "pair", "true", 301, 200)]
    [TestCase("redirect", "pair", "false", 301, 200)]
    [TestCase("noredirect", "pair", "true", 200, 200)]
    [TestCase("noredirect", "pair", "false", 200, 200)]
    [TestCase("nohttp", "pair", "true", 503, 200)]
    [TestCase("nohttp", "pair", "false", 503, 200)]
    [TestCase("nohttps", "pair", "true", 200, Refused)]
    [TestCase("nohttps", "pair", "false", 200, Refused)]
    [TestCase("redirect", "none", "true", 200, Refused)]
    [TestCase("redirect", "none", "false", 301, Refused)]
    [TestCase("noredirect", "none", "true", 200, Refused)]
    [TestCase("noredirect", "none", "false", 200, Refused)]
    [TestCase("nohttp", "none", "true", 200, Refused)]
    [TestCase("nohttp", "none", "false", 503, Refused)]
    [TestCase("nohttps", "none", "true", 200, Refused)]
    [TestCase("nohttps", "none", "false", 200, Refused)]
    public async Task EveryCellIsAsInNginxProxy(string method, string pair, string served, int http, int https)
    {
        Assert.That(await AnswersAsync($"{method}-{pair}-{served}.example.com"), Is.EqualTo((http, https)));
        if (pair == "none")
            Assert.That(await AnswersAsync($"{method}-untrusted-{served}.example.com"), Is.EqualTo((http, https)), "a default certificate that is not trusted");
        // HAProxy shows no pair for a name that it does not cover.
        var isTrusted = pair == (_stage.IsNginx ? "pair" : "none");
        if (isTrusted)
            Assert.That(await AnswersAsync($"{method}-trusted-{served}.example.com"), Is.EqualTo((http, https)), "the trusted default certificate");
    }

    [TestCase("GET", 301)]
    [TestCase("HEAD", 301)]
    [TestCase("POST", 308)]
    [TestCase("DELETE", 308)]
    [TestCase("PROPFIND", 308)]
    public async Task OtherMethodsAreRedirectedSoThatTheyStayWhatTheyAre(string method, int status)
    {
        var answer = await _stage.AskAsync($"{method} /x?y=z HTTP/1.1\nHost: code.example.com");
        Assert.That((answer.Status, answer["Location"]), Is.EqualTo((status, $"https://code.example.com:{_stage.HttpsPort}/x?y=z")));
        Assert.That((await _stage.AskAsync($"{method} / HTTP/1.1\nHost: usual.example.com")).Status, Is.EqualTo(301), "without a wish");
    }

    [TestCase("code.example.com", "max-age=7; preload")]
    [TestCase("usual.example.com", "max-age=31536000")]
    [TestCase("off.example.com", null)]
    [TestCase("nohttp-pair-true.example.com", "max-age=31536000")]
    [TestCase("noredirect-pair-true.example.com", null)]
    public async Task HstsIsSentOnlyWhereHttpIsNotServed(string host, string? expected) =>
        Assert.That((await _stage.GetSecurelyAsync(host))["Strict-Transport-Security"], Is.EqualTo(expected));

    [TestCase("trailing.example.org", 200)]
    [TestCase("trailing.example.co.uk", 200)]
    [TestCase("trailing", 503)]
    [TestCase("trailingx.example.org", 503)]
    [TestCase("www.trailing.org", 503)]
    public async Task ATrailingWildcardStandsForWhatBeginsLikeIt(string host, int status) =>
        Assert.That((await _stage.GetAsync(host)).Status, Is.EqualTo(status));

    [Test]
    public void TheRootOfFastCgiIsPrintedQuoted()
    {
        if (_stage.IsNginx)
            Assert.That(_stage.Config, Does.Contain("set $templater_root \"/srv/a${templater_dollar}b;\\\"c\";").And.Contain("SCRIPT_FILENAME $templater_root$fastcgi_script_name;").And.Contain("server_tokens off;"));
        else
            Assert.That(_stage.Config, Does.Not.Contain("/srv/a"));
    }

    private void Add(string name, string trusted, string method, string served)
    {
        if (trusted.Length > 0)
            _stage.Add(name, (Labels + "trust-default-cert", trusted));
        else
            _stage.Add(name);
        Change(name, method, served);
    }

    private void Change(string name, string method, string served, params (string Key, string Value)[] more) => _stage.Scenario.Change(name, container => container with
    {
        Env = Variables(
            [("VIRTUAL_HOST", name + ".example.com"), ("VIRTUAL_PORT", "8080"), ("HTTPS_METHOD", method), ("ENABLE_HTTP_ON_MISSING_CERT", served), .. more]),
    });

    private static ImmutableSortedDictionary<string, string> Variables((string Key, string Value)[] all) =>
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).SetItems(all.Select(item => KeyValuePair.Create(item.Key, item.Value)));

    private async Task<(int Http, int Https)> AnswersAsync(string host)
    {
        var http = (await _stage.GetAsync(host)).Status;
        try
        {
            var secure = await _stage.GetSecurelyAsync(host);
            return (http, secure["X-Backend"] is null ? Refused : secure.Status);
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            return (http, Refused);
        }
    }
}
