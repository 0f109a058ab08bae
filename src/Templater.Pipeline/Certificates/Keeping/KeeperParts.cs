using System.Collections.Immutable;
using Templater.Acme;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>What a <see cref="CertificateKeeper"/> works with.</summary>
public sealed record KeeperParts
{
    /// <summary>The certification authorities.</summary>
    public required IAuthorities Authorities { get; init; }

    /// <summary>Where certificates and orders are kept.</summary>
    public required ICertificateVault Vault { get; init; }

    /// <summary>Where the rest is remembered.</summary>
    public required IKeeperMemoryFile Memory { get; init; }

    /// <summary>What answers the challenges for a certificate.</summary>
    public required Func<WantedCertificate, IChallengeSolver> SolverFor { get; init; }

    /// <summary>Looks before an authority is asked; null when the operator does not want that.</summary>
    public IPreflight? Preflight { get; init; }

    /// <summary>Is told, in a few words, that <see cref="CertificateKeeper.Answers"/> or a stored certificate changed. Called from any thread; returns at once.</summary>
    public required Action<string> Changed { get; init; }

    /// <summary>Is told in one line what the operator should know. Called from any thread; returns at once.</summary>
    public required Action<string> Notice { get; init; }

    /// <summary>By authority: what is known of its limits.</summary>
    public IReadOnlyDictionary<string, OrderLimits> Limits { get; init; } = ImmutableDictionary<string, OrderLimits>.Empty;

    /// <summary>When certificates are renewed.</summary>
    public RenewalPolicy Renewal { get; init; } = new();

    /// <summary>True when the proxy answers http-01 out of its configuration.</summary>
    public bool IsStateless { get; init; } = true;

    /// <summary>True when a renewal keeps the key.</summary>
    public bool ReusesKeys { get; init; }

    /// <summary>Common name of the root that chains should end at; null for the authority's default chain.</summary>
    public string? PreferredRoot { get; init; }

    /// <summary>True when names that an authority does not sign for are left out, rather than the whole certificate.</summary>
    public bool AllowsSubsets { get; init; }
}

/// <summary>Keeps a <see cref="KeeperMemory"/> over restarts.</summary>
public interface IKeeperMemoryFile
{
    /// <summary>What was saved last; <see cref="KeeperMemory.Nothing"/> where nothing was, or it cannot be understood.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    KeeperMemory Load();

    /// <summary>Replaces it; when this returns, it is on the disk.</summary>
    /// <param name="memory">What to keep.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    Task SaveAsync(KeeperMemory memory, CancellationToken cancellationToken);
}
