using System.Collections.Immutable;
using Templater.Acme.Dns;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Challenges;
using Templater.Pipeline.Certificates.Preflight;
using Templater.Pipeline.Certificates.Store;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>What <see cref="CertificateKeeping"/> works with, beside the operator's decisions.</summary>
/// <param name="State">What is remembered.</param>
/// <param name="Store">The certificates.</param>
/// <param name="Time">The clock.</param>
/// <param name="UserAgent">Name and version of the program, as authorities are told.</param>
/// <param name="ResolvConf">Text of this machine's <c>resolv.conf</c>; empty where there is none.</param>
/// <param name="Changed">Is told in a few words that a look is worth while; from any thread, returns at once.</param>
/// <param name="Notice">Is told in one line what the operator should know; from any thread, returns at once.</param>
public sealed record KeepingSurroundings(AcmeState State, CertificateStore Store, TimeProvider Time, string UserAgent, string ResolvConf, Action<string> Changed, Action<string> Notice);

/// <summary>The keeper with everything that it needs, put together as the operator decided.</summary>
public sealed class CertificateKeeping : IDisposable
{
    private readonly Stack<IDisposable> _owned;
    private readonly ChallengeSolvers _solvers;

    private CertificateKeeping(AcmePlan plan, Authorities authorities, KeepingSurroundings surroundings, Stack<IDisposable> owned)
    {
        var time = surroundings.Time;
        var dns = new DnsClient(DnsClientOptions.FromResolvConf(surroundings.ResolvConf), time);
        _owned = owned;
        var check = Own(new SelfCheck(time));
        // What providers are called with carries credentials: it goes nowhere else.
        var http = Own(new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }));
        _solvers = Own(new ChallengeSolvers(plan, dns, http, time, surroundings.Notice, surroundings.State.AnswersFolder));
        var directories = authorities.Directories;
        Keeper = new CertificateKeeper(
            new KeeperParts
            {
                Authorities = authorities,
                Vault = new StoreVault(surroundings.Store, surroundings.State.Orders, directories, time),
                Memory = surroundings.State.Keeper(directories),
                SolverFor = _solvers.For,
                Preflight = plan.IsChecked ? new CertificatePreflight(dns, check, time) : null,
                Changed = surroundings.Changed,
                Notice = surroundings.Notice,
                Limits = plan.Authorities.ToImmutableDictionary(pair => pair.Key, pair => pair.Value.Limits),
                Renewal = plan.Renewal,
                IsStateless = plan.Policy.IsStateless,
                ReusesKeys = plan.ReusesKeys,
                AllowsSubsets = plan.AllowsSubsets,
                PreferredRoot = plan.PreferredRoot,
            },
            time);
    }

    /// <summary>The keeper.</summary>
    public CertificateKeeper Keeper { get; }

    /// <summary>Reads what is remembered, and makes what is missing; no authority is asked.</summary>
    /// <param name="plan">What the operator decided.</param>
    /// <param name="surroundings">The rest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">What is remembered can be neither read nor made.</exception>
    /// <exception cref="ArgumentException">A DNS provider lacks a setting; the message says which.</exception>
    /// <exception cref="Web.ListenFailedException">The address for challenges cannot be listened on.</exception>
    public static async Task<CertificateKeeping> OpenAsync(AcmePlan plan, KeepingSurroundings surroundings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(surroundings);
        var authorities = await Authorities.OpenAsync(
            plan.Authorities, surroundings.State.Accounts, new AcmeHttpOptions { UserAgent = surroundings.UserAgent }, surroundings.Time, surroundings.Notice, cancellationToken);
        var owned = new Stack<IDisposable>([authorities]);
        try
        {
            return new CertificateKeeping(plan, authorities, surroundings, owned);
        }
        catch
        {
            // Half of it must hold no address that the next attempt needs.
            DisposeOf(owned);
            throw;
        }
    }

    /// <summary>Works until cancelled.</summary>
    /// <param name="cancellationToken">Ends it; what is under way is broken off, so that the next process can go on with it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var both = new[] { Keeper.RunAsync(stop.Token), _solvers.RunAsync(stop.Token) };
        // When one ends, by a mistake of the program, the other one is not to go on alone.
        await Task.WhenAny(both);
        await stop.CancelAsync();
        var ended = both.FirstOrDefault(task => task.IsFaulted) ?? both[0];
        await Task.WhenAll(both).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await ended;
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeOf(_owned);

    private static void DisposeOf(Stack<IDisposable> owned)
    {
        while (owned.TryPop(out var one))
            one.Dispose();
    }

    private T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Push(disposable);
        return disposable;
    }
}
