namespace Templater.Pipeline.Tests.Rendering;

/// <summary>What is asked for on a route that is not served now must not make nginx refuse the whole file.</summary>
[Platform("Linux")]
public sealed class UnservedRouteTests
{
    private static readonly (string Key, string Value)[] Headers =
        [("templater.response.default.X-Frame-Options", "DENY"), ("templater.request.default.X-A", "a"), ("templater.request.add.X-B", "b")];

    [TestCase("templater.weight", "0")]
    [TestCase("templater.drain", "true")]
    [TestCase("templater.https", "only")]
    [TestCase("templater.port", "none")]
    [TestCase("templater.redirect.to", "https://x.example.com/")]
    public async Task ItsHeadersDoNot(string key, string value) =>
        await RealChecker.AcceptsNginx(new Scenario().Add("shop", [("templater.host", "shop.example.com"), (key, value), .. Headers]).Text("nginx"));

    [TestCase("true")]
    [TestCase("false")]
    public async Task ANameThatCannotBeLookedUpThereDoesNot(string drains)
    {
        var config = new Scenario()
            .Add("named", ("templater.host", "shop.example.com"), ("templater.endpoints", "dns"), ("templater.drain", drains))
            .Add("plain", ("templater.host", "shop.example.com"))
            .Add("alone", ("templater.host", "alone.example.com"), ("templater.endpoints", "dns"), ("templater.drain", drains))
            .Text("nginx");

        await RealChecker.AcceptsNginx(config);
        Assert.That(config, drains == "true" ? Does.Contain("server 172.20.0.3:8080").And.Not.Contains("named:8080") : Does.Contain("$templater_server named:8080"));
    }
}
