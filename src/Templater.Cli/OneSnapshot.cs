using Templater.Cli.Options;
using Templater.Cli.Running;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;

namespace Templater.Cli;

/// <summary>Reads everything once, for commands that do not stay.</summary>
internal static class OneSnapshot
{
    /// <summary>Reads it.</summary>
    /// <exception cref="SnapshotFailedException">It cannot be read completely.</exception>
    public static async Task<Snapshot> ReadAsync(Settings settings, SnapshotInput? from, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var memory = new SnapshotMemory(
            settings.Get(CertificateSettings.CertsDirectory), OutputSettings.FilesOf(settings), from is not null ? null : Slots(settings), settings.Outputs.Select(static output => output.Name), surroundings.Time);
        foreach (var output in settings.Outputs)
            memory.Keep(output.Name, new ProxyVersion(RoutingSettings.VersionOf(output.Values), null));
        if (settings.Acme is { } plan)
            memory.Acme = () => Answers(settings, plan, surroundings.Time);
        using var client = from is not null ? null : Engine.Connect(settings, Engine.ReadingOf(settings), surroundings);
        return await Composition.Source(settings, from, client, memory.Assembler, surroundings).ReadAsync(cancellationToken);
    }

    // The slots of a Templater that runs here, where its state can be read: a render then equals the live file.
    private static SlotStore? Slots(Settings settings)
    {
        try
        {
            return File.Exists(Path.Combine(StateDirectories.Of(settings), StateDirectories.FormatFile)) ? new SlotStore(StateDirectory.Open(StateDirectories.Of(settings))) : null;
        }
        catch (StateDirectoryException)
        {
            // Somebody else's state: canonical slots are as good for looking at.
            return null;
        }
    }

    // By which accounts it answers challenges, for the same reason.
    private static AcmeAnswers? Answers(Settings settings, AcmePlan plan, TimeProvider time)
    {
        try
        {
            return new AcmeState(StateDirectory.Open(StateDirectories.Of(settings)), time).PeekAnswers(plan.Authorities.ToDictionary(static authority => authority.Key, static authority => authority.Value.Directory));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Somebody else's keys: it is rendered as without them.
            return null;
        }
    }
}
