using System.Net;
using System.Xml.Linq;
using Templater.Acme.Dns.Providers;

namespace Templater.Acme.Tests.Dns.Providers;

/// <summary>Route 53 as its API reference describes it: hosted zones by name in pages, record sets, change batches, and errors with codes.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class Route53RecordsTests : IDisposable
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    private static readonly XNamespace Namespace = "https://route53.amazonaws.com/doc/2013-04-01/";

    private readonly List<string> _values = [];
    private readonly FakeApi _api;
    private int _ttl;
    private int _asks;

    public Route53RecordsTests() => _api = new() { Answer = Answer };

    /// <summary>Changes the set by someone else after it was read, as often as this says.</summary>
    private int Interruptions { get; set; }

    public void Dispose() => _api.Dispose();

    [Test]
    public async Task TwoValuesStandSideBySideAndOneIsTakenAway()
    {
        using var provider = Provider();
        await provider.AddAsync(FakeApi.Record(value: "first"), CancellationToken.None);
        await provider.AddAsync(FakeApi.Record(value: "second"), CancellationToken.None);
        await provider.AddAsync(FakeApi.Record(value: "second"), CancellationToken.None);
        Assert.That((_values, _ttl), Is.EqualTo((new[] { "\"first\"", "\"second\"" }, 10)));
        await provider.RemoveAsync(FakeApi.Record(value: "first"), CancellationToken.None);
        Assert.That(_values, Is.EqualTo(new[] { "\"second\"" }));
        await provider.RemoveAsync(FakeApi.Record(value: "second"), CancellationToken.None);
        await provider.RemoveAsync(FakeApi.Record(value: "second"), CancellationToken.None);
        Assert.That(_values, Is.Empty);
        Assert.That(_api.Asked.Count(asked => asked.Method == "POST"), Is.EqualTo(4));
    }

    [Test]
    public async Task ValuesOfOthersAndTheirTimeToLiveStay()
    {
        _values.Add("\"theirs\"");
        _ttl = 300;
        using var provider = Provider();
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That((_values, _ttl), Is.EqualTo((new[] { "\"theirs\"", "\"value\"" }, 300)));
    }

    [Test]
    public async Task AChangeBySomeoneElseInBetweenIsNotLost()
    {
        Interruptions = 2;
        using var provider = Provider();
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That(_values, Is.EqualTo(new[] { "\"other2\"", "\"other1\"", "\"value\"" }));
    }

    [Test]
    public void ChangesThatNeverSucceedAreGivenUp()
    {
        Interruptions = 100;
        using var provider = Provider();
        Assert.That(
            async () => await provider.AddAsync(FakeApi.Record(), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.EqualTo("route53 answered 400 (InvalidChangeBatch: it was deleted with other values)"));
        Assert.That(_api.Asked.Count(asked => asked.Method == "POST"), Is.EqualTo(Route53Records.MaxAttempts));
    }

    [Test]
    public async Task PrivateZonesOfTheSameNameArePassedOverPageByPage()
    {
        using var provider = Provider();
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That(_api.Asked.Select(asked => asked.Path).Where(path => path.Contains("hostedzonesbyname", StringComparison.Ordinal)), Is.EqualTo(new[]
        {
            "/base/2013-04-01/hostedzonesbyname?dnsname=_acme-challenge.www.example.org",
            "/base/2013-04-01/hostedzonesbyname?dnsname=www.example.org",
            "/base/2013-04-01/hostedzonesbyname?dnsname=example.org",
            "/base/2013-04-01/hostedzonesbyname?dnsname=example.org.&hostedzoneid=ZPUBLIC",
        }));
    }

    [Test]
    public async Task AZoneThatIsSetIsNotLookedFor()
    {
        using var provider = new Route53Records(new("AKIDEXAMPLE", Secret) { Endpoint = FakeApi.Endpoint, HostedZoneId = "ZPUBLIC" }, _api.Client, _api.Clock);
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That(_api.Asked.Select(asked => asked.Path), Has.None.Contains("byname"));
    }

    [Test]
    public async Task TheChangeIsWaitedForUntilAllServersHaveIt()
    {
        using var provider = Provider();
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        var waiting = provider.WaitAsync(FakeApi.Record(), CancellationToken.None);
        while (!waiting.IsCompleted)
        {
            if (_api.Clock.PendingTimers == 1)
                _api.Clock.Advance(TimeSpan.FromSeconds(4));
            await Task.Yield();
        }

        await waiting;
        Assert.That(_asks, Is.EqualTo(3));
    }

    [TestCase(403, "SignatureDoesNotMatch", "route53 answered 403: the credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) are wrong or do not allow this (SignatureDoesNotMatch: with ***)")]
    [TestCase(404, "NoSuchHostedZone", "route53 answered 404 (NoSuchHostedZone: with ***)")]
    public void ARefusalIsToldWithCodeAndMessage(int status, string code, string expected)
    {
        _api.Answer = _ => new((HttpStatusCode)status, $"""<?xml version="1.0"?><ErrorResponse xmlns="{Namespace}"><Error><Type>Sender</Type><Code>{code}</Code><Message>with {Secret}</Message></Error><RequestId>1</RequestId></ErrorResponse>""");
        using var provider = Provider();
        Assert.That(async () => await provider.AddAsync(FakeApi.Record(), CancellationToken.None), Throws.TypeOf<ChallengeException>().With.Message.EqualTo(expected));
    }

    [TestCase("not xml")]
    [TestCase("<!DOCTYPE a [<!ENTITY b \"b\">]><a>&b;</a>")]
    public void WhatIsNoXmlIsTold(string body)
    {
        _api.Answer = _ => ApiAnswer.Ok(body);
        using var provider = Provider();
        Assert.That(async () => await provider.AddAsync(FakeApi.Record(), CancellationToken.None), Throws.TypeOf<ChallengeException>().With.Message.StartsWith("route53 answered with something that is no XML"));
    }

    [Test]
    public async Task ThrottlingIsWaitedFor()
    {
        var usual = _api.Answer;
        _api.Answer = asked => _api.Asked.Count == 1 ? new(HttpStatusCode.BadRequest, "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>", "0") : usual(asked);
        using var provider = Provider();
        await provider.AddAsync(FakeApi.Record(), CancellationToken.None);
        Assert.That(_values, Has.Count.EqualTo(1));
    }

    private Route53Records Provider() => new(new("AKIDEXAMPLE", Secret) { Endpoint = FakeApi.Endpoint }, _api.Client, _api.Clock);

    private ApiAnswer Answer(ApiRequest asked)
    {
        var path = asked.Path["/base/2013-04-01/".Length..];
        if (!asked.Headers["Authorization"].StartsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/route53/aws4_request, ", StringComparison.Ordinal))
            return new(HttpStatusCode.Forbidden, "");
        if (path.StartsWith("hostedzonesbyname", StringComparison.Ordinal))
            return Zones(path);
        if (path.StartsWith("change/C1", StringComparison.Ordinal))
            return ApiAnswer.Ok($"""<GetChangeResponse xmlns="{Namespace}"><ChangeInfo><Id>/change/C1</Id><Status>{(++_asks == 3 ? "INSYNC" : "PENDING")}</Status></ChangeInfo></GetChangeResponse>""");
        return asked.Method == "POST" ? Change(XElement.Parse(asked.Body)) : Sets();
    }

    private static ApiAnswer Zones(string path)
    {
        static string Zone(string id, string name, bool isPrivate) => $"<HostedZone><Id>/hostedzone/{id}</Id><Name>{name}</Name><Config><PrivateZone>{(isPrivate ? "true" : "false")}</PrivateZone></Config></HostedZone>";
        // In the order of names: what is not there is answered with what comes behind it.
        var (zones, next) = path switch
        {
            "hostedzonesbyname?dnsname=example.org" => (Zone("ZPRIVATE", "example.org.", true), "<IsTruncated>true</IsTruncated><NextDNSName>example.org.</NextDNSName><NextHostedZoneId>/hostedzone/ZPUBLIC</NextHostedZoneId>"),
            "hostedzonesbyname?dnsname=example.org.&hostedzoneid=ZPUBLIC" => (Zone("ZPUBLIC", "example.org.", false), "<IsTruncated>false</IsTruncated>"),
            _ => (Zone("ZOTHER", "zzz.org.", false), "<IsTruncated>true</IsTruncated><NextDNSName>zzzz.org.</NextDNSName><NextHostedZoneId>ZX</NextHostedZoneId>"),
        };
        return ApiAnswer.Ok($"""<?xml version="1.0"?><ListHostedZonesByNameResponse xmlns="{Namespace}"><HostedZones>{zones}</HostedZones>{next}</ListHostedZonesByNameResponse>""");
    }

    private ApiAnswer Sets()
    {
        var values = string.Concat(_values.Select(value => $"<ResourceRecord><Value>{value}</Value></ResourceRecord>"));
        // Without the set the list begins with the next one.
        var (name, type) = _values is [] ? ("zz.example.org.", "A") : ("_acme-challenge.www.example.org.", "TXT");
        return ApiAnswer.Ok($"""<ListResourceRecordSetsResponse xmlns="{Namespace}"><ResourceRecordSets><ResourceRecordSet><Name>{name}</Name><Type>{type}</Type><TTL>{_ttl}</TTL><ResourceRecords>{values}</ResourceRecords></ResourceRecordSet></ResourceRecordSets></ListResourceRecordSetsResponse>""");
    }

    private ApiAnswer Change(XElement batch)
    {
        if (Interruptions > 0)
            _values.Add($"\"other{Interruptions--}\"");
        var changes = batch.Descendants(Namespace + "Change").ToList();
        var before = Of(changes, "DELETE");
        if (!before.Values.SequenceEqual(_values) || (before.Values.Count > 0 && before.Ttl != _ttl))
            return new(HttpStatusCode.BadRequest, $"""<InvalidChangeBatch xmlns="{Namespace}"><Messages><Message>it was deleted with other values</Message></Messages></InvalidChangeBatch>""");
        var after = Of(changes, "CREATE");
        _values.Clear();
        _values.AddRange(after.Values);
        _ttl = after.Ttl;
        return ApiAnswer.Ok($"""<ChangeResourceRecordSetsResponse xmlns="{Namespace}"><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status></ChangeInfo></ChangeResourceRecordSetsResponse>""");
    }

    private static (IReadOnlyList<string> Values, int Ttl) Of(List<XElement> changes, string action)
    {
        var change = changes.SingleOrDefault(each => each.Element(Namespace + "Action")!.Value == action);
        return change is null ? ([], 0) : ([.. change.Descendants(Namespace + "Value").Select(value => value.Value)], (int)change.Descendants(Namespace + "TTL").Single());
    }
}
