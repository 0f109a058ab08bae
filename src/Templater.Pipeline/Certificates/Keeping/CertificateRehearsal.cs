using Templater.Acme;
using Templater.Acme.Dns;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Challenges;
using Templater.Pipeline.Certificates.Preflight;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>
/// Orders a certificate at the staging directory of its authority and throws it away, so that it is known whether the real order would
/// succeed. It asks there with the key of the account at the authority itself: proxies answer the challenges of both alike, and no
/// configuration has to change for it. Nothing is kept.
/// </summary>
/// <param name="plan">What the operator decided.</param>
/// <param name="accounts">The accounts.</param>
/// <param name="time">The clock.</param>
/// <param name="userAgent">Name and version of the program, as authorities are told.</param>
/// <param name="resolvConf">Text of this machine's <c>resolv.conf</c>; empty where there is none.</param>
/// <param name="notice">Is told in one line what was noticed and stops nothing.</param>
public sealed class CertificateRehearsal(AcmePlan plan, AccountStore accounts, TimeProvider time, string userAgent, string resolvConf, Action<string> notice)
{
    /// <summary>Orders it.</summary>
    /// <param name="name">The certificate's name.</param>
    /// <param name="names">The names in it.</param>
    /// <param name="order">How it would be ordered.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">It would not be had, or there is no staging directory.</exception>
    /// <exception cref="IOException">The account cannot be read.</exception>
    /// <exception cref="ArgumentException">A DNS provider lacks a setting; the message says which.</exception>
    /// <exception cref="Web.ListenFailedException">Challenges are answered by a Templater that runs.</exception>
    public async Task<IssuedCertificate> RunAsync(string name, IEnumerable<string> names, WantedOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        var wanted = new WantedCertificate { Name = name, Names = [.. names], Authorities = [order.Authority], Challenge = order.Challenge, Dns = order.Dns };
        var (authority, key) = AccountOf(order.Authority);
        using var transport = new AcmeHttp(Options(authority), time);
        var client = new AcmeClient(authority.Staging!, transport, time);
        var (account, _) = await client.NewAccountAsync(key, authority.Contacts, termsAgreed: true, null, cancellationToken);
        var dns = new DnsClient(DnsClientOptions.FromResolvConf(resolvConf), time);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var solvers = new ChallengeSolvers(plan, dns, http, time, notice);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answering = solvers.RunAsync(stop.Token);
        try
        {
            var solver = solvers.For(wanted);
            if (plan.IsChecked)
                await CheckAsync(wanted, new([.. (await client.DirectoryAsync(cancellationToken)).Meta?.CaaIdentities ?? []], account.Url), key.Public.Thumbprint, dns, solver, cancellationToken);
            var wish = new CertificateWish([.. wanted.Names.Select(Identifier.Parse)])
            {
                KeyType = order.KeyType,
                Profile = order.Profile,
                RequiresProfile = order.RequiresProfile,
                AllowsSubset = plan.AllowsSubsets,
            };
            return await new CertificateOrderer(client, account, [solver], new NoJournal(), time, notice).ObtainAsync(wish, cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAny(answering);
        }
    }

    private (AcmeAuthority Authority, PrivateKey Key) AccountOf(string name)
    {
        if (!plan.Authorities.TryGetValue(name, out var authority))
            throw new AcmeException(AcmeFailure.Account, $"the CA {name} is not in these settings; give this command the settings of templater run");
        if (authority.Staging is null)
            throw new AcmeException(AcmeFailure.Account, $"no staging directory of the CA {name} is known; name one in the settings by cas.{name}.staging");
        return accounts.Find(authority.Directory) is { } account
            ? (authority, account.NextKey ?? account.Key)
            : throw new AcmeException(AcmeFailure.Account, $"there is no account at the CA {name} yet; a Templater that runs makes it");
    }

    private AcmeHttpOptions Options(AcmeAuthority authority)
    {
        var options = new AcmeHttpOptions { UserAgent = userAgent };
        return authority.CaBundle is { } bundle ? options with { Authorities = Authorities.RootsOf(authority.Name, bundle) } : options;
    }

    private async Task CheckAsync(WantedCertificate wanted, AuthorityFacts facts, string thumbprint, DnsClient dns, IChallengeSolver solver, CancellationToken cancellationToken)
    {
        using var check = new SelfCheck(time);
        if (await new CertificatePreflight(dns, check, time).ProblemAsync(wanted, facts, thumbprint, solver, cancellationToken) is { } problem)
            throw new AcmeException(AcmeFailure.Validation, problem.Reason);
    }

    // What breaks off is begun anew.
    private sealed class NoJournal : IOrderJournal
    {
        public Task KeepAsync(PendingOrder order, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
