using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>Mistakes in labels, each made for real beside a site that is in order: one line says what is wrong, and the site stays served.</summary>
public sealed class LabelMistakeTests
{
    private GoodSite _site = null!;

    [OneTimeSetUp]
    public async Task OpenAsync() => _site = await GoodSite.OpenBehindNginxAsync();

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        if (_site is not null)
            await _site.DisposeAsync();
    }

    [Test, CancelAfter(60_000)]
    public async Task SeveralPortsAreNamedWithTheLabelThatChooses()
    {
        string[] options = ["run", "-d", "--network", "front", "-l", "templater.host=admin.example.com"];
        await ExposeTwoPortsAsync("admin:1");
        await _site.Stage.Engine.RunAsync([.. options, "--name", "admin", "admin:1"]);

        await _site.AssertSaidAsync(
            "admin",
            "warning port-ambiguous: container \"admin\" is not routed for admin.example.com: it exposes 8080, 9090 and no port was chosen. Add the label templater.port=8080 (or 9090).");
        Assert.That((await _site.Client.GetAsync("admin.example.com")).Status, Is.EqualTo(503));

        await _site.Stage.Engine.RunAsync("rm", "-f", "admin");
        var admin = await _site.Stage.Engine.RunAsync([.. options, "--name", "admin", "-l", "templater.port=8080", "admin:1"]);
        await _site.Client.WaitForBodyAsync("admin.example.com", admin[..12]);
    }

    [Test, CancelAfter(60_000)]
    public async Task AMistypedLabelIsNamedWithTheNearest()
    {
        await _site.Stage.StartWebAsync("shop", "-l", "templater.hosts=shop.example.com");

        await _site.AssertSaidAsync(
            "shop",
            "warning unknown-label: container \"shop\": templater.hosts is not known; did you mean templater.host? It has no effect.");
    }

    [Test, CancelAfter(60_000)]
    public async Task AnAddressInPlaceOfAHostIsNamedAndTheOtherNamesAreServed()
    {
        var blog = await _site.Stage.StartWebAsync("blog", "-l", "templater.host=www.blog.example.com, https://blog.example.com/, blog.example.org");

        await _site.AssertSaidAsync(
            "blog",
            "warning invalid-host: container \"blog\": templater.host=\"https://blog.example.com/\": a host name was expected, without scheme and path. Write blog.example.com. The container's other names are served.");
        await _site.Client.WaitForBodyAsync("www.blog.example.com", blog);
        await _site.Client.WaitForBodyAsync("blog.example.org", blog);
        Assert.That((await _site.Client.GetAsync("blog.example.com")).Status, Is.EqualTo(503));
    }

    [Test, CancelAfter(60_000)]
    public async Task OfTwoApplicationsWithOneHostTheOlderKeepsIt()
    {
        string[] options = ["-l", "templater.host=app.example.com", "-l", "com.docker.compose.service=web", "-l"];
        var old = await _site.Stage.StartWebAsync("app-old-web-1", [.. options, "com.docker.compose.project=old"]);
        await _site.Client.WaitForBodyAsync("app.example.com", old);

        // Its name comes first in the alphabet; only its age does not.
        await _site.Stage.StartWebAsync("app-new-web-1", [.. options, "com.docker.compose.project=new"]);

        await _site.AssertSaidAsync(
            "app-new-web-1",
            "warning conflict-lost: app.example.com/ is claimed by \"app-old-web-1\" (project old, since less than 1 min) and \"app-new-web-1\" (project new, since less than 1 min) with different applications. The older one keeps it. Raise templater.priority, change the host, or stop one.");
        Assert.That((await _site.Client.CountAsync("app.example.com", 10)).Keys, Is.EqualTo(new[] { old }));
    }

    private async Task ExposeTwoPortsAsync(string image)
    {
        var container = await _site.Stage.Engine.RunAsync("create", "--network", "none", Images.Web);
        await _site.Stage.Engine.RunAsync("commit", "--change", "EXPOSE 9090", container, image);
        await _site.Stage.Engine.RunAsync("rm", container);
    }
}
