using System.Text.Json.Nodes;
using Templater.Testing;

namespace Templater.Cli.Tests.Certificates;

/// <summary>
/// A Templater that obtains one certificate, by a clock that runs faster than the real one, so that the pauses after a failure pass. May be
/// started and ended several times.
/// </summary>
internal sealed class IssuingProgram : IAsyncDisposable
{
    /// <summary>What its container wants.</summary>
    public const string Host = "shop.example.test";

    // Of the half minute that a reply may take two seconds are left.
    private const int Speed = 15;

    private readonly StringWriter _log = new();
    private ProcessSignals _signals = new();
    private Task<CommandRun>? _run;

    /// <summary>Its clock.</summary>
    public ScaledTimeProvider Time { get; } = new(Speed);

    /// <summary>Where its files are.</summary>
    public TempDirectory Directory { get; } = new();

    /// <summary>Its state directory.</summary>
    public string State => Directory["state"];

    /// <summary>What it has logged so far, over all starts.</summary>
    public string Log => _log.ToString();

    /// <summary>What a test that waited in vain says besides.</summary>
    public Func<string> Counted { get; init; } = static () => "";

    /// <summary>Writes its settings.</summary>
    /// <param name="pebble">The CA.</param>
    /// <param name="url">The directory by which it is asked.</param>
    public void Write(Pebble pebble, Uri url) => IssuanceSettings.Write(Directory, pebble, url, Host);

    /// <summary>Starts it.</summary>
    /// <param name="more">More arguments.</param>
    public void Start(params string[] more)
    {
        _signals.Dispose();
        _signals = new ProcessSignals();
        _run = CommandRun.With(_signals, Time, _log, ["run", "--config", Directory["t.yaml"], "--from", Directory["containers.json"], .. more]);
    }

    /// <summary>Ends it, which has to succeed.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        _signals.End(ProcessSignals.Terminate);
        Assert.That((await _run!.WaitAsync(cancellationToken)).ExitCode, Is.Zero, Log);
    }

    /// <summary>Runs a command beside it, with its state directory.</summary>
    /// <param name="arguments">The command.</param>
    public Task<CommandRun> CommandAsync(params string[] arguments) => CommandRun.With(_signals, Time, new StringWriter(), [.. arguments, "--state-dir", State]);

    /// <summary>Waits until what it lists of its certificate is as expected.</summary>
    /// <param name="holds">What is expected.</param>
    /// <param name="cancellationToken">Fails the test.</param>
    public async Task<JsonNode> ListedAsync(Func<JsonNode, bool> holds, CancellationToken cancellationToken)
    {
        JsonNode? listed = null;
        await UntilAsync(async () =>
        {
            var run = await CommandAsync("certs", "--json");
            listed = run.ExitCode == 0 && JsonNode.Parse(run.Output)!.AsArray() is [{ } only] ? only : null;
            return listed is not null && holds(listed);
        }, cancellationToken);
        return listed!;
    }

    /// <summary>Waits for something, as long as it runs.</summary>
    /// <param name="holds">What.</param>
    /// <param name="cancellationToken">Fails the test.</param>
    public Task UntilAsync(Func<bool> holds, CancellationToken cancellationToken) => UntilAsync(() => Task.FromResult(holds()), cancellationToken);

    /// <summary>Waits for something, as long as it runs.</summary>
    /// <param name="holds">What.</param>
    /// <param name="cancellationToken">Fails the test.</param>
    public async Task UntilAsync(Func<Task<bool>> holds, CancellationToken cancellationToken)
    {
        while (!await holds())
        {
            if (cancellationToken.IsCancellationRequested || _run?.IsCompleted == true)
                Assert.Fail($"it did not come{(_run?.IsCompleted == true ? $", and the program has ended: {_run.Exception ?? (object)_run.Result}" : "")}; {Counted()}\n{Log}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _signals.End(ProcessSignals.Terminate);
        if (_run is not null)
            await _run;
        _signals.Dispose();
        await _log.DisposeAsync();
        await RemoveAsync();
    }

    // By this clock little is left of the seconds that the program waits at its end for what is under way.
    private async Task RemoveAsync()
    {
        const int MaxTries = 100;
        for (var tries = 1; ; tries++)
        {
            try
            {
                Directory.Dispose();
                return;
            }
            catch (IOException) when (tries < MaxTries)
            {
                await Task.Delay(50);
            }
        }
    }
}
