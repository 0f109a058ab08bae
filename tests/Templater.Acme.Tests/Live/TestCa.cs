using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Live;

/// <summary>A client of Pebble, by way of a <see cref="AcmeFaultProxy"/>, with an account and the solver of http-01.</summary>
internal sealed class TestCa : IAsyncDisposable
{
    /// <summary>Bounds in which nothing takes long.</summary>
    public static readonly AcmeLimits Quick = new()
    {
        RequestTimeout = TimeSpan.FromSeconds(10),
        TransientPause = TimeSpan.FromMilliseconds(5),
        MinPollPause = TimeSpan.FromMilliseconds(20),
        MaxOwnPollPause = TimeSpan.FromMilliseconds(100),
        MaxPollPause = TimeSpan.FromMilliseconds(100),
        PollDeadline = TimeSpan.FromSeconds(10),
    };

    private static int _names;

    private TestCa(Pebble pebble, AcmeLimits limits, TimeProvider clock)
    {
        Pebble = pebble;
        Clock = clock;
        Proxy = new AcmeFaultProxy(pebble.Transport, pebble.Port);
        Http = new AcmeHttp(new AcmeHttpOptions { UserAgent = "templater-tests/1.0", Authorities = [pebble.Transport.Authority], Limits = limits }, clock);
        Client = new AcmeClient(Proxy.DirectoryUrl, Http, clock);
        Key = PrivateKey.Generate();
    }

    public Pebble Pebble { get; }

    public TimeProvider Clock { get; }

    public AcmeFaultProxy Proxy { get; }

    public AcmeHttp Http { get; }

    public AcmeClient Client { get; }

    public PrivateKey Key { get; }

    public Account Account { get; private set; } = null!;

    public MemoryJournal Journal { get; } = new();

    public List<string> Notices { get; } = [];

    /// <summary>A client with an account.</summary>
    public static async Task<TestCa> CreateAsync(Pebble pebble, AcmeLimits? limits = null, TimeProvider? clock = null, bool withAccount = true)
    {
        var ca = new TestCa(pebble, limits ?? Quick, clock ?? TimeProvider.System);
        if (withAccount)
            (ca.Account, _) = await ca.Client.NewAccountAsync(ca.Key, ["admin@example.org"], termsAgreed: true, null, CancellationToken.None);
        return ca;
    }

    /// <summary>A name that no other test uses.</summary>
    public static Identifier NewName() => Identifier.Dns($"n{Interlocked.Increment(ref _names)}.example.test");

    /// <summary>A wish for names, with the profile of 90 days: Pebble picks one by chance where none is asked for.</summary>
    public static CertificateWish Wish(params Identifier[] identifiers) => new(identifiers) { Profile = "classic" };

    public CertificateOrderer Orderer(params IChallengeSolver[] solvers) => new(Client, Account, solvers, Journal, Clock, notice =>
    {
        lock (Notices)
            Notices.Add(notice);
    });

    public async Task<IssuedCertificate> ObtainAsync(CertificateWish wish, params IChallengeSolver[] solvers) =>
        await Orderer(solvers).ObtainAsync(wish, CancellationToken.None);

    /// <summary>The failure of what must fail.</summary>
    public static async Task<AcmeException> FailureAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (AcmeException exception)
        {
            return exception;
        }

        throw new AssertionException("it did not fail");
    }

    /// <summary>How many requests went to a resource of Pebble.</summary>
    public int Count(string prefix) => Proxy.Requests.Count(request => request.Path.StartsWith(prefix, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        Http.Dispose();
        Key.Dispose();
    }
}

/// <summary>Keeps orders in memory.</summary>
internal sealed class MemoryJournal : IOrderJournal
{
    private int _ordered;

    public List<PendingOrder> Orders { get; } = [];

    /// <summary>How many orders were asked for.</summary>
    public int Ordered => _ordered;

    void IOrderJournal.Ordered() => Interlocked.Increment(ref _ordered);

    public Task KeepAsync(PendingOrder order, CancellationToken cancellationToken)
    {
        lock (Orders)
            Orders.Add(order);
        return Task.CompletedTask;
    }
}
