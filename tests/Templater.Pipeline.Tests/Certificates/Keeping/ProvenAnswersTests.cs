using Templater.Acme;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Rendering;
using Templater.Pipeline.Tests.Routing;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

public sealed class ProvenAnswersTests
{
    private const string Shop = "shop.example.com";

    private static readonly WantedCertificate Wanted = new() { Name = Shop, Names = [Shop, "www.example.com"], Authorities = [GivenAcme.First, GivenAcme.Second], Outputs = ["nginx"] };

    [Test]
    public void WhatEveryProxyAnswersIsProven()
    {
        var (first, second) = (Served(GivenAcme.Answers), Served(GivenAcme.Turned(Shop)));
        var both = Wanted with { Outputs = ["haproxy", "nginx"] };

        Assert.Multiple(() =>
        {
            Assert.That(Proven(Wanted, ("nginx", first)), Is.EqualTo(GivenAcme.FirstThumbprint));
            Assert.That(Proven(Wanted, ("nginx", second)), Is.EqualTo(GivenAcme.SecondThumbprint));
            Assert.That(Proven(both, ("nginx", second), ("haproxy", second)), Is.EqualTo(GivenAcme.SecondThumbprint));
            Assert.That(Proven(both, ("nginx", second), ("haproxy", first)), Is.Null, "they answer differently");
            Assert.That(Proven(both, ("nginx", second)), Is.Null, "of one nothing is known");
            Assert.That(Proven(Wanted, ("haproxy", first)), Is.Null, "the one that serves it is not known");
        });
    }

    [Test]
    public void WhatTheNextFileAnswersOtherwiseIsNotProven()
    {
        var (first, second) = (Served(GivenAcme.Answers), Served(GivenAcme.Turned(Shop)));
        Assert.Multiple(() =>
        {
            Assert.That(Written(first, first), Is.EqualTo(GivenAcme.FirstThumbprint));
            Assert.That(Written(first, second), Is.Null, "the proxy may be told of the other account at any moment");
            Assert.That(Written(first, Served(GivenAcme.Answers, Given.Hosted("shop", Shop))), Is.Null, "a name goes");
            Assert.That(ProvenAnswers.Of([Wanted], new Dictionary<string, RoutingResult> { ["nginx"] = first }, new Dictionary<string, RoutingResult>(), isStateless: true), Is.Empty);
        });

        static string? Written(RoutingResult served, RoutingResult written) => ProvenAnswers.Of(
            [Wanted], new Dictionary<string, RoutingResult> { ["nginx"] = served }, new Dictionary<string, RoutingResult> { ["nginx"] = written }, isStateless: true).GetValueOrDefault(Shop);
    }

    [Test]
    public void WhatIsNotAnsweredIsNotProven()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Proven(Wanted, ("nginx", Served(null))), Is.Null, "nobody orders");
            Assert.That(Proven(Wanted, ("nginx", Served(GivenAcme.Answers, Given.Hosted("shop", Shop)))), Is.Null, "a name is not served yet");
            Assert.That(Proven(Wanted, ("nginx", Served(GivenAcme.Answers, Given.Hosted("shop", Shop), Given.Hosted("www", "www.example.com", ("templater.acme", "false"))))), Is.Null, "a host answers no challenge");
            Assert.That(Proven(Wanted with { Outputs = [] }, ("nginx", Served(GivenAcme.Answers))), Is.Null, "nobody serves it");
        });
    }

    [Test]
    public void WhereChallengesAreHandedOnTheNamesHaveToBeServedByEveryProxy()
    {
        var both = Wanted with { Outputs = ["haproxy", "nginx"] };
        var (whole, part) = (Served(null), Served(null, Given.Hosted("shop", Shop)));
        Assert.Multiple(() =>
        {
            Assert.That(HandedOn(both, ("nginx", whole), ("haproxy", whole)), Is.EqualTo(ProvenAnswers.ForAnyone));
            Assert.That(HandedOn(both, ("nginx", whole)), Is.Null, "of one nothing is known");
            Assert.That(HandedOn(Wanted, ("nginx", part)), Is.Null, "a name is not served yet");
        });
    }

    [Test]
    public void ByTlsEveryProxyHasToHandChallengesOn()
    {
        var byTls = Wanted with { Challenge = ChallengeType.TlsAlpn01, Outputs = ["haproxy", "inner"] };
        var (on, off) = (Served(null) with { HandsTlsOn = true }, Served(null));
        Assert.Multiple(() =>
        {
            Assert.That(HandedOn(byTls, ("haproxy", on), ("inner", on)), Is.EqualTo(ProvenAnswers.ForAnyone));
            Assert.That(HandedOn(byTls, ("haproxy", on), ("inner", off)), Is.Null, "one serves the names and does not");
            Assert.That(HandedOn(byTls, ("haproxy", on)), Is.Null, "of one nothing is known");
            Assert.That(HandedOn(byTls with { Outputs = [] }, ("haproxy", on), ("inner", off)), Is.EqualTo(ProvenAnswers.ForAnyone), "only the settings ask for it");
            Assert.That(HandedOn(byTls with { Outputs = [] }, ("inner", off)), Is.Null);
        });
    }

    private static string? HandedOn(WantedCertificate wanted, params (string Output, RoutingResult Routing)[] served) => Of(wanted, served, isStateless: false);

    private static string? Proven(WantedCertificate wanted, params (string Output, RoutingResult Routing)[] served) => Of(wanted, served, isStateless: true);

    private static string? Of(WantedCertificate wanted, (string Output, RoutingResult Routing)[] served, bool isStateless) =>
        ProvenAnswers.Of([wanted], served.ToDictionary(one => one.Output, one => one.Routing), isStateless).GetValueOrDefault(wanted.Name);

    private static RoutingResult Served(AcmeAnswers? answers, params Container[] containers) => Given.Routed(
        Given.Snapshot([Given.Proxy(), .. containers.Length > 0 ? containers : [Given.Hosted("shop", $"{Shop}, www.example.com")]]) with { Acme = answers },
        new RoutingPolicy { Acme = GivenAcme.Policy });
}
