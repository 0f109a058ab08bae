namespace Templater.Pipeline.Tests.Routing;

public sealed class PortClashTests
{
    [TestCase("templater.listen.https", "80", "it asks for port 80 for https, which is in use for http of all hosts.")]
    [TestCase("templater.listen.http", "443", "it asks for port 443 for http, which is in use for https of all hosts.")]
    public void OneLabelDoesNotBreakThePortOfEveryone(string label, string value, string detail)
    {
        var result = Given.Routed(
            Given.Hosted("bad", "bad.example.com", (label, value)).Since(TimeSpan.FromDays(9)),
            Given.Hosted("good", "good.example.com"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.VirtualHosts.Select(host => host.Name), Is.EqualTo(new[] { "good.example.com" }));
            Assert.That((result.FateOf("bad").Reason, result.FateOf("bad").Detail), Is.EqualTo((ReasonIds.PortNotAllowed, detail)));
            Assert.That(result.Messages(), Is.EqualTo(new[]
            {
                $"warning port-not-allowed: container \"bad\" is not routed for bad.example.com: {detail} Choose another templater.listen.http or templater.listen.https.",
            }));
        }
    }

    [TestCase(1, "a.example.com")]
    [TestCase(3, "b.example.com")]
    public void OfTwoHostsThatWantAPortForDifferentThingsTheOlderKeepsIt(int ageOfB, string kept)
    {
        var result = Given.Routed(
            Given.Hosted("a", "a.example.com", ("templater.listen.https", "8443")).Since(TimeSpan.FromDays(2)),
            Given.Hosted("b", "b.example.com", ("templater.listen.http", "8443"), ("templater.priority", "900")).Since(TimeSpan.FromDays(ageOfB)));
        Assert.That(result.VirtualHosts.Select(host => host.Name), Is.EqualTo(new[] { kept }));
    }

    [Test]
    public void OnePortForBothIsRefused() =>
        Assert.That(
            Given.Routed(Given.Hosted("a", "a.example.com", ("templater.listen.http", "8443"), ("templater.listen.https", "8443"))).FateOf("a").Reason,
            Is.EqualTo(ReasonIds.PortNotAllowed));

    [Test]
    public void TwoHostsMayShareAPortForTheSameThing()
    {
        var result = Given.Routed(
            Given.Hosted("a", "a.example.com", ("templater.listen.https", "8443")),
            Given.Hosted("b", "b.example.com", ("templater.listen.https", "8443"), ("templater.listen.http", "8080")));
        Assert.That((result.VirtualHosts.Length, result.Findings.Length), Is.EqualTo((2, 0)));
    }
}
