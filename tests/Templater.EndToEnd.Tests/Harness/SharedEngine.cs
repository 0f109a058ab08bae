using Templater.Testing;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>Real engines with all images for this assembly's tests, each started when it is wanted first; each test leaves them empty.</summary>
internal static class SharedEngine
{
    private static readonly PrivateDockerEngineOptions Options = new() { LiveRestore = true };

    // As Docker is installed: with its default bridge, its rules, port 80 free, and ready for Swarm.
    private static readonly PrivateDockerEngineOptions OwnNetworkOptions = new() { OwnNetwork = true, DefaultBridge = true, Iptables = true };

    private static PrivateDockerEngine? _engine;
    private static PrivateDockerEngine? _ownNetworkEngine;

    /// <summary>The engine whose networks the tests reach directly.</summary>
    public static async Task<PrivateDockerEngine> GetAsync() => _engine ??= await StartAsync(Options);

    /// <summary>The engine with a network of its own.</summary>
    public static async Task<PrivateDockerEngine> GetWithOwnNetworkAsync() => _ownNetworkEngine ??= await StartAsync(OwnNetworkOptions);

    public static async Task StopAsync()
    {
        foreach (var engine in new[] { _engine, _ownNetworkEngine }.OfType<PrivateDockerEngine>())
            await engine.DisposeAsync();
        _engine = _ownNetworkEngine = null;
    }

    private static async Task<PrivateDockerEngine> StartAsync(PrivateDockerEngineOptions options)
    {
        if (Images.Unavailable is { } reason)
            Missing.Report(reason);
        var engine = await PrivateDockerEngine.StartOrSkipAsync(options);
        try
        {
            await Images.ImportAllAsync(engine);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }
}
