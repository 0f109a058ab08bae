using System.Collections.Immutable;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Challenges;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Store;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>Looks at what obtaining certificates depends on, beside a Templater that may be running: nothing is written, locked or ordered, and no account is made.</summary>
/// <param name="plan">What the operator decided.</param>
/// <param name="state">The state directory; it need not exist.</param>
/// <param name="userAgent">Name and version of the program, as CAs are told.</param>
/// <param name="time">The clock.</param>
public sealed class AcmeProbe(AcmePlan plan, string state, string userAgent, TimeProvider time)
{
    /// <summary>How long a CA may take to show its directory, with what is tried again.</summary>
    public static readonly TimeSpan AuthorityPatience = TimeSpan.FromSeconds(10);

    // Somebody waits for the answer: what is tried again is so at once, and what wants to be asked later is told.
    private static readonly AcmeLimits Limits = new() { TransientPause = TimeSpan.Zero, MaxPause = TimeSpan.Zero };

    /// <summary>Looks; all CAs at the same time.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<AcmeFacts> LookAsync(CancellationToken cancellationToken)
    {
        var accounts = new AcmeState(StateDirectory.At(state), time).Accounts;
        return new AcmeFacts
        {
            Authorities = [.. await Task.WhenAll(plan.Named.Select(name => TryAsync(plan.Authorities[name], accounts, cancellationToken)))],
            CertificatesDirectory = plan.Store.Directory,
            CertificatesObstacle = new CertificateStore(plan.Store, time).Obstacle(),
            Challenges = [.. plan.Certificates.Select(static certificate => certificate.Challenge).Prepend(plan.Policy.Challenge).Distinct(StringComparer.Ordinal)],
            Webroot = plan.Webroot,
            // The listener is preferred, as when challenges are answered.
            WebrootObstacle = plan is { Listen: null, Webroot: { } webroot } ? new WebrootSolver(webroot).Obstacle() : null,
            Listen = plan.Listen,
            DefaultDns = plan.Policy.DefaultDns,
            Dns = Providers(),
        };
    }

    private async Task<AuthorityTrial> TryAsync(AcmeAuthority authority, AccountStore accounts, CancellationToken cancellationToken)
    {
        var trial = WithAccount(new AuthorityTrial(authority.Name, authority.Directory), accounts);
        using var limit = new CancellationTokenSource(AuthorityPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var directory = await Authorities.LookAsync(authority, new AcmeHttpOptions { UserAgent = userAgent, Limits = Limits }, time, either.Token);
            return trial with { LacksBinding = directory.Meta?.ExternalAccountRequired == true && authority.Binding is null && trial.Account is null };
        }
        catch (AcmeException exception)
        {
            return trial with { Trouble = exception.Message };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return trial with { Trouble = $"{authority.Directory.Authority} did not show its directory within {AuthorityPatience.TotalSeconds:0} s. {Authorities.WayToReach(authority.Name)}" };
        }
    }

    private static AuthorityTrial WithAccount(AuthorityTrial trial, AccountStore accounts)
    {
        try
        {
            return trial with { Account = accounts.KnownUrl(trial.Directory) };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return trial with { AccountTrouble = exception.Message };
        }
    }

    private ImmutableArray<DnsProviderTrial> Providers()
    {
        // Nothing is sent: what is made says what it lacks.
        using var http = new HttpClient();
        return [.. plan.Dns.Values.Select(provider => new DnsProviderTrial(provider.Name, provider.Provider.Code, MistakeOf(provider, http)))];
    }

    private string? MistakeOf(AcmeDnsProvider provider, HttpClient http)
    {
        try
        {
            (provider.Create(http, time) as IDisposable)?.Dispose();
            return null;
        }
        catch (ArgumentException exception)
        {
            return exception.Message;
        }
    }
}
