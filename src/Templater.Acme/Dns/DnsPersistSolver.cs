using System.Text;
using Templater.Acme.Dns.Messages;

namespace Templater.Acme.Dns;

/// <summary>
/// Answers dns-persist-01 (draft-ietf-acme-dns-persist) by a TXT record that a person made once and that stays: it is only looked whether it
/// is there, so that no failed validation comes of one that is not. Thread-safe.
/// </summary>
/// <param name="client">Asks the resolvers.</param>
/// <param name="time">The clock, for records that end.</param>
public sealed class DnsPersistSolver(DnsClient client, TimeProvider time) : IChallengeSolver
{
    private const string Label = "_validation-persist";
    private const string AccountParameter = "accounturi";
    private const string PolicyParameter = "policy";
    private const string WildcardPolicy = "wildcard";
    private const string UntilParameter = "persistUntil";

    /// <inheritdoc/>
    public string Type => ChallengeType.DnsPersist01;

    /// <inheritdoc/>
    public async Task PresentAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        var name = $"{Label}.{challenge.Identifier.Value}";
        try
        {
            var answer = await client.ResolveAsync(DnsName.Parse(name), DnsType.Txt, cancellationToken);
            if (answer.Answers.Select(record => record.Data).OfType<DnsData.Txt>().Any(txt => Allows(Text(txt), challenge)))
                return;
        }
        catch (DnsException exception)
        {
            throw new ChallengeException(exception.Message, exception);
        }

        throw new ChallengeException($"no TXT record {name} allows it; add one with \"{Record(challenge)}\"");
    }

    /// <inheritdoc/>
    public Task CleanUpAsync(PendingChallenge challenge, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The value of the record that allows it.</summary>
    /// <param name="challenge">The challenge.</param>
    public static string Record(PendingChallenge challenge)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        return $"{challenge.IssuerDomainNames.FirstOrDefault("")}; {AccountParameter}={challenge.AccountUrl.AbsoluteUri}{(challenge.IsWildcard ? $"; {PolicyParameter}={WildcardPolicy}" : "")}";
    }

    private static string Text(DnsData.Txt txt) => Encoding.UTF8.GetString([.. txt.Strings.SelectMany(part => part)]);

    // As CAA values are written (RFC 8659 section 4.2).
    private bool Allows(string text, PendingChallenge challenge)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        if (!challenge.IssuerDomainNames.Contains(parts[0], StringComparer.OrdinalIgnoreCase))
            return false;
        var parameters = parts[1..].Select(part => part.Split('=', 2, StringSplitOptions.TrimEntries)).Where(part => part.Length == 2).ToLookup(part => part[0], part => part[1], StringComparer.OrdinalIgnoreCase);
        return parameters[AccountParameter].SequenceEqual([challenge.AccountUrl.AbsoluteUri])
            && (!challenge.IsWildcard || parameters[PolicyParameter].Contains(WildcardPolicy, StringComparer.OrdinalIgnoreCase))
            && parameters[UntilParameter].All(until => long.TryParse(until, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds > time.GetUtcNow().ToUnixTimeSeconds());
    }
}
