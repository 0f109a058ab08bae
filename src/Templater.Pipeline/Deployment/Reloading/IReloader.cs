using System.Collections.Immutable;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>What a proxy, or the way to it, answers to a reload.</summary>
internal abstract record ReloadAnswer
{
    private ReloadAnswer()
    {
    }

    /// <summary>The proxy was told; whether it took the configuration is another question.</summary>
    public sealed record Delivered : ReloadAnswer;

    /// <summary>The proxy itself says that it keeps the old configuration.</summary>
    /// <param name="Output">Its reasons.</param>
    public sealed record Refused(string Output) : ReloadAnswer;

    /// <summary>It was restarted, and reads the new file as it starts; whether it stays up is another question.</summary>
    /// <param name="Started">When its new run began, by the engine's clock.</param>
    public sealed record Restarted(DateTimeOffset Started) : ReloadAnswer;

    /// <summary>It is not running (any more): it will read the new file when it starts.</summary>
    public sealed record Gone : ReloadAnswer;

    /// <summary>It was told a moment ago for another output, before this one's file was in place.</summary>
    public sealed record TooSoon : ReloadAnswer;

    /// <summary>It could not be told; tried again later.</summary>
    /// <param name="Why">One line, without a full stop.</param>
    public sealed record Failed(string Why) : ReloadAnswer
    {
        /// <summary>True when the engine does not allow the call.</summary>
        public bool IsForbidden { get; init; }

        /// <summary>What to do, as a sentence; empty when the reason says it.</summary>
        public string Remedy { get; init; } = "";

        public static Failed Of(IOException error) => error is ContainerControlException engine
            ? new Failed(engine.Message) { IsForbidden = engine.IsForbidden, Remedy = engine.Remedy }
            : new Failed(error.Message.TrimEnd('.'));
    }
}

/// <summary>What came of bringing a running proxy to what a file says without a reload.</summary>
internal abstract record RuntimeAnswer
{
    private RuntimeAnswer()
    {
    }

    /// <summary>It runs all of it, which was read back.</summary>
    /// <param name="How">For the operator.</param>
    public sealed record Applied(string How) : RuntimeAnswer;

    /// <summary>It has to be reloaded.</summary>
    /// <param name="Reason">Why, for the journal.</param>
    public sealed record NeedsReload(string Reason) : RuntimeAnswer
    {
        /// <summary>What the operator could change about that; null for nothing.</summary>
        public Finding? Note { get; init; }

        /// <summary>True when some of it may have been told already, so that it runs neither the former file nor this one.</summary>
        public bool MayBeHalfTold { get; init; }
    }
}

/// <summary>One running proxy that can be told to reload.</summary>
internal interface IReloadTarget
{
    /// <summary>Identifies this run of this proxy in the journal.</summary>
    string Key { get; }

    /// <summary>How messages call it.</summary>
    string Name { get; }

    /// <summary>When it started, if that is known: a proxy younger than the file needs no reload.</summary>
    DateTimeOffset? Started { get; }

    /// <summary>When this run began, where all of its runs have one key; null where each has its own, or nobody can tell.</summary>
    DateTimeOffset? Began => null;

    /// <summary>How it sees the output's file; null when nobody can tell.</summary>
    OutputView? View => null;

    /// <summary>True when the times in its log can be compared with ours.</summary>
    bool SharesClock => false;

    /// <summary>The addresses by which its listeners are reached from here; empty when there are none, or nobody can tell.</summary>
    ImmutableArray<System.Net.IPAddress> Addresses => [];

    Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken);

    /// <summary>True for a proxy that is restarted, so that a reload makes another run of it.</summary>
    bool IsRestarted => false;

    /// <summary>The run that its restart has begun.</summary>
    IReloadTarget RunOf(DateTimeOffset started) => this;

    /// <summary>Its last run, which may be a later one than was seen, or over; null when nobody can tell.</summary>
    /// <exception cref="IOException">It cannot be seen right now.</exception>
    Task<IReloadTarget?> LastRunAsync(CancellationToken cancellationToken) => Task.FromResult<IReloadTarget?>(this);

    /// <summary>True when a key is that of a run of this proxy.</summary>
    bool IsRunOf(string key) => key == Key;

    /// <summary>True when this run began after another, of which only the key is known: whatever that one was told, this one has read.</summary>
    bool IsLaterRunThan(string key) => false;

    /// <summary>It was seen to run what it was restarted for: whoever stops it from now on has a reason.</summary>
    void StaysUp()
    {
    }

    /// <summary>Tells it what it can be told while it runs; null when it can be told nothing but to reload.</summary>
    /// <param name="entry">The generation.</param>
    /// <param name="files">Its files, which are in place.</param>
    /// <param name="certificates">The pairs that it refers to; null when they are not known.</param>
    /// <param name="cancellationToken">Gives up; what was told by then stays, and the rest is owed.</param>
    /// <exception cref="IOException">It cannot be reached right now.</exception>
    Task<RuntimeAnswer?> ApplyAsync(JournalEntry entry, OutputSet files, RuntimeCertificates? certificates, CancellationToken cancellationToken) => Task.FromResult<RuntimeAnswer?>(null);

    /// <summary>True when this run is known to be over, whatever came after it.</summary>
    /// <exception cref="IOException">It cannot be seen right now.</exception>
    Task<bool> HasEndedAsync(CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>What keeps it, though it is there, from doing what it is told, such as "is paused"; null when nothing does, or nobody can tell.</summary>
    /// <exception cref="IOException">It cannot be seen right now.</exception>
    Task<string?> HeldUpAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>Its processes; null when they can never be seen.</summary>
    /// <exception cref="IOException">They cannot be seen right now.</exception>
    Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken);

    /// <summary>The end of what it logged since a moment; null when that can never be seen.</summary>
    /// <exception cref="IOException">It cannot be seen right now.</exception>
    Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken);
}

/// <summary>Who is to be told now.</summary>
/// <param name="Targets">The running proxies.</param>
internal sealed record TargetSearch(ImmutableArray<IReloadTarget> Targets)
{
    /// <summary>
    /// Attempts that a proxy may take to appear: Templater comes up before its proxy, which waits for it to be healthy. With the
    /// back-off these are 31 s.
    /// </summary>
    public const int AttemptsToAppear = 5;

    /// <summary>True when the operator said that nobody is to be told.</summary>
    public bool IsNobody { get; init; }

    /// <summary>Why there is no target now; one line.</summary>
    public string Waiting { get; init; } = "";

    /// <summary>True when it is the proxy that is missing, and not, for example, the engine.</summary>
    public bool WaitsForProxy { get; init; }

    /// <summary>
    /// Set when the proxy is there and gives no answer: how long it may be silent before what it was not seen to take is put back, as
    /// after a reload that changed nothing. Null when it is not there, which may last.
    /// </summary>
    public TimeSpan? SilenceLimit { get; init; }

    /// <summary>What the operator should know when nobody was found.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>What the operator should know about those that were found.</summary>
    public ImmutableArray<Finding> Notes { get; init; } = [];

    /// <summary>Attempts for which <see cref="Findings"/> are not worth a message yet.</summary>
    public int QuietAttempts { get; init; }
}

/// <summary>Finds the proxies of an output.</summary>
internal interface IReloader
{
    /// <summary>The reload spec, for messages.</summary>
    string Description { get; }

    /// <summary>Everything that is done to tell somebody: outputs for which it is the same need be told only once.</summary>
    string Way => Description;

    /// <summary>True when nobody tells that a proxy has restarted: its new run is seen only by looking for it.</summary>
    bool HasSilentRuns => false;

    Task<TargetSearch> FindAsync(CancellationToken cancellationToken);

    /// <summary>Begins to tell when somebody appears that can be told; null where that is seen elsewhere.</summary>
    /// <param name="onAppeared">Told, on any thread.</param>
    IDisposable? Watch(Action onAppeared) => null;

    /// <summary>Goes on with restarts that were begun by an earlier run of Templater and not seen to end well.</summary>
    /// <param name="unsettled">What came since a generation was live, newest first.</param>
    void GoOnWith(IEnumerable<JournalEntry> unsettled)
    {
    }
}
