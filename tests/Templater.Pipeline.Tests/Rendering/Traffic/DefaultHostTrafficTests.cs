using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>A host that answers names which nobody claims, as containers ask for it and as nginx-proxy's operator does.</summary>
[Platform("Linux")]
public sealed class DefaultHostTrafficTests
{
    [TestCase(Stage.NginxName, false)]
    [TestCase(Stage.NginxName, true)]
    [TestCase(Stage.HAProxyName, false)]
    [TestCase(Stage.HAProxyName, true)]
    public async Task UnknownNamesReachIt(string proxy, bool isCompat)
    {
        await using var stage = new Stage(proxy);
        stage.Add("other", ("templater.host", "other.example.com"));
        if (isCompat)
        {
            Assert.That(HostPattern.TryParse("app.example.com", out var host), Is.Null);
            stage.Scenario.Policy = stage.Scenario.Policy with { NginxProxy = new NginxProxyCompat { DefaultHost = host } };
            stage.Add("app");
            stage.Scenario.Change("app", static container => container with { Env = container.Env.SetItem("VIRTUAL_HOST", "app.example.com") });
        }
        else
        {
            stage.Add("app", ("templater.host", "app.example.com *"));
        }

        await stage.StartAsync();

        using (Assert.EnterMultipleScope())
        {
            foreach (var (name, backend) in ((string, string)[])[("unknown.example.com", "app"), ("127.0.0.1", "app"), ("app.example.com", "app"), ("other.example.com", "other")])
                Assert.That((await stage.GetAsync(name))["X-Backend"], Is.EqualTo(backend), name);
        }
    }
}
