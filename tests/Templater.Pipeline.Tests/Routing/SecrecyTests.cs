using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Values of headers may be credentials, and messages go to logs.</summary>
public sealed class SecrecyTests
{
    private static string Everything(RoutingResult result) =>
        string.Join('\n', result.Findings.Select(finding => $"{finding} {finding.Value} {finding.Hint}").Concat(result.Fates.Select(fate => fate.Detail)));

    [TestCase("request.set.Authorization", "Bearer s3cret-1", "Bearer s3cret-2", "set Authorization (\"api2\", used) and set Authorization with another value (\"api1\")")]
    [TestCase("response.add.Set-Cookie", "s3cret-1", "s3cret-2", "add Set-Cookie (\"api2\", used) and add Set-Cookie with another value (\"api1\")")]
    public void HeadersThatDifferAreReportedWithoutTheirValues(string key, string one, string two, string expected)
    {
        var result = Given.Routed(
            Given.Hosted("api1", "api.example.com", ($"templater.{key}", one)),
            Given.Hosted("api2", "api.example.com", ($"templater.{key}", two)).Since(TimeSpan.FromDays(1)));
        Assert.That(Everything(result), Does.Contain(expected).And.Not.Contain("s3cret"));
    }

    [TestCase("templater.request.set.Authorization", "s3cret\u0007", TestName = "AHeaderThatCannotBeUsedIsReportedWithoutItsValue(bell)")]
    [TestCase("templater.request.set.Host", "s3cret")]
    public void AHeaderThatCannotBeUsedIsReportedWithoutItsValue(string label, string value)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", (label, value)));
        Assert.That(Everything(result), Does.Contain(label).And.Not.Contain("s3cret"));
    }

    [TestCase("templater.redirect.to", "https://user:s3cret@example.com/")]
    [TestCase("templater.redirect.to", "ftp://s3cret@example.com/")]
    [TestCase("templater.errors.503", "http://user:s3cret@example.com/")]
    public void AnUrlWithAPasswordIsReportedWithoutIt(string label, string value)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", (label, value)));
        Assert.That(Everything(result), Does.Contain(label).And.Not.Contain("s3cret"));
    }

    [TestCase("headers.customrequestheaders.X-Key", "s3cret")]
    [TestCase("digestauth.users", "ops:s3cret")]
    [TestCase("basicauth.users", "ops:s3cret")]
    public void AMiddlewareThatIsRefusedIsReportedWithoutWhatMayBeSecret(string option, string value)
    {
        var result = Given.Routed(
            new RoutingPolicy { Dialects = [Dialect.Traefik] },
            Given.Container(
                "shop",
                ("traefik.enable", "true"), ("traefik.http.routers.shop.rule", "Host(`shop.example.com`)"), ("traefik.http.routers.shop.middlewares", "m"),
                ("traefik.http.middlewares.m." + option, value), ("traefik.http.middlewares.m.basicauth.users", "ops:s3cret")));
        Assert.That(Everything(result), Does.Contain("traefik.http.middlewares.m.").And.Not.Contain("ops:s3cret"));
    }

    [Test]
    public void DataThatCannotBeUsedIsReportedWithoutItsValue()
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.data.token", "s3cret\ud800")));
        Assert.That(Everything(result), Does.Contain("templater.data.token").And.Not.Contain("s3cret"));
    }

    [Test]
    public void ADotegeHeaderThatCannotBeUsedIsReportedWithoutItsValue()
    {
        var result = Given.Routed(Given.Container("shop", ("com.chameth.vhost", "shop.example.com"), ("com.chameth.headers.1", "Authorization: s3cret\u0007")));
        Assert.That(Everything(result), Does.Contain("com.chameth.headers.1").And.Not.Contain("s3cret"));
    }

    [Test]
    public void ThePartyThatWonAPlaceIsShownWithoutControlCharacters()
    {
        var result = Given.Routed(
            Given.Hosted("new", "shop.example.com").In("new", "web"),
            Given.Hosted("old", "shop.example.com").In("o\u001b[31mld", "web").Since(TimeSpan.FromDays(1)));
        Assert.That(result.FateOf("new").Detail, Does.Contain("o\\u001b[31mld").And.Not.Contain("\u001b"));
    }
}
