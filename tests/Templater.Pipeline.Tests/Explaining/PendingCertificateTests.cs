using System.Collections.Immutable;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Explaining;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Rendering;
using Templater.Pipeline.Tests.Routing;

namespace Templater.Pipeline.Tests.Explaining;

/// <summary>Who waits for a certificate is told so, with what the keeper of certificates knows.</summary>
public sealed class PendingCertificateTests
{
    private const string Host = "shop.example.com";

    [TestCase(Host, "attempt 2 at 12:10", "attempt 2 at 12:10")]
    [TestCase("other.example.com", "attempt 2 at 12:10", "")]
    public void TheReasonIsThatOfItsCertificate(string certificate, string said, string expected) =>
        Assert.That(Pending(null, Ordinal.Empty.Add(certificate, said)), Is.EqualTo((expected, expected)));

    [Test]
    public void NobodyWaitsWhereNoneAreObtained() => Assert.That(Pending(null, null), Is.EqualTo(((string?)null, (string?)null)));

    [Test]
    public void WhoHasOneWaitsForNone() => Assert.That(Pending(Given.Pair("own", Host) with { NotBefore = Given.Now.AddDays(-1), NotAfter = Given.Now.AddDays(1) }, Ordinal.Empty), Is.EqualTo(((string?)null, (string?)null)));

    private static (string? OfHost, string? OfContainer) Pending(CertificatePair? pair, ImmutableSortedDictionary<string, string>? pending)
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Given.Hosted("shop", Host)) with { Certificates = pair is null ? [] : [pair] };
        var policy = new RoutingPolicy { Acme = GivenAcme.Policy };
        var explainer = new Explainer(new ExplainedDecision { Snapshot = snapshot, Routing = Given.Routed(snapshot, policy), Policy = policy, Findings = [], Path = "/config/nginx.conf", PendingCertificates = pending });
        return (explainer.Find(Host).Single().PendingCertificate, explainer.Find("shop").Single().PendingCertificate);
    }
}
