using Templater.Testing;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>One real engine with all images for this assembly's tests; each test leaves it empty.</summary>
internal static class SharedEngine
{
    // A pool of its own, so that the networks do not meet those of an engine that was there before.
    private static readonly PrivateDockerEngineOptions Options = new()
    {
        LiveRestore = true,
        Arguments = ["--default-address-pool", "base=10.213.0.0/16,size=24"],
    };

    private static PrivateDockerEngine? _engine;

    public static async Task<PrivateDockerEngine> GetAsync()
    {
        if (_engine is not null)
            return _engine;
        if (Images.Unavailable is { } reason)
            Missing.Report(reason);
        var engine = await PrivateDockerEngine.StartOrSkipAsync(Options);
        try
        {
            await Images.ImportAllAsync(engine);
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }

        return _engine = engine;
    }

    public static async Task StopAsync()
    {
        if (_engine is not null)
            await _engine.DisposeAsync();
        _engine = null;
    }
}
