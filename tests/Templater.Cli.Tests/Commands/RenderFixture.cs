using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

/// <summary>Tests of <c>templater render</c> with a directory of their own, and a recorded host of one container in it.</summary>
public abstract class RenderFixture : IDisposable
{
    private protected const string Listing = "{{# format: plain #}}{{ for host in virtual_hosts }}{{ host.name }}\n{{ end }}";

    private protected RenderFixture() => Recorded = Scratch.Write("containers.json", Containers("shop", "templater.host", "shop.example.com"));

    private protected TempDirectory Scratch { get; } = new();

    private protected string Recorded { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    internal static async Task Until(string path, string text, CancellationToken cancellationToken)
    {
        while (!File.Exists(path) || await File.ReadAllTextAsync(path, cancellationToken) != text)
            await Task.Delay(20, cancellationToken);
    }

    /// <summary>What <c>docker inspect</c> prints for one running container.</summary>
    internal static string Containers(string name, string label, string value, string ports = "\"8080/tcp\":{}") => $$$$"""
        [{"Id":"{{{{new string('a', 64)}}}}","Name":"/{{{{name}}}}","Created":"2026-01-01T00:00:00Z","State":{"Status":"running","StartedAt":"2026-01-01T00:00:01Z"},
        "Image":"sha256:1","Config":{"Image":"my/{{{{name}}}}","Env":[],"Labels":{"{{{{label}}}}":"{{{{value}}}}"},"ExposedPorts":{ {{{{ports}}}} } },
        "HostConfig":{"NetworkMode":"front"},"Mounts":[],
        "NetworkSettings":{"Ports":{},"Networks":{"front":{ "NetworkID":"{{{{new string('f', 64)}}}}","IPAddress":"172.20.0.5"} } } }]
        """;

    private protected Task<CommandRun> Render(string template, params string[] arguments) =>
        CommandRun.Of(["render", "--template", Scratch.Write("site.scriban", template), "--from", Recorded, .. arguments]);
}
