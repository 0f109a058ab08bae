using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Templater.Acme.Dns.Providers;

namespace Templater.Acme.Tests.Dns.Providers;

/// <summary>Cloudflare's API v4 as its reference describes it: zones, DNS records, pages, and errors with codes.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class CloudflareRecordsTests : IDisposable
{
    private const string Token = "s3cr3t-token";

    private readonly List<JsonObject> _records = [];
    private readonly List<(string Id, string Name, string Status)> _zones = [("z1", "example.org", "active")];
    private readonly FakeApi _api;

    public CloudflareRecordsTests() => _api = new() { Answer = Answer };

    public void Dispose() => _api.Dispose();

    [Test]
    public async Task TwoValuesStandSideBySideAndOneIsTakenAway()
    {
        var provider = Provider();
        await provider.AddAsync(FakeApi.Record(value: "first"), CancellationToken.None);
        await provider.AddAsync(FakeApi.Record(value: "second"), CancellationToken.None);
        Assert.That(_records.Select(record => $"{record["type"]} {record["name"]} {record["content"]} {record["ttl"]}"), Is.EqualTo(new[]
        {
            "TXT _acme-challenge.www.example.org \"first\" 120",
            "TXT _acme-challenge.www.example.org \"second\" 120",
        }));
        await provider.RemoveAsync(FakeApi.Record(value: "first"), CancellationToken.None);
        await provider.RemoveAsync(FakeApi.Record(value: "first"), CancellationToken.None);
        Assert.That(_records.Select(record => record["content"]!.GetValue<string>()), Is.EqualTo(new[] { "\"second\"" }));
    }

    [Test]
    public async Task AValueThatIsThereAlreadyIsNoError()
    {
        await Provider().AddAsync(FakeApi.Record(), CancellationToken.None);
        await Provider().AddAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That(_records, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task TheLongestZoneIsTakenTheActiveOneAndOnlyOnceLookedFor()
    {
        _zones.Insert(0, ("pending", "www.example.org", "pending"));
        _zones.Add(("active", "www.example.org", "active"));
        var provider = Provider();
        await provider.AddAsync(FakeApi.Record(value: "first"), CancellationToken.None);
        await provider.AddAsync(FakeApi.Record(value: "second"), CancellationToken.None);
        Assert.That(_api.Asked.Select(asked => asked.ToString().Split('&')[0]), Is.EqualTo(new[]
        {
            "GET /base/zones?name=_acme-challenge.www.example.org",
            "GET /base/zones?name=www.example.org",
            "POST /base/zones/active/dns_records",
            "POST /base/zones/active/dns_records",
        }));
    }

    [Test]
    public async Task AZoneBelowOneThatIsKnownIsFound()
    {
        _zones.Add(("z2", "sub.example.org", "active"));
        var provider = Provider();
        await provider.AddAsync(FakeApi.Record("_acme-challenge.example.org.", "first"), CancellationToken.None);
        await provider.AddAsync(FakeApi.Record("_acme-challenge.sub.example.org.", "second"), CancellationToken.None);
        Assert.That(_api.Asked.Where(asked => asked.Method == "POST").Select(asked => asked.Path), Is.EqualTo(new[] { "/base/zones/z1/dns_records", "/base/zones/z2/dns_records" }));
    }

    [Test]
    public async Task AZoneThatIsGoneIsLookedForAnew()
    {
        var provider = Provider();
        await provider.AddAsync(FakeApi.Record(value: "first"), CancellationToken.None);
        _zones[0] = ("z2", "example.org", "active");
        var answer = _api.Answer;
        _api.Answer = asked => asked.Path.StartsWith("/base/zones/z1/", StringComparison.Ordinal)
            ? new(HttpStatusCode.NotFound, """{"success":false,"errors":[{"code":7003,"message":"Could not route"}]}""")
            : answer(asked);
        Assert.That(async () => await provider.AddAsync(FakeApi.Record(value: "second"), CancellationToken.None), Throws.TypeOf<ChallengeException>());
        await provider.AddAsync(FakeApi.Record(value: "second"), CancellationToken.None);
        Assert.That(_api.Asked[^1].ToString(), Is.EqualTo("POST /base/zones/z2/dns_records"));
    }

    [Test]
    public async Task AllPagesOfRecordsAreRead()
    {
        for (var index = 0; index < 120; index++)
            await Provider().AddAsync(FakeApi.Record(value: $"v{index}"), CancellationToken.None);
        await Provider().RemoveAsync(FakeApi.Record(value: "v119"), CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_records, Has.Count.EqualTo(119));
            Assert.That(_api.Asked.Count(asked => asked.Path.Contains("type=TXT", StringComparison.Ordinal)), Is.EqualTo(3));
        }
    }

    [Test]
    public void AZoneThatIsNotThereIsTold()
    {
        _zones.Clear();
        Assert.That(
            async () => await Provider().AddAsync(FakeApi.Record(), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.EqualTo("cloudflare has no zone for _acme-challenge.www.example.org that these credentials may read (CF_DNS_API_TOKEN, CF_ZONE_API_TOKEN)"));
        Assert.That(_api.Asked.Select(asked => asked.Path), Has.None.Contains("name=org"));
    }

    [TestCase(403, """{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}""", "cloudflare answered 403: the credentials (CF_DNS_API_TOKEN, CF_ZONE_API_TOKEN) are wrong or do not allow this (10000: Authentication error)")]
    [TestCase(400, """{"success":false,"errors":[{"code":6003,"message":"Invalid request headers"},{"code":6111,"message":"bad s3cr3t-token"}]}""", "cloudflare answered 400 (6003: Invalid request headers; 6111: bad ***)")]
    [TestCase(200, """{"success":false,"errors":[{"code":1,"message":"no"}]}""", "cloudflare answered 200 (1: no)")]
    [TestCase(200, "<html>", "cloudflare answered 200 (<html>)")]
    [TestCase(200, """{"success":true,"success":true}""", """cloudflare answered 200 ({"success":true,"success":true})""", Description = "a member is there twice")]
    public void ARefusalIsToldWithCodeAndMessage(int status, string body, string expected)
    {
        _api.Answer = _ => new((HttpStatusCode)status, body);
        Assert.That(async () => await Provider().AddAsync(FakeApi.Record(), CancellationToken.None), Throws.TypeOf<ChallengeException>().With.Message.EqualTo(expected));
    }

    [Test]
    public async Task ZonesAreReadWithTheTokenForThem()
    {
        await Provider(new() { Endpoint = FakeApi.Endpoint, Token = Token, ZoneToken = "zones" }).AddAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That(_api.Asked.Select(asked => (asked.Method, asked.Headers["Authorization"])).Distinct(), Is.EqualTo(new[] { ("GET", "Bearer zones"), ("POST", $"Bearer {Token}") }));
    }

    [Test]
    public async Task AGlobalKeyGoesWithTheEmail()
    {
        await Provider(new() { Endpoint = FakeApi.Endpoint, Email = "me@example.org", Key = "global" }).AddAsync(FakeApi.Record(), CancellationToken.None);
        var headers = _api.Asked[^1].Headers;
        Assert.That((headers["X-Auth-Email"], headers["X-Auth-Key"], headers.ContainsKey("Authorization")), Is.EqualTo(("me@example.org", "global", false)));
    }

    [Test]
    public void WithoutCredentialsNothingIsMade() =>
        Assert.That(() => Provider(new() { Key = "global" }), Throws.ArgumentException.With.Message.EqualTo("cloudflare: set CF_DNS_API_TOKEN, or CF_API_EMAIL and CF_API_KEY"));

    private CloudflareRecords Provider(CloudflareOptions? options = null) => new(options ?? new() { Endpoint = FakeApi.Endpoint, Token = Token }, _api.Client, _api.Clock);

    private ApiAnswer Answer(ApiRequest asked)
    {
        var uri = new Uri("https://api.example" + asked.Path);
        var query = uri.Query.TrimStart('?').Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[^1]));
        var parts = uri.AbsolutePath.Split('/');
        return (asked.Method, parts[3..]) switch
        {
            ("GET", []) => Page(query, [.. _zones.Where(zone => zone.Name == query["name"]).Select(zone => new JsonObject { ["id"] = zone.Id, ["name"] = zone.Name, ["status"] = zone.Status })]),
            ("GET", [_, "dns_records"]) => Page(query, [.. _records.Where(record => record["name"]!.GetValue<string>() == query["name"])]),
            ("POST", [_, "dns_records"]) when _records.Any(record => record["content"]!.ToString() == asked.Json["content"]!.ToString()) =>
                new(HttpStatusCode.BadRequest, """{"success":false,"errors":[{"code":81058,"message":"An identical record already exists."}]}"""),
            ("POST", [_, "dns_records"]) => Created((JsonObject)asked.Json),
            ("DELETE", [_, "dns_records", var id]) when _records.RemoveAll(record => record["id"]!.GetValue<string>() == id) == 1 => ApiAnswer.Ok($$$"""{"success":true,"errors":[],"result":{"id":"{{{id}}}"}}"""),
            _ => new(HttpStatusCode.NotFound, """{"success":false,"errors":[{"code":7003,"message":"Could not route"}]}"""),
        };
    }

    private ApiAnswer Created(JsonObject record)
    {
        record["id"] = $"r{_api.Asked.Count}";
        _records.Add(record);
        return ApiAnswer.Ok(new JsonObject { ["success"] = true, ["errors"] = new JsonArray(), ["result"] = record.DeepClone() }.ToJsonString());
    }

    private static ApiAnswer Page(Dictionary<string, string> query, IReadOnlyList<JsonObject> all)
    {
        var (page, length) = (int.Parse(query["page"], CultureInfo.InvariantCulture), int.Parse(query["per_page"], CultureInfo.InvariantCulture));
        return ApiAnswer.Ok(new JsonObject
        {
            ["success"] = true,
            ["errors"] = new JsonArray(),
            ["result"] = new JsonArray([.. all.Skip((page - 1) * length).Take(length).Select(each => each.DeepClone())]),
            ["result_info"] = new JsonObject { ["page"] = page, ["per_page"] = length, ["total_count"] = all.Count, ["total_pages"] = (all.Count + length - 1) / length },
        }.ToJsonString());
    }
}
