using System.Security.Cryptography.X509Certificates;
using Templater.Testing;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>
/// An example of <c>samples/compose</c>, brought up as printed but for three things: the proxy's image has this machine's version, the
/// engine's socket is this test's, and the host ports are free ones.
/// </summary>
internal sealed class ComposeProject : IDisposable
{
    private static readonly TimeSpan UpLimit = TimeSpan.FromMinutes(2);

    private readonly Stage _stage;
    private readonly string _name;
    private readonly TempDirectory _directory = new("templater-compose-");

    /// <param name="stage">Where it runs, and who cleans up.</param>
    /// <param name="sample">Name of the directory in <c>samples/compose</c>, and of the project.</param>
    /// <param name="socket">The engine's socket or one that stands in for it.</param>
    /// <param name="change">Changes the example further; null = it stays as it is.</param>
    public ComposeProject(Stage stage, string sample, string socket, Func<string, string>? change = null)
    {
        _stage = stage;
        _name = sample;
        var text = Images.Rename(File.ReadAllText(Repository.PathOf("samples", "compose", sample, "compose.yaml")))
            .Replace("- /var/run/docker.sock:", $"- {socket}:", StringComparison.Ordinal)
            .Replace("- \"80:80\"", "- \"127.0.0.1::80\"", StringComparison.Ordinal)
            .Replace("\"80:80\", \"443:443\"", "\"127.0.0.1::80\", \"127.0.0.1::443\"", StringComparison.Ordinal);
        _directory.Write("compose.yaml", change?.Invoke(text) ?? text);
        _directory.Write(".env", $"DOCKER_GID={stage.SocketGroup}\n");
    }

    /// <summary>Runs <c>docker-compose up -d</c> with more arguments.</summary>
    public Task UpAsync(params string[] arguments) => RunAsync(["up", "-d", .. arguments]);

    /// <summary>The one container of a service.</summary>
    public async Task<string> ContainerOfAsync(string service) => await RunAsync("ps", "-q", service);

    /// <summary>The containers of a service, by their short ids.</summary>
    public async Task<string[]> ReplicasOfAsync(string service) =>
        [.. (await RunAsync("ps", "-q", service)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(id => id[..12])];

    /// <summary>The name of one of the project's volumes.</summary>
    public string Volume(string name) => $"{_name}_{name}";

    /// <summary>A client for a service, at its address on the network <c>front</c>.</summary>
    public async Task<SiteClient> ClientOfAsync(string service, X509Certificate2? trusted = null) =>
        await _stage.ClientOfAsync(await ContainerOfAsync(service), _name + "_front", trusted);

    /// <summary>The port of this machine at which compose published a service's port.</summary>
    public async Task<int> PublishedPortAsync(string service, int port)
    {
        var published = await _stage.Engine.RunAsync("port", await ContainerOfAsync(service), $"{port}/tcp");
        return int.Parse(published.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose() => _directory.Dispose();

    private async Task<string> RunAsync(params string[] arguments)
    {
        string[] all = ["-p", _name, "-f", _directory["compose.yaml"], "--project-directory", _directory.Path, .. arguments];
        return (await ChildProcess.RunAsync("docker-compose", all, _stage.Engine.ClientEnvironment, UpLimit)).MustSucceed().Output.TrimEnd('\n');
    }
}
