using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>
/// What took every site of a Dotege host down, by the numbers of its list of weaknesses: each made for real behind HAProxy beside
/// a site that is in order. What is wrong is said once; what is right is served.
/// </summary>
/// <remarks>W17, a container without a name, is nothing that an engine of today makes: <c>DotegeW17…</c> of the reader.</remarks>
public sealed class DotegeWeaknessTests
{
    private const string HostLabel = "com.chameth.vhost=";

    private GoodSite _site = null!;

    [OneTimeSetUp]
    public async Task OpenAsync() => _site = await GoodSite.OpenBehindHAProxyAsync();

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        if (_site is not null)
            await _site.DisposeAsync();
    }

    [Test, CancelAfter(60_000)]
    public async Task W2AnEmptyHostLabelIsSaid()
    {
        await _site.Stage.StartWebAsync("w2", "-l", HostLabel);

        await _site.AssertSaidAsync(
            "w2", "warning invalid-host: container \"w2\": com.chameth.vhost is empty: a host name was expected. The container is not routed by it.");
    }

    [Test, CancelAfter(60_000)]
    public async Task W9TwoReplicasAndNamesThatLookAlikeAreAllServed()
    {
        var first = await _site.Stage.StartWebAsync("w9-1", "-l", HostLabel + "w9.example.com");
        var second = await _site.Stage.StartWebAsync("w9-2", "-l", HostLabel + "w9.example.com");
        var dot = await _site.Stage.StartWebAsync("w9-dot", "-l", HostLabel + "a.w9.example.com");
        var underscore = await _site.Stage.StartWebAsync("w9-underscore", "-l", HostLabel + "a_w9.example.com");

        await _site.Client.WaitForBodyAsync("w9.example.com", first);
        await _site.Client.WaitForBodyAsync("w9.example.com", second);
        await _site.Client.WaitForBodyAsync("a.w9.example.com", dot);
        await _site.Client.WaitForBodyAsync("a_w9.example.com", underscore);
        await _site.AssertSaidAsync("w9-2");
    }

    [Test, CancelAfter(60_000)]
    public async Task W10APercentSignInAHeaderArrives()
    {
        var shop = await _site.Stage.StartWebAsync("w10", "-l", HostLabel + "w10.example.com", "-l", "com.chameth.headers=X-Deal 50% off %[src]");

        await _site.Client.WaitForBodyAsync("w10.example.com", shop);
        Assert.That(await _site.Client.HeaderAsync("w10.example.com", "X-Deal"), Is.EqualTo("50% off %[src]"));
        await _site.AssertSaidAsync("w10");
    }

    [Test, CancelAfter(60_000)]
    public async Task W11APortOrADotBehindTheHostIsTheSameHost()
    {
        var shop = await _site.Stage.StartWebAsync("w11", "-l", HostLabel + "w11.example.com.");

        await _site.Client.WaitForBodyAsync("w11.example.com", shop);
        using var client = new SiteClient(_site.Client.Address, port: 80);
        Assert.That(await client.GetAsync("w11.example.com:8443"), Is.EqualTo(new Answer(200, shop)));
        Assert.That(await client.GetAsync("w11.example.com."), Is.EqualTo(new Answer(200, shop)));
        await _site.AssertSaidAsync("w11");
    }

    [Test, CancelAfter(60_000)]
    public async Task W12ABadNameIsSaidAndCostsOnlyItself()
    {
        var shop = await _site.Stage.StartWebAsync("w12", "-l", HostLabel + "W12.Example.com w12.com;b.com w12\nnewline.example.com bücher.w12.example.com");

        await _site.AssertSaidAsync(
            "w12",
            "warning invalid-host: container \"w12\": com.chameth.vhost=\"w12.com;b.com\": a host name was expected: letters, digits, - and _, joined by dots. The container's other names are served.");
        await _site.Client.WaitForBodyAsync("w12.example.com", shop);
        await _site.Client.WaitForBodyAsync("newline.example.com", shop);
        await _site.Client.WaitForBodyAsync("xn--bcher-kva.w12.example.com", shop);
    }

    [Test, CancelAfter(60_000)]
    public async Task W12AWildcardServesWhatIsBelowIt()
    {
        var shop = await _site.Stage.StartWebAsync("w12-wild", "-l", HostLabel + "*.w12-wild.example.com");

        await _site.Client.WaitForBodyAsync("any.w12-wild.example.com", shop);
        await _site.AssertSaidAsync("w12-wild");
    }

    [Test, CancelAfter(60_000)]
    public async Task W16OneNameOfTwoApplicationsIsSaid()
    {
        string[] options = ["-l", HostLabel + "w16.example.com", "-l", "com.docker.compose.service=web", "-l"];
        var old = await _site.Stage.StartWebAsync("w16-old", [.. options, "com.docker.compose.project=old"]);
        await _site.Client.WaitForBodyAsync("w16.example.com", old);

        await _site.Stage.StartWebAsync("w16-new", [.. options, "com.docker.compose.project=new"]);

        await _site.AssertSaidAsync(
            "w16-new",
            "warning conflict-lost: w16.example.com/ is claimed by \"w16-old\" (project old, since less than 1 min) and \"w16-new\" (project new, since less than 1 min) with different applications. The older one keeps it. Raise templater.priority, change the host, or stop one.");
        Assert.That((await _site.Client.CountAsync("w16.example.com", 10)).Keys, Is.EqualTo(new[] { old }));
    }
}
