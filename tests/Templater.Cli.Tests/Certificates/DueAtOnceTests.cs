using System.Diagnostics;
using System.Globalization;
using Templater.Cli.Tests.Faults;
using Templater.Testing;

namespace Templater.Cli.Tests.Certificates;

/// <summary>
/// Many certificates are due at once: no more than eight orders are under way at a real CA, and an event of a container is in the file
/// within a second nevertheless, and, at a CA whose validations take their time, at most twice as late as when all certificates are there.
/// </summary>
[CancelAfter(600_000)]
[NonParallelizable]
[Platform("Linux")]
public sealed class DueAtOnceTests : IAsyncDisposable
{
    private const int MaxInFlight = 8;
    private const int MinEvents = 20;
    private const int MaxIdleEvents = 100;
    private const double MaxFactor = 2;
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(1);
    private const int Count = 500;
    // What came last is looked at and told.
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenEvents = TimeSpan.FromMilliseconds(200);

    private readonly TempDirectory _directory = new();
    private readonly FakeDockerEngine _engine = new();

    private string Output => _directory["config/nginx.conf"];

    // They take minutes, alone.
    private static IEnumerable<bool> InTheFullTier => Rotation.IsFullTier ? [false, true] : [];

    /// <param name="takesItsTime">Whether the CA validates in a second, as those of the net do at best, or at once, which no CA does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [TestCaseSource(nameof(InTheFullTier))]
    public async Task TheyDelayNoEvent(bool takesItsTime, CancellationToken cancellationToken)
    {
        // The CA needs as much of the processors as the program: on the same machine it would be measured with it.
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true, IsElsewhere = true, TakesItsTime = takesItsTime }, cancellationToken);
        Prepare(pebble);
        for (var i = 0; i < Count; i++)
            Add(string.Create(CultureInfo.InvariantCulture, $"h{i:000}"));

        var (busy, idle) = (new List<TimeSpan>(), new List<TimeSpan>());
        using var program = Start("acme: true", "acme_email: ops@example.com", $"acme_ca: {pebble.DirectoryUrl}", $"acme_ca_bundle: {_directory["authority.pem"]}", $"acme_listen: 127.0.0.1:{FreePort.Next()}", "acme_preflight: false", "acme_profile: classic");
        await UntilAsync(() => pebble.Issued > 0, cancellationToken);
        for (var i = 0; pebble.Issued < Count; i++)
        {
            busy.Add(await EventAsync(i, cancellationToken));
            Assert.That(program.HasExited, Is.False, program.Log);
        }

        await UntilAsync(() => Shown(_directory[$"certs/live/h{Count - 1:000}.example.com/"]) && Directory.GetDirectories(_directory["certs/live"]).Length == Count, cancellationToken);
        await Task.Delay(Calm, cancellationToken);
        for (var i = 0; i < Math.Min(busy.Count, MaxIdleEvents); i++)
            idle.Add(await EventAsync(i, cancellationToken));

        var (calm, loaded) = (Percentile(idle), Percentile(busy));
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Count} certificates at once, validated {(takesItsTime ? "in a second" : "at once")}: at most {pebble.MostOrders} orders under way; event to file, p95: {loaded.TotalMilliseconds:0} ms of {busy.Count} events, {calm.TotalMilliseconds:0} ms of {idle.Count} when all certificates are there"));
        Assert.That(pebble.MostOrders, Is.InRange(2, MaxInFlight));
        Assert.That(busy, Has.Count.GreaterThanOrEqualTo(MinEvents));
        Assert.That(loaded, Is.LessThanOrEqualTo(MaxDelay));
        if (takesItsTime)
            Assert.That(loaded, Is.LessThanOrEqualTo(MaxFactor * calm));
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _directory.Dispose();
    }

    private void Prepare(Pebble pebble)
    {
        Directory.CreateDirectory(_directory["certs"]);
        Directory.CreateDirectory(_directory["config"]);
        _directory.Write("authority.pem", pebble.Transport.Authority.ExportCertificatePem() + "\n");
    }

    private FaultProgram Start(params string[] settings)
    {
        _directory.Write("t.yaml", string.Join('\n',
        [
            "template: nginx", $"output: {Output}", "reload: none", "validate: none", $"certs_dir: {_directory["certs"]}", $"state_dir: {_directory["state"]}",
            $"docker_host: {_engine.Host}", "swarm: off", .. settings, "",
        ]));
        return FaultProgram.StartUntouched(["run", "--config", _directory["t.yaml"]]);
    }

    private void Add(string name) => _engine.AddContainer(name, container => container.Label("templater.host", name + ".example.com").Expose(80).Network("front"));

    // A container whose host wants no certificate comes, is seen in the file, and goes.
    private async Task<TimeSpan> EventAsync(int number, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"probe{number}at{Stopwatch.GetTimestamp()}");
        var start = Stopwatch.GetTimestamp();
        _engine.AddContainer(name, container => container.Label("templater.host", name + ".example.com").Label("templater.https", "off").Expose(80).Network("front"));
        await UntilAsync(() => Shown(name), cancellationToken);
        var took = Stopwatch.GetElapsedTime(start);
        _engine.Remove(name);
        await UntilAsync(() => !Shown(name), cancellationToken);
        await Task.Delay(BetweenEvents, cancellationToken);
        return took;
    }

    private bool Shown(string text) => File.Exists(Output) && File.ReadAllText(Output).Contains(text, StringComparison.Ordinal);

    private static TimeSpan Percentile(List<TimeSpan> times)
    {
        const double Part = 0.95;
        times.Sort();
        return times[(int)Math.Ceiling(Part * times.Count) - 1];
    }

    private static async Task UntilAsync(Func<bool> holds, CancellationToken cancellationToken)
    {
        while (!holds())
            await Task.Delay(2, cancellationToken);
    }
}
