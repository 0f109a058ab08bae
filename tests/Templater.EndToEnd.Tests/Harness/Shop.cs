using Templater.Testing;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>The service <c>shop</c> of a Swarm, and what HAProxy was told of it.</summary>
internal static class Shop
{
    private const int Attempts = 600;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Ids of its containers on one engine, short.</summary>
    public static async Task<string[]> TasksAsync(PrivateDockerEngine engine) =>
        (await engine.RunAsync("ps", "-q", "--filter", "label=com.docker.swarm.service.name=shop")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Waits until exactly so many servers take requests, and exactly so many containers run; what is being stopped has stopped.</summary>
    public static async Task WaitForServersAsync(Stage stage, int count, PrivateDockerEngine[] engines, CancellationToken cancellationToken)
    {
        var (servers, tasks) = (-1, -1);
        for (var attempt = 0; attempt < Attempts && !(servers == count && tasks == count); attempt++)
        {
            await Task.Delay(Poll, cancellationToken);
            servers = (await stage.ReadVolumeAsync("config", "haproxy.cfg")).Split('\n').Count(IsUsed);
            tasks = 0;
            foreach (var engine in engines)
                tasks += (await TasksAsync(engine)).Length;
        }

        Assert.That((servers, tasks), Is.EqualTo((count, count)), await stage.LogsAsync());
    }

    private static bool IsUsed(string line) =>
        line.Contains(" # shop.", StringComparison.Ordinal) && !line.Contains("weight 0", StringComparison.Ordinal);
}
