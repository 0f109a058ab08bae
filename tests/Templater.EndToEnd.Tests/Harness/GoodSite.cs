namespace Templater.EndToEnd.Tests.Harness;

/// <summary>Templater, a proxy and one site that is in order: beside it a fixture makes one mistake after the other.</summary>
internal sealed class GoodSite : IAsyncDisposable
{
    private const string Host = "good.example.com";

    private readonly string _label;
    private string _answer = "";

    private GoodSite(Stage stage, string label)
    {
        Stage = stage;
        _label = label;
    }

    public Stage Stage { get; }

    /// <summary>Asks the proxy.</summary>
    public SiteClient Client { get; private set; } = null!;

    public static async Task<GoodSite> OpenBehindNginxAsync()
    {
        var site = new GoodSite(await Stage.OpenAsync(), "templater.host");
        await site.Stage.StartTemplaterAsync("nginx");
        return await site.StartAsync(await site.Stage.StartNginxAsync());
    }

    /// <summary>Behind HAProxy and labelled for Dotege.</summary>
    public static async Task<GoodSite> OpenBehindHAProxyAsync()
    {
        var site = new GoodSite(await Stage.OpenAsync(), "com.chameth.vhost");
        await site.Stage.StartTemplaterAsync("haproxy", "-e", "TEMPLATER_RELOAD=haproxy:/run/templater/master.sock", "--group-add", "99");
        return await site.StartAsync(await site.Stage.StartHAProxyAsync());
    }

    /// <summary>
    /// What was said about a container is this, once each, also after Templater has looked at everything again: a site that comes
    /// now is served, and so is the one that was there.
    /// </summary>
    /// <param name="container">The container with the mistake.</param>
    /// <param name="lines">The whole lines, without the time.</param>
    public async Task AssertSaidAsync(string container, params string[] lines)
    {
        foreach (var line in lines)
            await Stage.WaitForLogAsync(line);
        var later = $"after-{container}.example.com";
        await Client.WaitForBodyAsync(later, await Stage.StartWebAsync("after-" + container, "-l", $"{_label}={later}"));
        var log = (await Stage.LogsAsync()).Split('\n').Where(line => line.Contains($"\"{container}\"", StringComparison.Ordinal)).Select(line => line[9..]);
        Assert.That(log, Is.EqualTo(lines));
        Assert.That(await Client.GetAsync(Host), Is.EqualTo(new Answer(200, _answer)));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Stage.DisposeAsync();
    }

    private async Task<GoodSite> StartAsync(SiteClient client)
    {
        Client = client;
        _answer = await Stage.StartWebAsync("good", "-l", $"{_label}={Host}");
        await Client.WaitForBodyAsync(Host, _answer);
        return this;
    }
}
