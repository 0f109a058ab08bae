using System.Net;
using Templater.Acme.Dns.Providers;

namespace Templater.Acme.Tests.Dns.Providers;

/// <summary>The contract that lego documents for <c>httpreq</c>.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class HttpreqRecordsTests : IDisposable
{
    private readonly FakeApi _api = new() { Answer = _ => new(HttpStatusCode.NoContent, "") };

    public void Dispose() => _api.Dispose();

    [Test]
    public async Task NameAndValueArePostedAndTakenAway()
    {
        var provider = new HttpreqRecords(new(FakeApi.Endpoint), _api.Client, _api.Clock);
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        await provider.RemoveAsync(FakeApi.Record(), CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_api.Asked.Select(asked => asked.ToString()), Is.EqualTo(new[] { "POST /base/present", "POST /base/cleanup" }));
            Assert.That(_api.Asked.Select(asked => asked.Body), Is.All.EqualTo("""{"fqdn":"_acme-challenge.www.example.org.","value":"value"}"""));
            Assert.That(_api.Asked[0].Headers["Content-Type"], Is.EqualTo("application/json"));
            Assert.That(_api.Asked[0].Headers.Keys, Does.Not.Contain("Authorization"));
        }
    }

    [Test]
    public async Task InRawModeTheServerMakesTheValue()
    {
        var provider = new HttpreqRecords(new(new("https://api.example/")) { IsRaw = true }, _api.Client, _api.Clock);
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That((_api.Asked[0].Path, _api.Asked[0].Body), Is.EqualTo(("/present", """{"domain":"www.example.org","token":"token","keyAuth":"token.thumbprint"}""")));
    }

    [Test]
    public async Task TheAddressMayHoldUserAndPassword()
    {
        var provider = new HttpreqRecords(new(new("https://user:p%C3%A4ssword@api.example/base")), _api.Client, _api.Clock);
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That(_api.Asked[0].Headers["Authorization"], Is.EqualTo("Basic dXNlcjpww6Rzc3dvcmQ="));
    }

    [TestCase("user", "pässword", "Basic dXNlcjpww6Rzc3dvcmQ=")]
    [TestCase("user", "", null)]
    [TestCase("", "password", null)]
    public async Task BasicAuthenticationNeedsBothUserAndPassword(string user, string password, string? expected)
    {
        var provider = new HttpreqRecords(new(FakeApi.Endpoint) { UserName = user, Password = password }, _api.Client, _api.Clock);
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That(_api.Asked[0].Headers.GetValueOrDefault("Authorization"), Is.EqualTo(expected));
    }
}
