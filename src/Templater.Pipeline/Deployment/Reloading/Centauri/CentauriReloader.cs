using System.Collections.Immutable;
using System.Globalization;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>Sends the output's file to every Centauri that is connected (<c>push:ADDRESS:PORT</c>).</summary>
/// <param name="listener">Where they connect.</param>
/// <param name="file">The output's file.</param>
/// <param name="journal">The output's journal.</param>
internal sealed class CentauriReloader(CentauriListener listener, OutputFile file, Journal journal) : IReloader
{
    public string Description => $"push:{listener.Address}";

    public IDisposable Watch(Action onAppeared)
    {
        OfferWhatWasLive();
        return new Subscription(listener, onAppeared);
    }

    public Task<TargetSearch> FindAsync(CancellationToken cancellationToken)
    {
        // An empty first file says that nothing is known yet, not that there is nothing: who connects has to wait for a real one.
        if (journal.State.Current is { Cause: JournalEntry.FirstStart })
            return Task.FromResult(new TargetSearch([]) { Waiting = "the containers are not known yet", WaitsForProxy = true });
        if (ReadFile(out var problem) is not { } config)
            return Task.FromResult(new TargetSearch([]) { Waiting = problem, Findings = [DeployFindings.ReloadFailed(problem)] });
        var sessions = listener.Offer(config);
        return Task.FromResult(new TargetSearch([.. sessions.Select(session => new Target(session, config))])
        {
            Waiting = $"no Centauri is connected to {listener.Address}",
            WaitsForProxy = true,
            QuietAttempts = TargetSearch.AttemptsToAppear,
            Findings = sessions.IsEmpty ? [Missing()] : [],
            Notes = listener.TakeTurnedAway() is > 0 and var many ? [TooMany(many)] : [],
        });
    }

    // Who connects before the first look at the containers is sent what the last run left.
    private void OfferWhatWasLive()
    {
        if (journal.State.LastGood is not null && ReadGood() is { } good)
            listener.OfferGood(good);
        if (listener.Present is not null)
            return;
        if (journal.State.Current is { Cause: not JournalEntry.FirstStart, Phase: not (DeliveryPhase.Failed or DeliveryPhase.Refused) } current
            && ReadFile(out _) is { } present && present.Content == current.Content)
            listener.Offer(present);
        else if (ReadGood() is { } former)
            listener.Offer(former);
    }

    private CentauriConfig? ReadFile(out string problem)
    {
        problem = "";
        return file.Read() is { } text
            ? CentauriConfig.Of(text, out problem) is { } config ? config : Nothing($"{file.Path} is not sent to Centauri: {problem}", out problem)
            : Nothing($"{file.Path} cannot be read", out problem);
    }

    private static CentauriConfig? Nothing(string why, out string problem)
    {
        problem = why;
        return null;
    }

    private CentauriConfig? ReadGood()
    {
        try
        {
            return journal.ReadGood() is { } text ? CentauriConfig.Of(OutputSet.Of(text).Content.ToArray(), out _) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is said where it is needed to be put back.
            return null;
        }
    }

    private Finding Missing() => LocalTargetFindings.Missing(
        Description,
        "no Centauri is connected",
        $"Start it with CONFIG_SOURCE=network and CONFIG_NETWORK_ADDRESS set to this address as it sees it, port {listener.Address.Port.ToString(CultureInfo.InvariantCulture)}.");

    private Finding TooMany(int many) => new(
        FindingSeverity.Warning,
        ReasonIds.ReloadTargets,
        string.Create(CultureInfo.InvariantCulture, $"{Description}: {many} connections were closed at once, because {CentauriListener.MaxSessions} are there at most. Let nobody but Centauri reach that address."));

    private sealed class Subscription : IDisposable
    {
        private readonly CentauriListener _listener;
        private readonly Action _onAppeared;

        public Subscription(CentauriListener listener, Action onAppeared)
        {
            (_listener, _onAppeared) = (listener, onAppeared);
            listener.Appeared += onAppeared;
        }

        public void Dispose() => _listener.Appeared -= _onAppeared;
    }

    /// <summary>One connection, and what it is to be sent.</summary>
    internal sealed class Target(CentauriSession session, CentauriConfig config) : IReloadTarget
    {
        public CentauriSession Session => session;

        public string Key => session.Key;

        public string Name => session.Name;

        public DateTimeOffset? Started => null;

        public Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken) => session.SendAsync(config, cancellationToken);

        public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) =>
            Task.FromResult<ImmutableArray<ProxyProcess>?>(null);

        public Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) => Task.FromResult<ContainerLog?>(null);
    }
}
