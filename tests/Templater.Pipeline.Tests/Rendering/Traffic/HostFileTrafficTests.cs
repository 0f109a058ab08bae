using System.Collections.Immutable;
using Templater.Pipeline.Routing.Files;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>What files of the operator that are called like hosts do in nginx, whichever dialect names the hosts.</summary>
[Platform("Linux")]
public sealed class HostFileTrafficTests
{
    private const string Users = "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.\n";

    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        var app = HostFileNames.Sha1("/app");
        _stage = new Stage(Stage.NginxName).Certificate("plain.example.com").Certificate("headers.example.com")
            .HostFile("auth/secret.example.com", Users)
            .HostFile($"auth/part.example.com_{app}", Users)
            .HostFile("auth/broken.example.com", "ops:plain\n")
            .HostFile("vhost.d/default", "location ^~ /.well-known/acme-challenge/ { return 418; }\nadd_header X-File default always;")
            .HostFile("vhost.d/plain.example.com", "client_max_body_size 10;\nlocation = /robots.txt { return 299; }")
            .HostFile("vhost.d/headers.example.com", "add_header X-File own always;\nssl_session_timeout 1m;\nssl_protocols TLSv1.2;")
            .HostFile("vhost.d/*.wild.example.com", "add_header X-File star always;")
            .HostFile("vhost.d/default_location", "add_header X-Location default always;\nproxy_read_timeout 7s;")
            .HostFile($"vhost.d/part.example.com_{app}_location", "add_header X-Location app always;")
            .HostFile("vhost.d/over.example.com_location_override", "location / { return 200 over; }\n")
            .HostFile($"vhost.d/over.example.com_{app}_location_override", "location /app { proxy_pass http://over.example.com; }\n")
            .Add("plain", ("templater.host", "plain.example.com, alias.example.com"), ("templater.https", "optional"), ("templater.hsts", "60"))
            .Add("headers", ("templater.host", "headers.example.com"), ("templater.https", "optional"), ("templater.hsts", "60"))
            .Add("secret", ("templater.host", "secret.example.com"))
            .Add("part").Add("broken").Add("wild").Add("over").Add("overapp").Add("overlabel", ("templater.host", "over.example.com"), ("templater.path", "/app"), ("templater.allow", "private"));
        Variables("part", ("VIRTUAL_HOST", "part.example.com"), ("VIRTUAL_PATH", "/app"));
        Variables("broken", ("VIRTUAL_HOST", "broken.example.com"));
        Variables("wild", ("VIRTUAL_HOST", "*.wild.example.com"));
        Variables("over", ("VIRTUAL_HOST", "over.example.com"));
        Variables("overapp", ("VIRTUAL_HOST", "over2.example.com"), ("VIRTUAL_PATH", "/app"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCase("secret.example.com", "/", "", 401)]
    [TestCase("secret.example.com", "/", "ops:secret", 200)]
    [TestCase("secret.example.com", "/", "ops:wrong", 401)]
    [TestCase("part.example.com", "/app/x", "", 401)]
    [TestCase("part.example.com", "/app/x", "ops:secret", 200)]
    [TestCase("broken.example.com", "/", "ops:plain", 503)]
    [TestCase("plain.example.com", "/robots.txt", "", 299)]
    [TestCase("alias.example.com", "/robots.txt", "", 200)]
    [TestCase("plain.example.com", "/.well-known/acme-challenge/x", "", 404)]
    [TestCase("alias.example.com", "/.well-known/acme-challenge/x", "", 418)]
    [TestCase("over.example.com", "/x", "", 200)]
    public async Task TheFileDecides(string host, string path, string login, int status)
    {
        var headers = login.Length > 0 ? $"Authorization: Basic {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(login))}" : "";
        Assert.That((await _stage.GetAsync(host, path, headers)).Status, Is.EqualTo(status));
    }

    [TestCase("secret.example.com", "/", "Basic realm=\"Restricted secret.example.com\"")]
    [TestCase("part.example.com", "/app", "Basic realm=\"Restricted part.example.com/app\"")]
    public async Task TheRealmIsNginxProxys(string host, string path, string realm) =>
        Assert.That((await _stage.GetAsync(host, path))["WWW-Authenticate"], Is.EqualTo(realm));

    [TestCase("plain.example.com", "", "default")]
    [TestCase("alias.example.com", "", "default")]
    [TestCase("secret.example.com", "", "default")]
    [TestCase("a.wild.example.com", "", "default")]
    [TestCase("part.example.com", "/app", "app")]
    public async Task TheMostExactLocationFileIsIncluded(string host, string path, string expected) =>
        Assert.That((await _stage.GetAsync(host, path.Length > 0 ? path : "/"))["X-Location"], Is.EqualTo(expected));

    [Test]
    public async Task DirectivesOfAFileTakeThePlaceOfTheTemplates()
    {
        var long11 = await _stage.AskAsync("POST / HTTP/1.1\nHost: plain.example.com\nContent-Length: 11");
        var short10 = await _stage.AskAsync("POST / HTTP/1.1\nHost: alias.example.com\nContent-Length: 0");
        Assert.That((long11.Status, short10.Status), Is.EqualTo((413, 200)));
    }

    [Test]
    public async Task AnOverrideIsTheLocation()
    {
        Assert.That((await _stage.GetAsync("over.example.com"))["X-Backend"], Is.Null);
        Assert.That((await _stage.GetAsync("over.example.com", "/application")).Status, Is.EqualTo(200));
        // The container wanted fewer clients there than the file admits.
        Assert.That((await _stage.GetAsync("over.example.com", "/app/x")).Status, Is.EqualTo(503));
    }

    [Test]
    public async Task HstsStaysBesideHeadersOfTheFile()
    {
        var answer = await _stage.GetSecurelyAsync("headers.example.com", "/nothing");
        Assert.That(answer["Strict-Transport-Security"], Is.EqualTo("max-age=60"));
        Assert.That(_stage.Config, Does.Contain("ssl_session_timeout 1d").And.Contain("include"));
    }

    [Test]
    public void AChangedFileMakesAnotherGeneration()
    {
        var before = _stage.Scenario.File("nginx").Generation;
        _stage.HostFile("vhost.d/unused.example.com", "return 404;");
        Assert.That(_stage.Scenario.File("nginx").Generation, Is.EqualTo(before), "for no host");
        _stage.HostFile("vhost.d/*.wild.example.com", "add_header X-File moon always;");
        Assert.That(_stage.Scenario.File("nginx").Generation, Is.Not.EqualTo(before));
    }

    private void Variables(string name, params (string Key, string Value)[] all) => _stage.Scenario.Change(name, container => container with
    {
        Env = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).SetItem("VIRTUAL_PORT", "8080").SetItems(all.Select(item => KeyValuePair.Create(item.Key, item.Value))),
    });
}
