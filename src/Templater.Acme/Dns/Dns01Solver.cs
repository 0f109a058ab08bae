using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Templater.Acme.Dns.Messages;

namespace Templater.Acme.Dns;

/// <summary>
/// Answers dns-01 (RFC 8555 section 8.4), or dns-account-01, by a TXT record at <c>_acme-challenge</c>. Presenting only adds the record, so
/// that all names of an order are presented before one wait, and a name and its wildcard have their values side by side.
/// </summary>
/// <param name="records">The provider.</param>
/// <param name="client">Finds where aliases (CNAME) of the name lead, so that the record can be made in another zone.</param>
/// <param name="propagation">Waits until the zone's servers have it.</param>
/// <param name="type"><see cref="ChallengeType.Dns01"/> or <see cref="ChallengeType.DnsAccount01"/>.</param>
public sealed class Dns01Solver(ITxtRecords records, DnsClient client, PropagationCheck propagation, string type = ChallengeType.Dns01) : IChallengeSolver, IDisposable
{
    private const string Label = "_acme-challenge";

    // Bytes of the digest in the label of an account (draft-ietf-acme-dns-account-label section 3.2).
    private const int AccountDigestLength = 10;

    private readonly SemaphoreSlim _turn = new(1);
    // Where a name led when it was presented: the alias may be gone when it is cleaned up.
    private readonly ConcurrentDictionary<string, string> _targets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _values = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Type => type;

    /// <summary>Whether aliases are followed; true by default.</summary>
    public bool FollowsAliases { get; init; } = true;

    /// <summary>Told what was noticed and is no error: servers of the zone that do not work.</summary>
    public Action<string>? Warn { get; init; }

    /// <inheritdoc/>
    public async Task PresentAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        var record = await RecordAsync(challenge, cancellationToken);
        Count(record);
        await InTurnAsync(() => records.AddAsync(record, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task WaitAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        var record = await RecordAsync(challenge, cancellationToken);
        await records.WaitAsync(record, cancellationToken);
        try
        {
            foreach (var aside in await propagation.WaitAsync(record, records.Capabilities, cancellationToken))
                Warn?.Invoke($"a server of the zone of {record.Name.TrimEnd('.')} was left aside: {aside}");
        }
        catch (DnsException exception)
        {
            throw new ChallengeException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public async Task CleanUpAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        var record = await RecordAsync(challenge, cancellationToken);
        try
        {
            await InTurnAsync(() => records.RemoveAsync(record, cancellationToken), cancellationToken);
        }
        finally
        {
            Forget(record);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>The name at which the CA asks, with a dot at its end.</summary>
    internal static string ChallengeName(PendingChallenge challenge, string type) => type == ChallengeType.DnsAccount01
        ? $"_{Base32(SHA256.HashData(Encoding.ASCII.GetBytes(challenge.AccountUrl.OriginalString)).AsSpan(0, AccountDigestLength))}.{Label}.{challenge.Identifier.BaseName}."
        : $"{Label}.{challenge.Identifier.BaseName}.";

    private async Task<TxtRecord> RecordAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        var name = ChallengeName(challenge, type);
        if (!_targets.TryGetValue(name, out var target))
            _targets[name] = target = FollowsAliases ? await TargetAsync(name, cancellationToken) : name;
        return new(target, name, Protocol.KeyAuthorization.DnsValue(challenge.KeyAuthorization), challenge.Identifier.BaseName, challenge.Token, challenge.KeyAuthorization);
    }

    private async Task<string> TargetAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.FollowAliasesAsync(DnsName.Parse(name), cancellationToken)).ToString();
        }
        catch (DnsException exception)
        {
            throw new ChallengeException($"it cannot be found out whether {name.TrimEnd('.')} is an alias: {exception.Message}", exception);
        }
    }

    private async Task InTurnAsync(Func<Task> call, CancellationToken cancellationToken)
    {
        if (!records.Capabilities.IsSequential)
        {
            await call();
            return;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            await call();
        }
        finally
        {
            _turn.Release();
        }
    }

    // Where one more value would push out one that is still waited for, it is said instead.
    private void Count(TxtRecord record)
    {
        lock (_values)
        {
            if (!_values.TryGetValue(record.Name, out var values))
                _values[record.Name] = values = new(StringComparer.Ordinal);
            if (!values.Contains(record.Value) && values.Count >= records.Capabilities.MaxValues)
                throw new ChallengeException($"{record.Name.TrimEnd('.')} already has {values.Count} values that are waited for, and the provider keeps no more; orders with this name must follow one another");
            values.Add(record.Value);
        }
    }

    private void Forget(TxtRecord record)
    {
        lock (_values)
        {
            if (_values.TryGetValue(record.Name, out var values))
            {
                // Not there is one that was refused: the others are still waited for.
                values.Remove(record.Value);
                if (values.Count > 0)
                    return;
            }

            _values.Remove(record.Name);
            _targets.TryRemove(record.ChallengeName, out _);
        }
    }

    // RFC 4648 section 6, without padding, in lower case; the length is a multiple of five bytes.
    private static string Base32(ReadOnlySpan<byte> bytes)
    {
        const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
        var text = new StringBuilder();
        var (buffer, bits) = (0, 0);
        foreach (var value in bytes)
        {
            (buffer, bits) = (((buffer & 0xff) << 8) | value, bits + 8);
            for (; bits >= 5; bits -= 5)
                text.Append(Alphabet[(buffer >> (bits - 5)) & 31]);
        }

        return text.ToString();
    }
}
