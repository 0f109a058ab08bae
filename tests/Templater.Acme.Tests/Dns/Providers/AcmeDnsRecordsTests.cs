using System.Net;
using System.Text.Json.Nodes;
using Templater.Acme.Dns.Providers;
using Templater.Testing;

namespace Templater.Acme.Tests.Dns.Providers;

/// <summary>An endpoint of acme-dns as its README describes the API.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AcmeDnsRecordsTests : IDisposable
{
    private const string Password = "htB9mR9DYgcu9bX_afHF62erXaH2TS7bg9KW3F7Z";
    private const string Account = $$$"""{"www.example.org":{"fulldomain":"d420.auth.example.net","subdomain":"d420","username":"c36f","password":"{{{Password}}}","server_url":"https://auth.example.net"}}""";

    private readonly TempDirectory _directory = new();
    private readonly FakeApi _api = new()
    {
        Answer = asked => asked.Path switch
        {
            "/base/register" => new(HttpStatusCode.Created, $$"""{"username":"c36f","password":"{{Password}}","fulldomain":"d420.auth.example.net","subdomain":"d420","allowfrom":[]}"""),
            "/base/update" when asked.Headers["X-Api-Key"] != Password => new(HttpStatusCode.Unauthorized, """{"error":"forbidden"}"""),
            "/base/update" => ApiAnswer.Ok($$"""{"txt":"{{asked.Json["txt"]}}"}"""),
            _ => new(HttpStatusCode.NotFound, ""),
        },
    };

    public void Dispose()
    {
        _api.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task TheAccountOfTheDomainUpdatesItsName()
    {
        _directory.Write("accounts.json", Account);
        using var provider = Provider();
        await provider.AddAsync(Record("d420.auth.example.net."), CancellationToken.None);
        var asked = _api.Asked.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked.ToString(), Is.EqualTo("POST /base/update"));
            Assert.That(asked.Body, Is.EqualTo("""{"subdomain":"d420","txt":"value"}"""));
            Assert.That((asked.Headers["X-Api-User"], asked.Headers["X-Api-Key"]), Is.EqualTo(("c36f", Password)));
            Assert.That(provider.Capabilities.MaxValues, Is.EqualTo(2));
        }
    }

    [Test]
    public async Task ADomainWithoutAnAccountGetsOneAndTheAliasIsSaid()
    {
        using var provider = Provider();
        var name = "_acme-challenge.www.example.org.";
        Assert.That(
            async () => await provider.AddAsync(Record(name), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.EqualTo("acme-dns: an account was made for www.example.org; once, make the record: _acme-challenge.www.example.org. CNAME d420.auth.example.net."));
        await provider.AddAsync(Record("d420.auth.example.net."), CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_api.Asked.Select(asked => asked.Path), Is.EqualTo(new[] { "/base/register", "/base/update" }));
            Assert.That(JsonNode.Parse(_directory.Read("accounts.json"))!["www.example.org"]!["password"]!.GetValue<string>(), Is.EqualTo(Password));
            if (!OperatingSystem.IsWindows())
                Assert.That(File.GetUnixFileMode(_directory["accounts.json"]), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
            Assert.That(Directory.GetFiles(_directory.Path), Has.Length.EqualTo(1));
        }
    }

    [Test]
    public void AnAliasOfAnotherNameIsToldBeforeAnythingIsSent()
    {
        _directory.Write("accounts.json", Account);
        using var provider = Provider();
        Assert.That(
            async () => await provider.AddAsync(Record("other.auth.example.net."), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.EqualTo("acme-dns: _acme-challenge.www.example.org is an alias of other.auth.example.net, but the account is for another name: make the record: _acme-challenge.www.example.org. CNAME d420.auth.example.net."));
        Assert.That(_api.Asked, Is.Empty);
    }

    [Test]
    public void CredentialsThatTheServerRefusesAreToldWithoutThem()
    {
        _directory.Write("accounts.json", Account.Replace(Password, "wrong-password", StringComparison.Ordinal));
        using var provider = Provider();
        Assert.That(
            async () => await provider.AddAsync(Record("d420.auth.example.net."), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.EqualTo("acme-dns answered 401: the credentials (the account in ACME_DNS_STORAGE_PATH) are wrong or do not allow this (forbidden)"));
    }

    [TestCase($"{{ \"{Password}")]
    [TestCase("""{"www.example.org":{},"www.example.org":{}}""", Description = "a member is there twice")]
    public void AFileThatIsNoneIsToldWithoutItsContent(string text)
    {
        _directory.Write("accounts.json", text);
        using var provider = Provider();
        Assert.That(
            async () => await provider.AddAsync(Record("d420.auth.example.net."), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.Contains("accounts.json cannot be read").And.Message.Not.Contains(Password).And.InnerException.Null);
    }

    [Test]
    public void AnAccountThatIsIncompleteIsRefused()
    {
        _api.Answer = _ => new(HttpStatusCode.Created, """{"username":"c36f"}""");
        using var provider = Provider();
        Assert.That(
            async () => await provider.AddAsync(Record("_acme-challenge.www.example.org."), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.EqualTo("acme-dns registered an account without 'fulldomain'"));
        Assert.That(File.Exists(_directory["accounts.json"]), Is.False);
    }

    [Test]
    public async Task NothingIsSentToTakeAValueAway()
    {
        using var provider = Provider();
        await provider.RemoveAsync(Record("d420.auth.example.net."), CancellationToken.None);
        Assert.That(_api.Asked, Is.Empty);
    }

    private AcmeDnsRecords Provider() => new(new(FakeApi.Endpoint, new(_directory["accounts.json"])), _api.Client, _api.Clock);

    private static Acme.Dns.TxtRecord Record(string name) => FakeApi.Record("_acme-challenge.www.example.org.") with { Name = name };
}
