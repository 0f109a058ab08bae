using System.Collections.Immutable;
using System.Text.Json;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Dialects;
using Templater.Pipeline.Routing.Files;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Spelling;
using Templater.Pipeline.Tests.Rendering;

namespace Templater.Pipeline.Tests.Routing.Spelling;

/// <summary>What is said in any dialect, said again natively, asks for the same; what it cannot say is remarked on and opens nothing.</summary>
public sealed partial class NativeSpellingTests
{
    private const string Users = "ops:$2b$04$B9Vp61n4dEKT3QwFiG3M1ulN0LdqQ8zI7iDFQPKn0pZrMQszDZw6a";

    private static readonly RoutingPolicy Policy = new()
    {
        Dialects = [Dialect.Templater, Dialect.Dotege, Dialect.NginxProxy, Dialect.Traefik],
        ForwardAuths = System.Collections.Immutable.ImmutableSortedDictionary<string, ForwardAuth>.Empty.Add("sso", new ForwardAuth { Name = "sso", Host = "sso", Port = 80 }),
        Acme = GivenAcme.Policy,
    };

    private static IEnumerable<string> StreamNames() => StreamKeys.All.Select(static key => key.Name);

    private static IEnumerable<string> Keys() => NativeKeys.All.Where(static key => key.Support == KeySupport.Full).Select(static key => key.Name);

    [TestCaseSource(nameof(Keys))]
    public void EveryNativeKeyIsSpelled(string key)
    {
        Assert.That(Samples, Does.ContainKey(key), "a new key needs a sample here, and has to be written by RouteSpelling or ContainerLabels");
        (string, string)[] host = key == "host" ? [] : [("templater.host", "shop.example.com")];
        var container = Given.Container("shop", [.. host, .. Samples[key].Select(static label => ("templater." + label.Key, label.Value))]);
        var spelled = Spelled(container);
        Assert.That(spelled.Remarks, Is.Empty);
        Assert.That(spelled.Labels.Select(static label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal),
            Is.EqualTo(container.Labels.Select(static label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal)));
        SaysTheSame(container, spelled);
    }

    [Test]
    public void EveryMemberOfAClaimIsWrittenOrRemarkedOn()
    {
        string[] written =
        [
            // Of a claim.
            "Hosts", "Path", "Priority", "Port", "Weight", "Backup", "Group", "Settings", "Host",
            // Of a route.
            "Rewrite", "FastCgiRoot", "FastCgiIndex", "RedirectTo", "Protocol", "ServerName", "Balance", "Sticky", "StickyCookie", "Keepalive", "MaxConnections", "Check",
            "Timeouts", "MaxBody", "Buffering", "ResponseHeaders", "RequestHeaders", "Allow", "Deny", "Login", "Verify", "ErrorPages", "ForwardAuth", "Data",
            // Of a host.
            "HttpPort", "HttpsPort", "Https", "HttpsCode", "Hsts", "Http2", "Http3", "TlsPolicy", "ClientAuth", "Certificate", "Acme", "RedirectFrom", "RedirectCode",
            // Of a certificate that is obtained.
            "IsWanted", "Names", "Authorities", "Challenge", "Dns", "Profile", "KeyType",
        ];
        string[] lookedAtByTheView =
        [
            "Name", "IsPortFound", "FallsBackToPort80", "IsSplit", "Refusal", "Destination", "BalanceMethod", "NonGetCode", "WithoutPair", "TrustsDefaultPair", "VerifiesClients", "Challenges", "ServerTokens",
            "Provider", "Subject", "ShowsDebug", "Defaults",
        ];
        // Set when all claims of a host are known; FileWords says what then cannot be said.
        string[] derived = ["Restrictions", "EqualityContract", "AccessFile"];
        var members = new[] { typeof(RouteClaim), typeof(RouteSettings), typeof(HostSettings), typeof(AcmeSettings) }
            .SelectMany(static type => type.GetProperties().Select(static property => property.Name))
            .Distinct();
        Assert.That(members.Except(written).Except(lookedAtByTheView).Except(derived), Is.Empty,
            "write a new member in RouteSpelling, or take it out in NativeView or HostView with a remark; then list it here");
    }

    [TestCaseSource(nameof(StreamNames))]
    public void EveryKeyOfStreamsIsSpelled(string key)
    {
        Assert.That(StreamSamples, Does.ContainKey(key), "a new key needs a sample here, and has to be written by StreamSpelling");
        var container = Given.Container("db", [.. StreamSamples[key].Select(static label => ("templater.streams.db." + label.Key, label.Value))]);
        var spelled = Spelled(container);
        Assert.That(spelled.Remarks, Is.Empty);
        Assert.That(spelled.Labels.Select(static label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal),
            Is.EqualTo(container.Labels.Select(static label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal)));
    }

    [Test]
    public void StreamsAreSpelledBesideHostsOfAnyDialect()
    {
        var spelled = Spelled(Given.Container("shop", ("templater.streams.db.listen", "5432")).WithEnv(("VIRTUAL_HOST", "a.example.com"), ("HTTPS_METHOD", "nohttps"), ("HSTS", "off")));
        Assert.That(Shown(spelled), Is.EqualTo("templater.host=a.example.com templater.https=off templater.https.code=301 templater.hsts=off templater.acme=false templater.streams.db.listen=5432"));
    }

    [TestCase("VIRTUAL_HOST=a.example.com,*.b.example.com", "templater.host=a.example.com, *.b.example.com templater.https=redirect templater.https.code=301 templater.hsts=max-age=31536000 templater.acme=false")]
    [TestCase("VIRTUAL_HOST=a.example.com;VIRTUAL_PORT=9000;VIRTUAL_PROTO=https;HTTPS_METHOD=noredirect", "templater.host=a.example.com templater.port=9000 templater.protocol=https templater.https=optional templater.https.code=301 templater.hsts=off templater.acme=false")]
    [TestCase("VIRTUAL_HOST=a.example.com;HTTPS_METHOD=nohttps;HSTS=off;NETWORK_ACCESS=internal;CERT_NAME=mine;SSL_POLICY=Mozilla-Old", "templater.host=a.example.com templater.https=off templater.https.code=301 templater.hsts=off templater.tls.policy=old templater.tls.certificate=mine templater.acme=false templater.allow=private")]
    [TestCase("VIRTUAL_HOST=a.example.com;VIRTUAL_PATH== /x;HTTPS_METHOD=nohttps;HSTS=off", "templater.host=a.example.com templater.path==/x templater.https=off templater.https.code=301 templater.hsts=off templater.acme=false")]
    [TestCase("VIRTUAL_HOST=a.example.com;LETSENCRYPT_HOST=a.example.com,b.example.com;ACME_KEYSIZE=2048;HTTPS_METHOD=redirect;HSTS=off", "templater.host=a.example.com templater.https=redirect templater.https.code=301 templater.hsts=off templater.acme=true templater.acme.names=a.example.com, b.example.com templater.acme.key-type=rsa2048")]
    public void WordsOfNginxProxyAreSpelled(string variables, string expected)
    {
        var container = Given.Container("shop").WithEnv([.. variables.Split(';').Select(static item => (item[..item.IndexOf('=', StringComparison.Ordinal)], item[(item.IndexOf('=', StringComparison.Ordinal) + 1)..]))]);
        var spelled = Spelled(container);
        Assert.That((Shown(spelled), spelled.Remarks.Length), Is.EqualTo((expected, 0)));
        SaysTheSame(container, spelled);
    }

    [TestCase("VIRTUAL_PATH=/app", "within a segment")]
    [TestCase("VIRTUAL_PATH=^~ /app", "come before prefixes")]
    [TestCase("VIRTUAL_DEST=/x$request_uri", "has no native word")]
    [TestCase("SERVER_TOKENS=off", "SERVER_TOKENS has no native word")]
    [TestCase("ACME_HOST=a.example.com;ACME_SINGLE_DOMAIN_CERTS=true", "ACME_SINGLE_DOMAIN_CERTS has no native word")]
    [TestCase("NON_GET_REDIRECT=308", "the same for all methods")]
    [TestCase("ACME_HTTP_CHALLENGE_LOCATION=false", "wherever http answers")]
    [TestCase("HTTPS_METHOD=nohttp", "https=only it answers 503")]
    [TestCase("ENABLE_HTTP_ON_MISSING_CERT=false", "the nearest native word is https=only")]
    public void WhatHasNoWordIsRemarkedOn(string variable, string remark)
    {
        var container = Given.Container("shop").WithEnv([("VIRTUAL_HOST", "a.example.com"), .. variable.Split(';').Select(static item => (item[..item.IndexOf('=', StringComparison.Ordinal)], item[(item.IndexOf('=', StringComparison.Ordinal) + 1)..]))]);
        var spelled = Spelled(container);
        Assert.That(spelled.Remarks, Has.Some.Contains(remark));
        SaysTheSame(container, spelled);
    }

    [TestCase("loadbalance", "hash $remote_addr;")]
    public void WhatALabelOfNginxProxySaysAloneIsRemarkedOn(string label, string value)
    {
        var container = Given.Container("shop", ("com.github.nginx-proxy.nginx-proxy." + label, value)).WithEnv(("VIRTUAL_HOST", "a.example.com"));
        Assert.That(Spelled(container).Remarks, Has.Some.Contains("has no native word"));
    }

    [Test]
    public void SeveralPortsWithoutAChoiceAre80()
    {
        var spelled = Spelled(Given.Container("shop").WithEnv(("VIRTUAL_HOST", "a.example.com")).Exposing(3000, 9000));
        Assert.That(Shown(spelled), Does.Contain("templater.port=80 "));
    }

    [Test]
    public void SeveralRoutesHaveNamesAndSayOnceWhatTheyShare()
    {
        var container = Given.Container("shop").WithEnv(("VIRTUAL_HOST_MULTIPORTS", "a.example.com:\n  /: {port: 3000}\n  /api/: {port: 9000, dest: /}\n"), ("HTTPS_METHOD", "nohttps"), ("HSTS", "off"));
        var spelled = Spelled(container);
        Assert.That(Shown(spelled), Is.EqualTo(
            "templater.host=a.example.com templater.https=off templater.https.code=301 templater.hsts=off templater.acme=false "
            + "templater.routes.a-example-com.port=3000 templater.routes.a-example-com-api.path=/api templater.routes.a-example-com-api.port=9000 templater.routes.a-example-com-api.rewrite=/"));
        SaysTheSame(container, spelled);
    }

    [Test]
    public void BlueAndGreenOfTwoProjectsGetAGroup()
    {
        var blue = Given.Container("blue").WithEnv(("VIRTUAL_HOST", "app.example.com"), ("HTTPS_METHOD", "nohttps")).In("blue", "web");
        var green = Given.Container("green").WithEnv(("VIRTUAL_HOST", "app.example.com"), ("HTTPS_METHOD", "nohttps")).In("green", "web");
        var before = Given.Routed(blue, green).Host("app.example.com").Routes.Single().Servers();
        var snapshot = Given.Snapshot(blue, green);
        var again = NativeSpelling.Of(snapshot, Policy).Select(static spelled => Natively(spelled.Container, spelled)).ToArray();
        Assert.That(again.Select(static container => container.Labels["templater.upstream.group"]).Distinct(), Is.EqualTo(new[] { "app-example-com" }));
        Assert.That(Given.Routed(again).Host("app.example.com").Routes.Single().Servers(), Is.EquivalentTo(before));
    }

    [Test]
    public void WordsOfDotegeAreSpelled()
    {
        var container = Given.Container("shop", ("com.chameth.vhost", "a.example.com b.example.com"), ("com.chameth.proxy", "9000"), ("com.chameth.proxytag", "edge"), ("com.chameth.headers.1", "X-Frame-Options: DENY"));
        var spelled = Spelled(container);
        Assert.That((Shown(spelled), spelled.Remarks.Length), Is.EqualTo((
            "templater.host=a.example.com, b.example.com templater.port=9000 templater.https=redirect templater.https.code=301 templater.hsts=max-age=15768000 templater.response.set.X-Frame-Options=DENY templater.instance=edge", 0)));
        SaysTheSame(container, spelled);
    }

    [TestCase("pages:8080/x", "templater.errors.503=pages:8080/x", 0)]
    [TestCase("pages", "", 1)]
    public void ErrorPagesOfDotegeAreSpelledWhereTheyHaveAPath(string page, string expected, int remarks)
    {
        var spelled = Spelled(Given.Container("shop", ("com.chameth.vhost", "a.example.com"), ("com.chameth.errors.503", page)));
        Assert.That((Shown(spelled).Contains(expected, StringComparison.Ordinal), Shown(spelled).Contains("errors", StringComparison.Ordinal), spelled.Remarks.Length), Is.EqualTo((true, remarks == 0, remarks)));
    }

    [Test]
    public void HostsThatAreSplitAreRoutesOfTheirOwn()
    {
        var container = Given.Container("shop", ("com.chameth.vhost", "a.example.com b.example.com"), ("com.chameth.splithosts", "true"));
        var spelled = Spelled(container);
        var again = Given.Routed(Natively(container, spelled));
        Assert.That(again.VirtualHosts.Select(static host => host.Name), Is.EquivalentTo(new[] { "a.example.com", "b.example.com" }));
    }

    [Test]
    public void WordsOfTraefikAreSpelled()
    {
        var container = Given.Container("shop",
            ("traefik.http.routers.Shop.rule", "Host(`a.example.com`) && PathPrefix(`/app`)"), ("traefik.http.routers.Shop.entrypoints", "web"), ("traefik.http.routers.Shop.middlewares", "m"),
            ("traefik.http.middlewares.m.basicauth.users", Users), ("traefik.http.services.s.loadbalancer.server.port", "9000"), ("traefik.docker.network", "front"));
        var spelled = Spelled(container);
        Assert.That(Shown(spelled), Is.EqualTo($"templater.host=a.example.com templater.path=~^/app templater.port=9000 templater.https=off templater.https.code=308 templater.hsts=off templater.auth.basic={Users} templater.network=front"));
        SaysTheSame(container, spelled);
    }

    [Test]
    public void NativeRoutesKeepTheirNames()
    {
        var container = Given.Hosted("shop", "a.example.com", ("templater.routes.web.port", "3000"), ("templater.routes.api.path", "/api"), ("templater.routes.api.port", "9000"), ("templater.allow", "private"));
        var spelled = Spelled(container);
        Assert.That(spelled.Labels.Select(static label => label.Key), Is.EquivalentTo(container.Labels.Keys));
        SaysTheSame(container, spelled);
    }

    [TestCase("com.chameth.vhost", "a.example.com", "com.chameth.auth", "staff")]
    [TestCase("com.chameth.vhost", "a.example.com", "templater.instance", "")]
    [TestCase("com.chameth.vhost", "a.example.com", "templater.allow", "private")]
    [TestCase("templater.host", "a.example.com", "templater.allow", "nobody")]
    [TestCase("templater.host", "a.example.com", "templater.auth.basic", "ops:secret")]
    [TestCase("traefik.http.routers.a.rule", "Host(`a.example.com`)", "traefik.http.routers.a.middlewares", "sso@file")]
    public void WhatWouldOpenMoreIsNotSpelled(string host, string hosts, string key, string value)
    {
        var spelled = Spelled(Given.Container("shop", (host, hosts), (key, value)));
        Assert.That(spelled.Labels, Is.Empty);
        Assert.That(spelled.Remarks.Single(), Does.StartWith("nothing is written: "));
    }

    // Files, variables, the words about client certificates; null = nothing may be written, and the remark says why.
    [TestCase("", "a.example.com", "", "")]
    [TestCase("authority/a.example.com.ca.crt", "a.example.com", "", "templater.tls.client-auth=required templater.tls.client-ca=a.example.com.ca.crt")]
    [TestCase("authority/ca.crt", "a.example.com,b.example.com", "optional", "templater.tls.client-auth=optional templater.tls.client-ca=ca.crt")]
    [TestCase("authority/ca.crt", "a.example.com", "off", "")]
    [TestCase("authority/ca.crt authority/b.example.com.ca.crt", "a.example.com,b.example.com", "", null, "different authorities")]
    [TestCase("authority/b.example.com.ca.crt", "a.example.com,b.example.com", "", null, "different authorities")]
    [TestCase("authority/a.example.com.ca.crt", "a.example.com,b.example.com", "", null, "different authorities")]
    [TestCase("", "a.example.com", "on", null, "has none for a.example.com")]
    [TestCase("authority/a.example.com.ca.crt revocations/a.example.com.crl.pem", "a.example.com", "", "templater.tls.client-auth=required templater.tls.client-ca=a.example.com.ca.crt")]
    [TestCase("replacement/network_internal.conf", "a.example.com", "", "")]
    [TestCase("replacement/network_internal.conf", "a.example.com", "", null, "who is internal", "internal")]
    public void FilesThatCloseAreNamedOrNothingIsWritten(string files, string hosts, string verify, string? expected, string why = "", string access = "external")
    {
        var container = Given.Container("shop", ("com.github.nginx-proxy.nginx-proxy.ssl_verify_client", verify)).WithEnv(("VIRTUAL_HOST", hosts), ("NETWORK_ACCESS", access));
        var spelled = NativeSpelling.Of(Given.Snapshot(container) with { OperatorFiles = [.. files.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(OfKind)] }, Policy).Single();
        if (expected is null)
            Assert.That((spelled.Labels.Length, spelled.Remarks.Single().Contains(why, StringComparison.Ordinal)), Is.EqualTo((0, true)), spelled.Remarks.Single());
        else
            Assert.That(string.Join(' ', spelled.Labels.Where(static label => label.Key.Contains("client", StringComparison.Ordinal)).Select(static label => $"{label.Key}={label.Value}")), Is.EqualTo(expected));

        static OperatorFile OfKind(string text) => new() { Kind = text[..text.IndexOf('/', StringComparison.Ordinal)], Name = text[(text.IndexOf('/', StringComparison.Ordinal) + 1)..], Path = "/x/" + text, Digest = "d", Text = "", Problem = null };
    }

    [Test]
    public void ARestrictionWithinASegmentThatNoRouteCanSayIsNotSpelled()
    {
        var spelled = Spelled(Given.Container("shop").WithEnv(("VIRTUAL_HOST", "a.example.com"), ("VIRTUAL_PATH", "/app/"), ("VIRTUAL_DEST", "/"), ("NETWORK_ACCESS", "internal")));
        Assert.That((spelled.Labels.Length, spelled.Remarks.Single()), Is.EqualTo((0, spelled.Remarks.Single())));
        Assert.That(spelled.Remarks.Single(), Does.Contain("closes paths within a segment"));
    }

    [Test]
    public void WhoAsksForNothingIsNotSpelled() =>
        Assert.That((Spelled(Given.Container("quiet")).Dialect, Spelled(Given.Container("quiet")).Labels.Length), Is.EqualTo(((Dialect?)null, 0)));

    [TestCase("shop")]
    [TestCase("blue-green")]
    [TestCase("many")]
    [TestCase("traefik")]
    public async Task TheSamplesSayTheSame(string sample)
    {
        var snapshot = await ReadAsync(sample);
        var count = 0;
        foreach (var spelled in NativeSpelling.Of(snapshot, Policy))
        {
            if (spelled.Labels.IsEmpty)
                continue;
            count++;
            SaysTheSame(spelled.Container, spelled);
        }

        Assert.That(count, Is.GreaterThan(1));
    }

    internal static async Task<Snapshot> ReadAsync(string sample)
    {
        var directory = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!Directory.Exists(Path.Combine(directory!.FullName, "samples", "containers")))
            directory = directory.Parent;
        var source = new FileSnapshotSource(Path.Combine(directory.FullName, "samples", "containers", sample + ".json"), EnvFilter.Default, SnapshotAssembler.Nothing, TimeProvider.System);
        return await source.ReadAsync(CancellationToken.None);
    }

    private static SpelledContainer Spelled(Container container) =>
        NativeSpelling.Of(Given.Snapshot(container), Policy).Single();

    private static string Shown(SpelledContainer spelled) => string.Join(' ', spelled.Labels.Select(static label => $"{label.Key}={label.Value}"));

    private static Container Natively(Container container, SpelledContainer spelled) => container with
    {
        Env = ImmutableSortedDictionary<string, string>.Empty,
        Labels = spelled.Labels.ToImmutableSortedDictionary(static label => label.Key, static label => label.Value, StringComparer.Ordinal),
    };

    /// <summary>Read natively, the labels are the claims that the dialect's are in native words.</summary>
    private static void SaysTheSame(Container container, SpelledContainer spelled)
    {
        var claims = DialectReader.Read(container, Policy, new ContainerFindings(container))!;
        var view = new NativeView(container, Policy, new FileWords(new HostFiles([]), claims.Dialect), static _ => { });
        var expected = RouteLabels.Named([.. claims.Routes.Where(static route => route.Refusal is null).SelectMany(view.Of)], claims.Dialect == Dialect.Templater);
        var again = Natively(container, spelled);
        var findings = new ContainerFindings(again);
        var read = DialectReader.Read(again, Policy, findings);
        Assert.That(findings.Items.Where(static finding => finding.Reason != ReasonIds.UnsupportedOption), Is.Empty);
        Assert.That(Text(read!.Routes.Select(WithoutGroup)), Is.EqualTo(Text(expected.Select(WithoutGroup))));
    }

    // A group may have been added for others' sake.
    private static RouteClaim WithoutGroup(RouteClaim claim) => claim with { Group = null };

    private static string Text(IEnumerable<RouteClaim> claims) =>
        string.Join('\n', claims.OrderBy(static claim => claim.Name, StringComparer.Ordinal).Select(static claim => JsonSerializer.Serialize(claim)));
}
