using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>Authorities that sign by themselves, or fail as the test wants. They look at what the proxies answer, as real ones do.</summary>
internal sealed class FakeAuthorities(TimeProvider time, params string[] names) : IAuthorities
{
    private readonly ConcurrentQueue<string> _ordered = new();
    private readonly ConcurrentDictionary<string, string> _known = new(names.Select(name => KeyValuePair.Create(name, "print-" + name)));
    private readonly ConcurrentDictionary<string, string> _next = new();
    private int _inFlight;
    private int _mostInFlight;
    private int _serial;

    /// <summary>"NAME at AUTHORITY" of each order, in their order.</summary>
    public IReadOnlyList<string> Ordered => [.. _ordered];

    /// <summary>Authorities that were reached, or not.</summary>
    public ConcurrentQueue<string> Opened { get; } = new();

    /// <summary>What was wished, in the order of the orders.</summary>
    public ConcurrentQueue<CertificateWish> Wishes { get; } = new();

    /// <summary>Validations that failed because the proxy did not answer with the key that the account has.</summary>
    public ConcurrentQueue<string> FailedValidations { get; } = new();

    public int MostInFlight => _mostInFlight;

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Called when an authority is reached; throws what the test wants.</summary>
    public Action<string> OnOpen { get; set; } = _ => { };

    /// <summary>Called for each order, before it is signed.</summary>
    public Func<string, CertificateWish, CancellationToken, Task> OnOrder { get; set; } = (_, _, _) => Task.CompletedTask;

    /// <summary>Called for each order before that: tells its journal. Unless an order is gone on with, one that is never kept.</summary>
    public Func<CertificateWish, IOrderJournal, CancellationToken, Task> OnAsked { get; set; } = static (wish, journal, _) =>
    {
        if (wish.Pending is null)
            journal.Ordered();
        return Task.CompletedTask;
    };

    /// <summary>A name that is not signed for, and left out where the wish allows that.</summary>
    public string? LeftOut { get; set; }

    /// <summary>What is said about renewal.</summary>
    public Func<string, RenewalInfo?> OnRenewalInfo { get; set; } = _ => null;

    public Action<string> OnChange { get; set; } = _ => { };

    public Action<string> OnAbandon { get; set; } = _ => { };

    /// <summary>What the proxies answer for a name; null where that does not matter.</summary>
    public Func<string, string?>? ProxyAnswers { get; set; }

    public ImmutableSortedDictionary<string, string> Thumbprints =>
        names.ToImmutableSortedDictionary(name => name, name => _next.GetValueOrDefault(name, _known[name]), StringComparer.Ordinal);

    public ImmutableSortedSet<string> Switched => [.. _next.Keys];

    public Task<AuthorityFacts> OpenAsync(string authority, CancellationToken cancellationToken)
    {
        Opened.Enqueue(authority);
        OnOpen(authority);
        return Task.FromResult(new AuthorityFacts([authority + ".example"], new Uri($"https://{authority}.example/account")));
    }

    public Task<RenewalInfo?> RenewalInfoAsync(string authority, string certificateId, CancellationToken cancellationToken) => Task.FromResult(OnRenewalInfo(certificateId));

    public async Task<IssuedCertificate> ObtainAsync(string authority, CertificateWish wish, IChallengeSolver solver, IOrderJournal journal, CancellationToken cancellationToken)
    {
        var name = wish.Identifiers[0].Value;
        _ordered.Enqueue($"{name} at {authority}");
        Wishes.Enqueue(wish);
        var inFlight = Interlocked.Increment(ref _inFlight);
        InterlockedMax(ref _mostInFlight, inFlight);
        try
        {
            if (ProxyAnswers is not null && ProxyAnswers(name) != _known[authority])
            {
                FailedValidations.Enqueue($"{name} at {authority}");
                throw new AcmeException(AcmeFailure.Validation, "the proxy answers with another key");
            }

            await OnAsked(wish, journal, cancellationToken);
            await OnOrder(authority, wish, cancellationToken);
            return Issued(wish);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    public Task SwitchAsync(string authority, CancellationToken cancellationToken)
    {
        _next.TryAdd(authority, "next-" + authority);
        return Task.CompletedTask;
    }

    public Task ChangeAsync(string authority, CancellationToken cancellationToken)
    {
        OnChange(authority);
        _known[authority] = _next[authority];
        _next.TryRemove(authority, out _);
        return Task.CompletedTask;
    }

    public Task AbandonAsync(string authority, CancellationToken cancellationToken)
    {
        OnAbandon(authority);
        _next.TryRemove(authority, out _);
        return Task.CompletedTask;
    }

    private IssuedCertificate Issued(CertificateWish wish)
    {
        IReadOnlyList<Identifier> identifiers = wish.AllowsSubset ? [.. wish.Identifiers.Where(one => one.Value != LeftOut)] : wish.Identifiers;
        var key = wish.Key ?? PrivateKey.Generate();
        using var signer = ECDsa.Create();
        signer.ImportFromPem(key.ToPem());
        var request = new CertificateRequest("CN=" + wish.Identifiers[0], signer, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var identifier in identifiers)
            alternatives.AddDnsName(identifier.Value);
        request.CertificateExtensions.Add(alternatives.Build());
        var now = time.GetUtcNow();
        using var certificate = request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), now, now + Lifetime, BitConverter.GetBytes(Interlocked.Increment(ref _serial)));
        return new(CertificateChain.Parse(certificate.ExportCertificatePem()), key, identifiers)
        {
            LeftOut = [.. wish.Identifiers.Except(identifiers).Select(one => (one, "it is on a list"))],
        };
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = most) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}
