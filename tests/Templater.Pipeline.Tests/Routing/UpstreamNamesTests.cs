using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Tests.Routing;

public sealed class UpstreamNamesTests
{
    [TestCase("/a-b")]
    [TestCase("/ü")]
    [TestCase("=/a")]
    public void AHostThatIsCalledLikeAnotherUpstreamStopsNobody(string path)
    {
        var victim = Given.Hosted("shop", "shop.example.com", ("templater.path", path));
        var stolen = Given.Routed(victim).Host("shop.example.com").Routes.Single().Upstream.Name;
        var result = Given.Routed(victim, Given.Hosted("crafted", stolen).In("evil", "web"));
        var names = result.VirtualHosts.SelectMany(host => host.Routes).Select(route => route.Upstream.Name).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names, Has.Length.EqualTo(2).And.Unique);
            Assert.That(result.VirtualHosts.SelectMany(host => host.Routes).Select(route => route.Upstream.Servers.Length), Has.All.EqualTo(1));
        }
    }

    [TestCase("~^a{1,3}$")]
    [TestCase("*")]
    public void AHostThatIsCalledLikeAPatternHidesNoHost(string pattern)
    {
        var victim = Given.Hosted("shop", pattern);
        var names = new HashSet<string>();
        var crafted = Given.Snapshot(Given.Proxy(), victim);
        for (var turn = 0; turn < 3; turn++)
        {
            var name = Given.Routed(crafted).VirtualHosts.Single(host => host.Pattern.ToString() == pattern).Name;
            Assert.That(names.Add(name), Is.True);
            crafted = Given.Snapshot([.. crafted.Containers, Given.Hosted($"crafted{turn}", name).In("evil", "web")]);
        }

        Assert.That(Given.Routed(crafted).VirtualHosts.Select(host => host.Name).Distinct().Count(), Is.EqualTo(4));
    }

    [Test]
    public void HashesAreLongEnoughThatNobodyFindsTwoAlike() => Assert.That(UpstreamNames.Hash("a"), Does.Match("^[0-9a-f]{16}$"));
}
