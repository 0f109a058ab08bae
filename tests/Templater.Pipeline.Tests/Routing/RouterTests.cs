using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

public sealed class RouterTests
{
    [Test]
    public void RoutesALabelledContainer()
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com"));
        var route = result.Host("shop.example.com").Routes.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Findings, Is.Empty);
            Assert.That(result.FateOf("shop").Reason, Is.Null);
            Assert.That(result.FateOf("shop").Endpoint?.NetworkName, Is.EqualTo("front"));
            Assert.That(route.Path, Is.EqualTo(PathPattern.Root));
            Assert.That(route.Upstream.Name, Is.EqualTo("shop.example.com"));
            Assert.That(route.Upstream.Servers.Single().Slot, Is.EqualTo(1));
            Assert.That(route.Upstream.Servers.Single().Port, Is.EqualTo(8080));
            Assert.That(route.Upstream.Keepalive, Is.EqualTo(2));
        }
    }

    [Test]
    public void SaysWhatBecameOfEveryContainer()
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com"), Given.Container("db"));
        Assert.That(result.Fates, Has.Length.EqualTo(3));
    }

    [Test]
    public void KeepsAKnownHostWithoutServers()
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com") with { State = ContainerState.Exited });
        Assert.That(result.Host("shop.example.com").Routes.Single().Upstream.Servers, Is.Empty);
    }
}
