using Templater.Cli.Options;
using Templater.Docker;
using Templater.Pipeline.Inventory;

namespace Templater.Cli;

/// <summary>Puts together where containers are read from, with plain constructors.</summary>
internal static class Composition
{
    /// <summary>Where containers are read from.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="from">What replaces the engine; null = the engine.</param>
    /// <param name="client">The engine; needed when there is no file.</param>
    /// <param name="assembler">Completes what is read.</param>
    /// <param name="surroundings">The clock, and where this process runs.</param>
    /// <param name="stays">True for a program that stays: a file's "now" then follows the clock.</param>
    public static ISnapshotSource Source(
        Settings settings, SnapshotInput? from, IDockerClient? client, SnapshotAssembler assembler, Surroundings surroundings, bool stays = false)
    {
        var env = new EnvFilter(settings.Get(EngineSettings.Dialects), settings.Get(EngineSettings.EnvAllow));
        var time = surroundings.Time;
        return from is not null || client is null
            ? new FileSnapshotSource(from?.Name ?? "", env, assembler, time, followsClock: stays) { Content = from?.Content }
            : new DockerSnapshotSource(client, settings.Get(EngineSettings.DockerHost).ToString(), env, assembler, time, surroundings.OwnContainers, settings.Get(EngineSettings.Swarm));
    }
}
