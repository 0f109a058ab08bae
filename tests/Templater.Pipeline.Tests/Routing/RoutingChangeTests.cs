using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

public sealed class RoutingChangeTests
{
    [Test]
    public void WhatIsTheSameOrMoreMayWait()
    {
        var shop = Given.Hosted("shop", "a.example.com");
        Assert.That(MayWait([shop], [shop]), Is.True);
        Assert.That(MayWait([], [shop]), Is.True);
        Assert.That(MayWait([shop], [shop, Given.Hosted("blog", "b.example.com")]), Is.True);
        Assert.That(MayWait([shop], [shop, Given.Hosted("deep", "a.example.com", ("templater.path", "/deep"))]), Is.True);
    }

    [TestCase("templater.allow", "10.0.0.0/8")]
    [TestCase("templater.deny", "192.0.2.1")]
    [TestCase("templater.host", "other.example.com")]
    [TestCase("templater.path", "/deep")]
    [TestCase("templater.https", "only")]
    [TestCase("templater.enable", "false")]
    [TestCase("templater.port", "9090")]
    public void WhatIsClosedOrGoneMayNot(string label, string value)
    {
        var before = Given.Hosted("shop", "a.example.com");
        var after = before with { Labels = before.Labels.SetItem(label, value) };
        Assert.That(MayWait([before], [after]), Is.False);
    }

    [Test]
    public void AServerThatIsGoneMayNot()
    {
        var (one, two) = (Given.Hosted("shop-1", "a.example.com").In("p", "shop"), Given.Hosted("shop-2", "a.example.com").In("p", "shop", 2));
        Assert.That(MayWait([one, two], [one]), Is.False);
        Assert.That(MayWait([one], [one, two]), Is.True);
        Assert.That(MayWait([one, two], [one, two with { State = ContainerState.Exited }]), Is.False);
    }

    private static bool MayWait(Container[] live, Container[] wanted) => RoutingChange.OnlyAdds(Given.Routed(live), Given.Routed(wanted));
}
