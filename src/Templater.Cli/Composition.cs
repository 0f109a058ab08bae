using Templater.Cli.Options;
using Templater.Docker;
using Templater.Pipeline.Inventory;

namespace Templater.Cli;

/// <summary>The one place where the parts are put together, with plain constructors.</summary>
internal static class Composition
{
    /// <summary>Where containers are read from.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="from">A file that replaces the engine; null = the engine.</param>
    /// <param name="surroundings">Clock.</param>
    public static Source Source(Settings settings, string? from, Surroundings surroundings)
    {
        var env = new EnvFilter(settings.Get(EngineSettings.Dialects), settings.Get(EngineSettings.EnvAllow));
        if (from is { Length: > 0 })
            return new Source(new FileSnapshotSource(from, env, SnapshotAssembler.Nothing, surroundings.Time), null);
        var client = Engine.Connect(settings, CallPurposes.Watch, surroundings);
        var address = settings.Get(EngineSettings.DockerHost).ToString();
        return new Source(new DockerSnapshotSource(client, address, env, SnapshotAssembler.Nothing, surroundings.Time), client);
    }
}

/// <summary>A source of snapshots with what must be closed after it.</summary>
internal sealed record Source(ISnapshotSource Snapshots, IDisposable? Engine) : IAsyncDisposable
{
    public ValueTask DisposeAsync()
    {
        Engine?.Dispose();
        return ValueTask.CompletedTask;
    }
}
