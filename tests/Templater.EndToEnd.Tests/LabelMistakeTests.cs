using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>Mistakes in labels, each made for real beside a site that is in order: one line says what is wrong, and the site stays served.</summary>
public sealed class LabelMistakeTests
{
    private const string GoodHost = "good.example.com";

    private Stage _stage = null!;
    private SiteClient _client = null!;
    private string _good = "";

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        _stage = await Stage.OpenAsync();
        await _stage.StartTemplaterAsync("nginx");
        _client = await _stage.StartNginxAsync();
        _good = await _stage.StartWebAsync("good", "-l", "templater.host=" + GoodHost);
        await _client.WaitForBodyAsync(GoodHost, _good);
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        _client?.Dispose();
        if (_stage is not null)
            await _stage.DisposeAsync();
    }

    [Test, CancelAfter(60_000)]
    public async Task SeveralPortsAreNamedWithTheLabelThatChooses()
    {
        string[] options = ["run", "-d", "--network", "front", "-l", "templater.host=admin.example.com"];
        await ExposeTwoPortsAsync("admin:1");
        await _stage.Engine.RunAsync([.. options, "--name", "admin", "admin:1"]);

        await AssertSaidOnceAsync(
            "port-ambiguous",
            "warning port-ambiguous: container \"admin\" is not routed for admin.example.com: it exposes 8080, 9090 and no port was chosen. Add the label templater.port=8080 (or 9090).");
        Assert.That((await _client.GetAsync("admin.example.com")).Status, Is.EqualTo(503));

        await _stage.Engine.RunAsync("rm", "-f", "admin");
        var admin = await _stage.Engine.RunAsync([.. options, "--name", "admin", "-l", "templater.port=8080", "admin:1"]);
        await _client.WaitForBodyAsync("admin.example.com", admin[..12]);
    }

    [Test, CancelAfter(60_000)]
    public async Task AMistypedLabelIsNamedWithTheNearest()
    {
        await _stage.StartWebAsync("shop", "-l", "templater.hosts=shop.example.com");

        await AssertSaidOnceAsync(
            "unknown-label",
            "warning unknown-label: container \"shop\": templater.hosts is not known; did you mean templater.host? It has no effect.");
    }

    [Test, CancelAfter(60_000)]
    public async Task AnAddressInPlaceOfAHostIsNamedAndTheOtherNamesAreServed()
    {
        var blog = await _stage.StartWebAsync("blog", "-l", "templater.host=www.blog.example.com, https://blog.example.com/, blog.example.org");

        await AssertSaidOnceAsync(
            "invalid-host",
            "warning invalid-host: container \"blog\": templater.host=\"https://blog.example.com/\": a host name was expected, without scheme and path. Write blog.example.com. The container's other names are served.");
        await _client.WaitForBodyAsync("www.blog.example.com", blog);
        await _client.WaitForBodyAsync("blog.example.org", blog);
        Assert.That((await _client.GetAsync("blog.example.com")).Status, Is.EqualTo(503));
    }

    [Test, CancelAfter(60_000)]
    public async Task OfTwoApplicationsWithOneHostTheOlderKeepsIt()
    {
        string[] options = ["-l", "templater.host=app.example.com", "-l", "com.docker.compose.service=web", "-l"];
        var old = await _stage.StartWebAsync("app-old-web-1", [.. options, "com.docker.compose.project=old"]);
        await _client.WaitForBodyAsync("app.example.com", old);

        // Its name comes first in the alphabet; only its age does not.
        await _stage.StartWebAsync("app-new-web-1", [.. options, "com.docker.compose.project=new"]);

        await AssertSaidOnceAsync(
            "conflict-lost",
            "warning conflict-lost: app.example.com/ is claimed by \"app-old-web-1\" (project old, since less than 1 min) and \"app-new-web-1\" (project new, since less than 1 min) with different applications. The older one keeps it. Raise templater.priority, change the host, or stop one.");
        Assert.That((await _client.CountAsync("app.example.com", 10)).Keys, Is.EqualTo(new[] { old }));
    }

    private async Task ExposeTwoPortsAsync(string image)
    {
        var container = await _stage.Engine.RunAsync("create", "--network", "none", Images.Web);
        await _stage.Engine.RunAsync("commit", "--change", "EXPOSE 9090", container, image);
        await _stage.Engine.RunAsync("rm", container);
    }

    // Said once, also after Templater has looked at everything again, and nobody else suffers.
    private async Task AssertSaidOnceAsync(string reason, string line)
    {
        await _stage.WaitForLogAsync($" {reason}: ");
        var host = $"after-{reason}.example.com";
        await _client.WaitForBodyAsync(host, await _stage.StartWebAsync("after-" + reason, "-l", "templater.host=" + host));
        Assert.That(await _stage.SaidAsync(reason), Is.EqualTo(new[] { line }));
        Assert.That(await _client.GetAsync(GoodHost), Is.EqualTo(new Answer(200, _good)));
    }
}
