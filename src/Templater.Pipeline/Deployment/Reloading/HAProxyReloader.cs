using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>Reloads HAProxy through its master socket: no right on the engine is needed.</summary>
/// <param name="master">The master socket.</param>
/// <param name="log">HAProxy's log, where the engine knows its container.</param>
internal sealed class HAProxyReloader(HAProxyMaster master, ProxyLog? log = null) : IReloader, IReloadTarget
{
    private readonly HAProxyRuntime _runtime = new(master);

    // From 2.7 the answer comes when the new worker is ready or has failed; big configurations take their time.
    private static readonly TimeSpan ReloadLimit = TimeSpan.FromSeconds(60);
    // A master that executes itself anew does not answer for a moment.
    private const int AttemptsToAnswer = 2;

    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(3);

    /// <summary>How long the master may be silent before the last good file is put back.</summary>
    public TimeSpan SilenceLimit { get; init; } = HAProxyVariableProof.DefaultDeadline;

    public string Description => $"haproxy:{master.Path}";

    public string Key => Description;

    public string Name => "haproxy";

    public DateTimeOffset? Started => null;

    public DateTimeOffset? Began { get; private set; }

    public bool SharesClock => log?.SharesClock ?? false;

    public async Task<TargetSearch> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            var processes = await master.SendAsync("show proc", LookLimit, cancellationToken);
            Began = master.BeganOf(processes);
            return new TargetSearch([this]) { Notes = [.. Notes(HAProxyMaster.ParseWorkers(processes))] };
        }
        catch (HAProxySocketException error)
        {
            return new TargetSearch([])
            {
                Waiting = error.Message,
                WaitsForProxy = error.IsAbsent,
                SilenceLimit = error.Trouble == HAProxySocketTrouble.NoAnswer ? SilenceLimit : null,
                Findings = [SocketFindings.Of(error, master.Path, UnixFile.Owner(master.Path))],
                QuietAttempts = error.Trouble switch
                {
                    HAProxySocketTrouble.Absent => TargetSearch.AttemptsToAppear,
                    HAProxySocketTrouble.NoAnswer => AttemptsToAnswer,
                    _ => 0,
                },
            };
        }
    }

    private IEnumerable<Finding> Notes(ImmutableArray<ProxyProcess> workers)
    {
        if (_runtime.Note is { } note)
            yield return note;
        var strays = HAProxyStrays.Of(master.Path, workers, ProcTable.All(), ProcTable.TitleOf, ProcTable.PlaceOf);
        if (!strays.IsEmpty)
            yield return SocketFindings.Stray(master.Path, strays);
    }

    public async Task<RuntimeAnswer?> ApplyAsync(JournalEntry entry, OutputSet files, RuntimeCertificates? certificates, CancellationToken cancellationToken) =>
        entry is { PrintsGeneration: true, ReloadGeneration: not null } ? await _runtime.ApplyAsync(entry, files, certificates, cancellationToken) : null;

    public async Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Read(await master.SendAsync("reload", ReloadLimit, cancellationToken));
        }
        catch (HAProxySocketException error) when (error.IsAbsent)
        {
            return new ReloadAnswer.Gone();
        }
        catch (HAProxySocketException error) when (error.WasSent)
        {
            // It may have taken it, or hang: that is for the proof to say, which ends, where telling it again would not.
            return new ReloadAnswer.Delivered();
        }
        catch (HAProxySocketException error)
        {
            return new ReloadAnswer.Failed(error.Message);
        }
    }

    /// <summary>From 2.7: <c>Success=0|1</c>, then <c>--</c> and the start-up log. Up to 2.6: nothing.</summary>
    public static ReloadAnswer Read(string answer)
    {
        const string Separator = "--\n";
        var text = answer.Trim();
        if (text.Length == 0)
            return new ReloadAnswer.Delivered();
        var log = answer.IndexOf(Separator, StringComparison.Ordinal) is >= 0 and var at ? answer[(at + Separator.Length)..] : "";
        if (text.StartsWith("Success=1", StringComparison.Ordinal))
            // It has a new worker, perhaps of another file: that is read back all the same.
            return new ReloadAnswer.Delivered();
        return text.StartsWith("Success=0", StringComparison.Ordinal)
            ? new ReloadAnswer.Refused(ShownText.Block(log.Length > 0 ? log : "HAProxy answered Success=0 and gave no reason"))
            : new ReloadAnswer.Failed($"HAProxy did not understand \"reload\": {ShownText.OneLine(text)}");
    }

    public async Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) =>
        await master.AllWorkersAsync(LookLimit, cancellationToken);

    public async Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        log is null ? null : await log.SinceAsync(since, cancellationToken);
}
