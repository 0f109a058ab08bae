using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Who is asked about requests: what the settings may say, what labels may name, and what is closed.</summary>
public sealed class ForwardAuthTests
{
    private const string Key = "templater.auth.forward";

    private static readonly RoutingPolicy Policy = new()
    {
        ForwardAuths = ImmutableSortedDictionary<string, ForwardAuth>.Empty
            .Add("other", new ForwardAuth { Name = "other", Host = "192.0.2.7", Port = 80 })
            .Add("sso", new ForwardAuth { Name = "sso", Host = "sso", Port = 9091, Headers = ["Remote-User"] }),
    };

    [TestCase("http://sso:9091/verify?x=1", false, "sso", 9091, "/verify?x=1")]
    [TestCase("https://auth.example.com", true, "auth.example.com", 443, "/")]
    [TestCase("HTTP://my_sso?x", false, "my_sso", 80, "/?x")]
    [TestCase("http://192.0.2.1/", false, "192.0.2.1", 80, "/")]
    [TestCase("http://[2001:DB8::1]:81/a", false, "2001:db8::1", 81, "/a")]
    public void ReadsAnUrl(string text, bool isSecure, string host, int port, string path)
    {
        Assert.That(ForwardAuthParser.TryUrl("sso", text, out var asked), Is.True);
        Assert.That((asked.Name, asked.IsSecure, asked.Host, asked.Port, asked.Path), Is.EqualTo(("sso", isSecure, host, port, path)));
    }

    [TestCase("")]
    [TestCase("sso")]
    [TestCase("//sso/")]
    [TestCase("ftp://sso/")]
    [TestCase("unix:/run/sso.sock")]
    [TestCase("http://")]
    [TestCase("http:///x")]
    [TestCase("http://sso:0/")]
    [TestCase("http://sso:65536/")]
    [TestCase("http://sso:/")]
    [TestCase("http://a@sso/")]
    [TestCase("http://[::1/")]
    [TestCase("http://[fe80::1%25eth0]/")]
    [TestCase("http://sso/a b")]
    [TestCase("http://sso/$request_uri")]
    [TestCase("http://sso/a;}b{")]
    [TestCase("http://sso/\"")]
    [TestCase("http://sso/#x")]
    [TestCase("http://sso/%2e")]
    [TestCase("http://-sso/")]
    [TestCase("http://sso;x/")]
    public void AnythingElseIsNoUrl(string text) => Assert.That(ForwardAuthParser.TryUrl("sso", text, out _), Is.False);

    [TestCase("https://auth.example.com/?rd=", true)]
    [TestCase("http://auth.example.com/in", true)]
    [TestCase("https://auth.example.com/!", false)]
    [TestCase("/in", false)]
    [TestCase("javascript:alert(1)", false)]
    [TestCase("https://a\"b/", false)]
    [TestCase("", false)]
    public void APlaceToLogInIsAnUrl(string text, bool isLegal) => Assert.That(ForwardAuthParser.IsLogin(text), Is.EqualTo(isLegal));

    [TestCase("Remote-User, remote-user X-Forwarded-User", "Remote-User X-Forwarded-User")]
    [TestCase("Authorization", "Authorization")]
    [TestCase("", "")]
    public void ReadsHeaders(string text, string expected)
    {
        Assert.That(ForwardAuthParser.TryHeaders(text, out var headers), Is.True);
        Assert.That(string.Join(' ', headers), Is.EqualTo(expected));
    }

    [TestCase("Host")]
    [TestCase("connection")]
    [TestCase("Content-Length")]
    [TestCase("X-Forwarded-For")]
    [TestCase("x-original-uri")]
    [TestCase("X-Real-IP")]
    [TestCase("Upgrade")]
    [TestCase("a.b")]
    [TestCase("a:b")]
    [TestCase("a\"b")]
    public void WhatFramesTheMessageOrTellsTheClientIsNotCopied(string text) => Assert.That(ForwardAuthParser.TryHeaders(text, out _), Is.False);

    [Test]
    public void ALabelChoosesOneOfTheOperators()
    {
        var route = RouteOf(Given.Routed(Policy, Shop("sso"), Given.Container("sso")));
        Assert.That((route.ForwardAuth?.Name, route.ForwardAuth?.Address, route.Servers().Count()), Is.EqualTo(("sso", Given.Container("sso").Endpoints[0].IPv4, 1)));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("SSO")]
    [TestCase("nobody")]
    [TestCase("sso, other")]
    [TestCase("http://sso/")]
    [TestCase("sso\n")]
    [TestCase("off")]
    public void ANameOfNobodyClosesTheRoute(string value)
    {
        var result = Given.Routed(Policy, Shop(value));
        var isKnown = value.Trim() == "sso";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(RouteOf(result).IsClosed, Is.EqualTo(!isKnown));
            Assert.That(RouteOf(result).Servers().Any(), Is.EqualTo(isKnown));
            Assert.That(isKnown || result.Messages(ReasonIds.InvalidValue).Single().Contains("forward_auth of the settings (other, sso)", StringComparison.Ordinal));
        }
    }

    [Test]
    public void AReplicaThatWantsNobodyAskedIsAskedAboutToo()
    {
        var result = Given.Routed(Policy, Shop("sso"), Shop(null, "shop2"));
        Assert.That((RouteOf(result).ForwardAuth?.Name, RouteOf(result).Servers().Count(), result.Messages(ReasonIds.ConflictValue).Count()), Is.EqualTo(("sso", 2, 1)));
    }

    [Test]
    public void AReplicaThatWantsSomebodyElseAskedGetsNoRequests()
    {
        var containers = new[] { Shop("sso").Since(TimeSpan.FromHours(2)), Shop("other", "shop2"), Shop("nobody", "shop3").In("elsewhere", "x") };
        var result = Given.Routed(Policy, containers[..2]);
        Assert.That((RouteOf(result).ForwardAuth?.Name, RouteOf(result).Servers().Count()), Is.EqualTo(("sso", 1)));
        Assert.That(Given.Dump(Given.Routed(Policy, [containers[1], containers[0]])), Is.EqualTo(Given.Dump(result)));
    }

    [TestCase(ProxyKind.HAProxy)]
    [TestCase(ProxyKind.Centauri)]
    public void WhoCannotAskRefusesTheRouteAndItsReplicas(ProxyKind kind)
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Shop("sso"), Shop(null, "shop2"));
        var route = RouteOf(Given.Routed(snapshot, Policy, kind));
        Assert.That((route.IsClosed, route.Servers().Count()), Is.EqualTo((true, 0)));
    }

    [TestCase("192.0.2.7", "192.0.2.7")]
    [TestCase("nobody", null)]
    public void ANameThatIsNoContainersIsLeftToTheProxy(string host, string? address)
    {
        var policy = Policy with { ForwardAuths = Policy.ForwardAuths.SetItem("sso", Policy.ForwardAuths["sso"] with { Host = host }) };
        var route = RouteOf(Given.Routed(policy, Shop("sso")));
        Assert.That((route.ForwardAuth?.Address, route.Servers().Count()), Is.EqualTo((address, 1)));
    }

    [TestCase("alone", 1)]
    [TestCase("alone stranger", 0)]
    [TestCase("called stranger", 0)]
    [TestCase("alone namesake", 0)]
    [TestCase("near stranger", 1)]
    [TestCase("near namesake", 1)]
    [TestCase("stopped", 0)]
    [TestCase("stopped stranger", 0)]
    [TestCase("near-stopped stranger", 0)]
    [TestCase("away", 0)]
    public void NobodyElseIsAskedInTheNameOfAnAuthoriser(string who, int served)
    {
        Container One(string word) => word switch
        {
            "alone" => Given.Container("good-sso-1").In("good", "sso"),
            "called" => Given.Container("sso"),
            "stopped" => Given.Container("sso") with { State = ContainerState.Exited },
            "near" => Given.Container("edge-sso-1").In("edge", "sso"),
            "near-stopped" => Given.Container("edge-sso-1").In("edge", "sso") with { State = ContainerState.Exited },
            "away" => Given.Container("sso") with { Endpoints = [Given.On("back", 9)] },
            "namesake" => Given.Container("sso").In("evil", "web"),
            _ => Given.Container("a-evil-1").In("evil", "sso"),
        };
        var others = who.Split(' ').Select(One).ToArray();
        var proxy = Given.Proxy().In("edge", "nginx");
        var result = Given.Routed(Given.Snapshot([proxy, Shop("sso"), .. others]), Policy);
        var route = RouteOf(result);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((route.Servers().Count(), route.IsClosed), Is.EqualTo((served, served == 0)));
            Assert.That(served == 0 || route.ForwardAuth!.Address == others[0].Endpoints[0].IPv4);
            Assert.That(result.FateOf("shop1").Reason, Is.EqualTo(served == 0 ? ReasonIds.AuthUnusable : null));
            Assert.That(result.Messages(ReasonIds.AuthUnusable).Count(), Is.EqualTo(1 - served));
            Assert.That(Given.Dump(Given.Routed(Given.Snapshot([.. others.Reverse(), Shop("sso"), proxy]), Policy)), Is.EqualTo(Given.Dump(result)));
        }
    }

    [Test]
    public void ARedirectBehindAnAuthoriserWhoCannotBeAskedIsClosedToo()
    {
        var result = Given.Routed(Policy, Given.Hosted("shop1", "shop.example.com", (Key, "sso"), ("templater.redirect.to", "https://x.example.com/")), Given.Container("sso") with { State = ContainerState.Exited });
        Assert.That((RouteOf(result).RedirectTo, RouteOf(result).IsClosed), Is.EqualTo(((RouteRedirect?)null, true)));
    }

    [Test]
    public void WhatTheAuthoriserSaysNoLabelSays()
    {
        var result = Given.Routed(Policy, Shop("sso"), Given.Hosted("web", "shop.example.com", ("templater.path", "/open"), ("templater.request.set.remote-user", "root"), ("templater.request.set.X-Team", "red")));
        Assert.That(result.Host("shop.example.com").Routes[0].RequestHeaders.Select(header => header.Name), Is.EqualTo(new[] { "X-Team" }));
        Assert.That(result.Messages(ReasonIds.UnsupportedOption).Single(), Does.Contain("templater.request.set has no effect on remote-user"));
    }

    [TestCase("{{ route.path | nginx.path }}", 0)]
    [TestCase("{{ if route.forward_auth }}{{ route.forward_auth.name }}{{ end }}", 1)]
    public void AnOwnTemplateThatNeverLooksAtItGetsNoRouteThatAsksForIt(string line, int served)
    {
        using var directory = new TempDirectory();
        var template = directory.Write("own.nginx.scriban", $"{{{{ for host in virtual_hosts; for route in host.routes }}}}{line}{{{{ end; end }}}}");
        var renderer = OutputRenderer.Load(new OutputDefinition { Name = "own", Kind = ProxyKind.Nginx, Template = template, Path = "/config/own.conf" }, new DiskTemplateFiles()).Renderer!;

        var rendering = renderer.Render(Given.Snapshot(Shop("sso")), Policy, new ProxyHint.None(), CancellationToken.None);

        Assert.That(rendering.Routing.VirtualHosts.Single().Routes.Single().Upstream.Servers, Has.Length.EqualTo(served));
    }

    private static Container Shop(string? asked, string name = "shop1") =>
        asked is null ? Given.Hosted(name, "shop.example.com") : Given.Hosted(name, "shop.example.com", (Key, asked));

    private static Route RouteOf(RoutingResult result) => result.Host("shop.example.com").Routes.Single();
}
