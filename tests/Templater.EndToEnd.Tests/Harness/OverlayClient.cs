using Templater.Testing;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>Asks the proxy from a container: an overlay network is reached from within only.</summary>
/// <param name="engine">The engine on which the container runs.</param>
/// <param name="container">A container of the web image on the proxy's network.</param>
internal sealed class OverlayClient(PrivateDockerEngine engine, string container)
{
    /// <summary>Answered requests a second that a load comes to at least: each is a process or two of its own, which a busy machine starts late.</summary>
    public const int LeastRate = 8;

    private const int Attempts = 400;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    // What is on its way when the load ends: longer than a request may take that a proxy sends again.
    private static readonly TimeSpan LastAnswers = TimeSpan.FromSeconds(20);

    /// <summary>Asks once; empty when there is no answer but an error's.</summary>
    public async Task<string> AskAsync(string host) =>
        (await engine.TryRunAsync("exec", container, "wget", "-q", "-O", "-", "--header", "Host: " + host, $"http://{Stage.ProxyName}/")).Output.Trim();

    /// <summary>Asks until the body is as wanted.</summary>
    public async Task<string> WaitForAsync(string host, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        var body = "";
        for (var attempt = 0; attempt < Attempts && !wanted(body); attempt++)
        {
            await Task.Delay(Poll, cancellationToken);
            body = await AskAsync(host);
        }

        Assert.That(wanted(body), Is.True, $"{host}: {body}");
        return body;
    }

    /// <summary>Starts up to fifty requests a second, each on its own, whether or not earlier ones were answered; for at most two minutes.</summary>
    public Task StartLoadAsync(string host) => engine.RunAsync("exec", "-d", container, "sh", "-c",
        "i=0; while [ ! -e /tmp/stop ] && [ $i -lt 6000 ]; do i=$((i+1)); "
        + $"( wget -q -O /dev/null --header 'Host: {host}' http://{Stage.ProxyName}/ 2>/tmp/e$i && echo ok >>/tmp/ok || {{ date; cat /tmp/e$i; }} >>/tmp/failed; rm -f /tmp/e$i ) & "
        + "sleep 0.02; done");

    /// <summary>Ends them.</summary>
    /// <returns>How many were answered, and what those said that were not.</returns>
    public async Task<(int Answered, string Failures)> EndLoadAsync(CancellationToken cancellationToken)
    {
        await engine.RunAsync("exec", container, "touch", "/tmp/stop");
        var start = TimeProvider.System.GetTimestamp();
        while (await IsAskingAsync())
        {
            if (TimeProvider.System.GetElapsedTime(start) > LastAnswers)
                throw new AssertionException($"there are requests that {LastAnswers.TotalSeconds} s did not suffice for");
            await Task.Delay(Poll, cancellationToken);
        }

        return ((await ReadAsync("/tmp/ok")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, await ReadAsync("/tmp/failed"));
    }

    // Whoever still waits for an answer does so in a process of its own.
    private async Task<bool> IsAskingAsync()
    {
        var processes = await engine.RunAsync("exec", container, "ps", "-o", "args");
        return processes.Contains("/tmp/stop", StringComparison.Ordinal) || processes.Contains("wget", StringComparison.Ordinal);
    }

    private async Task<string> ReadAsync(string file) => (await engine.TryRunAsync("exec", container, "cat", file)).Output;
}
