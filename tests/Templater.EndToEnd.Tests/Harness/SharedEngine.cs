using System.Collections.Concurrent;
using Templater.Testing;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>Real engines with all images for this assembly's tests, each started when it is wanted first; each test leaves them empty.</summary>
internal static class SharedEngine
{
    /// <summary>As many fixtures run side by side.</summary>
    public const int Count = 2;

    private static readonly SemaphoreSlim Free = new(Count, Count);
    private static readonly ConcurrentQueue<int> Numbers = new(Enumerable.Range(0, Count));
    private static readonly PrivateDockerEngine?[] Engines = new PrivateDockerEngine?[Count];

    // As Docker is installed: with its default bridge, its rules, port 80 free, and ready for Swarm.
    private static readonly PrivateDockerEngineOptions OwnNetworkOptions = new() { OwnNetwork = true, DefaultBridge = true, Iptables = true };

    private static PrivateDockerEngine? _ownNetworkEngine;

    /// <summary>An engine whose networks the tests reach directly, for one test alone until <see cref="GiveBackAsync"/>.</summary>
    public static async Task<PrivateDockerEngine> TakeAsync()
    {
        await Free.WaitAsync();
        _ = Numbers.TryDequeue(out var number);
        try
        {
            return Engines[number] ??= await StartAsync(new PrivateDockerEngineOptions { LiveRestore = true, AddressPool = number });
        }
        catch
        {
            GiveBack(number);
            throw;
        }
    }

    /// <summary>Lets another test have it.</summary>
    /// <param name="engine">The engine; one that was not taken here is left alone.</param>
    /// <param name="isEmpty">False when it still holds something that it does not let go: the next test gets another one.</param>
    public static async Task GiveBackAsync(PrivateDockerEngine engine, bool isEmpty)
    {
        if (Array.IndexOf(Engines, engine) is not (>= 0 and var number))
            return;
        if (!isEmpty)
        {
            Engines[number] = null;
            await engine.DisposeAsync();
        }

        GiveBack(number);
    }

    /// <summary>The engine with a network of its own; who uses it runs alone.</summary>
    public static async Task<PrivateDockerEngine> GetWithOwnNetworkAsync() => _ownNetworkEngine ??= await StartAsync(OwnNetworkOptions);

    public static async Task StopAsync()
    {
        foreach (var engine in Engines.Append(_ownNetworkEngine).OfType<PrivateDockerEngine>())
            await engine.DisposeAsync();
        Array.Clear(Engines);
        _ownNetworkEngine = null;
    }

    private static void GiveBack(int number)
    {
        Numbers.Enqueue(number);
        Free.Release();
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
