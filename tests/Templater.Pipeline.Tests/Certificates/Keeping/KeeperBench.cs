using System.Collections.Concurrent;
using System.Collections.Immutable;
using Templater.Acme;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>
/// A keeper at authorities that are played, with a proxy that takes over what routing is told as soon as <see cref="Look"/> is called.
/// </summary>
internal sealed class KeeperBench : IAsyncDisposable
{
    public const string First = "first";
    public const string Second = "second";

    private readonly CancellationTokenSource _stop = new();
    private ImmutableArray<WantedCertificate> _wanted = [];
    private Task _run = Task.CompletedTask;

    public KeeperBench()
        : this(new FakeTimeProvider(), new MemoryVault(), null)
    {
    }

    private KeeperBench(FakeTimeProvider time, MemoryVault vault, FakeAuthorities? authorities)
    {
        (Time, Vault) = (time, vault);
        Authorities = authorities ?? new FakeAuthorities(time, First, Second);
        Authorities.ProxyAnswers = name => Proxy.GetValueOrDefault(name);
        Parts = new KeeperParts
        {
            Authorities = Authorities,
            Vault = Vault,
            Memory = Vault,
            SolverFor = _ => new NoAnswers(),
            Changed = cause => Changes.Enqueue(cause),
            Notice = line => Notices.Enqueue(line),
        };
        Keeper = new CertificateKeeper(Parts, Time);
    }

    public FakeTimeProvider Time { get; }

    public FakeAuthorities Authorities { get; }

    public MemoryVault Vault { get; }

    public KeeperParts Parts { get; set; }

    public CertificateKeeper Keeper { get; private set; }

    public ConcurrentQueue<string> Changes { get; } = new();

    public ConcurrentQueue<string> Notices { get; } = new();

    /// <summary>What the proxy answers with, by name of a certificate.</summary>
    public ConcurrentDictionary<string, string> Proxy { get; } = new();

    public static WantedCertificate Wanted(string name, params string[] others) => new() { Name = name, Names = [name, .. others], Authorities = [First, Second], Outputs = ["nginx"] };

    /// <summary>The same disk, clock and authorities for another process, that looks at the same.</summary>
    public KeeperBench Again() => new(Time, Vault, Authorities) { _wanted = _wanted };

    /// <summary>Runs a keeper that knows what is on the disk.</summary>
    public void Start()
    {
        Keeper = new CertificateKeeper(Parts, Time);
        var keeper = Keeper;
        _run = Task.Run(() => keeper.RunAsync(_stop.Token));
    }

    /// <summary>A look: the proxy gets a file with the answers of now, which is live at once; the keeper is told.</summary>
    public void Look(params WantedCertificate[] wanted)
    {
        if (wanted.Length > 0)
            _wanted = [.. wanted];
        var answers = Keeper.Answers;
        foreach (var one in _wanted)
            Proxy[one.Name] = answers.Thumbprints[KeeperPlanner.NextAuthority(one, answers.Turned)];
        Keeper.Want(_wanted, _wanted.ToImmutableDictionary(one => one.Name, one => Proxy[one.Name]));
    }

    /// <summary>Looks again and again, while a second passes each time, until something holds.</summary>
    public Task UntilAsync(Func<bool> holds, CancellationToken cancellationToken) => UntilAsync(holds, TimeSpan.FromSeconds(1), cancellationToken);

    /// <summary>The same with another time that passes each time.</summary>
    public async Task UntilAsync(Func<bool> holds, TimeSpan step, CancellationToken cancellationToken)
    {
        while (!holds())
        {
            if (_run.IsFaulted)
                await _run;
            Look();
            await Task.Delay(1, cancellationToken);
            Time.Advance(step);
        }
    }

    /// <summary>Waits until something holds, while no time passes.</summary>
    public async Task SeenAsync(Func<bool> holds, CancellationToken cancellationToken)
    {
        while (!holds())
        {
            if (_run.IsFaulted)
                await _run;
            await Task.Delay(1, cancellationToken);
        }
    }

    public CertificateStatus StatusOf(string name) => Keeper.Status.Single(status => status.Name == name);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _run;
        }
        catch (OperationCanceledException)
        {
            // As wanted.
        }

        _stop.Dispose();
    }

    private sealed class NoAnswers : IChallengeSolver
    {
        public string Type => ChallengeType.Http01;

        public Task PresentAsync(PendingChallenge challenge, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task CleanUpAsync(PendingChallenge challenge, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
