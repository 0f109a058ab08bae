using System.Text.Json;
using Templater.Docker.Wire;

namespace Templater.Pipeline.Inventory.Files;

/// <summary>Reads what <c>docker inspect ID...</c> prints. Its "now" is the latest moment that is written in it.</summary>
internal static class InspectForm
{
    private const string Expected = "an array of containers as docker inspect prints it";

    /// <summary>Reads all containers.</summary>
    /// <exception cref="SnapshotFailedException">It is something else.</exception>
    public static async Task<Snapshot> ReadAsync(
        ReadOnlyMemory<byte> bytes, string file, EnvFilter env, CancellationToken cancellationToken)
    {
        IReadOnlyList<ContainerInspect> inspects;
        try
        {
            using var stream = new MemoryStream(bytes.ToArray(), writable: false);
            inspects = await InspectFile.ReadAsync(stream, cancellationToken);
        }
        catch (JsonException exception)
        {
            throw JsonFileText.Invalid(file, exception, Expected);
        }

        var reader = new ContainerReader(env);
        for (var i = 0; i < inspects.Count; i++)
        {
            if (inspects[i].Id.Length == 0 || inspects[i].State.Status.Length == 0)
                throw JsonFileText.Invalid(file, 1, 1, $"{Expected} was expected; element {i} has no Id or no State and is no container.");
        }

        var containers = inspects.Select(reader.Read).ToList();
        return SnapshotOrder.Canonical(new Snapshot
        {
            TakenAt = Latest(inspects),
            Containers = [.. containers],
            Networks = EndpointNetworks.Of(containers),
        });
    }

    private static DateTimeOffset Latest(IReadOnlyList<ContainerInspect> inspects)
    {
        DateTimeOffset? latest = null;
        foreach (var inspect in inspects)
        {
            Note(inspect.Created);
            Note(inspect.State.StartedAt);
            Note(inspect.State.FinishedAt);
            foreach (var result in inspect.State.Health?.Log ?? [])
                Note(result.End);
        }

        return latest ?? DateTimeOffset.UnixEpoch;

        void Note(DateTimeOffset? moment)
        {
            if (moment is not null && (latest is null || moment > latest))
                latest = moment;
        }
    }
}
