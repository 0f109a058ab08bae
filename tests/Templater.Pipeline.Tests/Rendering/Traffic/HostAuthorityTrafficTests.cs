namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Who gets in where the operator's files say it: the authorities of clients, and what they took back.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class HostAuthorityTrafficTests(string proxy)
{
    private CertifiedClients _clients = null!;
    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _clients = new CertifiedClients();
        var (own, withoutBob) = (_clients.Own.Pem, _clients.Own.Revoked(_clients["bob"]));
        _stage = new Stage(proxy)
            .HostFile("certs/closed.example.com.ca.crt", own).HostFile("certs/closed.example.com.crl.pem", withoutBob)
            .HostFile("certs/maybe.example.com.ca.crt", own)
            .HostFile("certs/broken.example.com.ca.crt", "no certificate")
            .HostFile("certs/own.pem", own).HostFile("certs/native.example.com.crl.pem", withoutBob)
            .Certificate("native.example.com")
            .Add("native", ("templater.host", "native.example.com"), ("templater.tls.client-auth", "required"), ("templater.tls.client-ca", "own.pem"));
        foreach (var name in new[] { "closed", "maybe", "broken", "lost", "open" })
        {
            _stage.Certificate(name + ".example.com");
            Add(name, ("HTTPS_METHOD", "noredirect"));
        }

        Label("maybe", "optional");
        Label("lost", "on");
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _stage.DisposeAsync();
        _clients.Dispose();
    }

    [TestCase("closed", "ann", 200)]
    [TestCase("closed", "bob", 400)]
    [TestCase("closed", "eve", 400)]
    [TestCase("closed", "", 400)]
    [TestCase("maybe", "ann", 200)]
    [TestCase("maybe", "bob", 200)]
    [TestCase("maybe", "eve", 400)]
    [TestCase("maybe", "", 200)]
    [TestCase("native", "ann", 200)]
    [TestCase("native", "bob", 400)]
    [TestCase("native", "", 400)]
    [TestCase("broken", "ann", 503)]
    [TestCase("lost", "ann", 503)]
    [TestCase("open", "", 200)]
    public async Task ACertificateOfTheHostsAuthorityThatWasNotTakenBackIsGood(string host, string who, int status) =>
        Assert.That(await _clients.StatusAsync(_stage, who, host + ".example.com"), Is.EqualTo(CertifiedClients.Refused(_stage, status)));

    [TestCase("closed")]
    [TestCase("broken")]
    [TestCase("lost")]
    public async Task PlainHttpIsNoWayAround(string host)
    {
        var answer = await _stage.GetAsync(host + ".example.com");
        Assert.That((answer.Status == 200, answer["X-Backend"]), Is.EqualTo((false, (string?)null)));
    }

    private void Add(string name, params (string Key, string Value)[] variables)
    {
        _stage.Add(name);
        foreach (var (key, value) in variables.Prepend(("VIRTUAL_HOST", name + ".example.com")))
            _stage.Scenario.Change(name, container => container with { Env = container.Env.SetItem(key, value) });
    }

    private void Label(string name, string value) =>
        _stage.Scenario.Change(name, container => container with { Labels = container.Labels.SetItem("com.github.nginx-proxy.nginx-proxy.ssl_verify_client", value) });
}
