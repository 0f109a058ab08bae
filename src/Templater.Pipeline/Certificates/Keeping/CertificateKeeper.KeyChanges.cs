using System.Collections.Immutable;
using Templater.Acme.Protocol;

namespace Templater.Pipeline.Certificates.Keeping;

/// <content>Another key for an account: asked for, shown by all proxies, and only then told to the authority.</content>
public sealed partial class CertificateKeeper
{
    private readonly Dictionary<string, KeyChange> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changing = new(StringComparer.Ordinal);
    private ImmutableArray<KeyChange> _keyChanges = [];

    /// <summary>Accounts that are given another key, and those that this process gave one, or was refused it; by name of the authority.</summary>
    public ImmutableArray<KeyChange> KeyChanges
    {
        get
        {
            lock (_lock)
                return _keyChanges;
        }
    }

    /// <summary>Gives the account at an authority another key: when none of its orders is under way, and as soon as all proxies answer with it.</summary>
    /// <param name="authority">Name of the authority; nothing happens where there is none of that name.</param>
    public void RollOver(string authority)
    {
        if (!_parts.Authorities.Thumbprints.ContainsKey(authority))
            return;
        lock (_lock)
        {
            _memory = _memory with { RollingOver = _memory.RollingOver.Add(authority) };
            _changed.Remove(authority);
        }

        Signal();
    }

    private async Task SwitchAsync(ImmutableArray<string> authorities, CancellationToken cancellationToken)
    {
        foreach (var authority in authorities)
        {
            try
            {
                await _parts.Authorities.SwitchAsync(authority, cancellationToken);
            }
            catch (Exception exception) when (IsOfTheDisk(exception))
            {
                Notice($"no new key for the account at {authority}: {exception.Message}");
            }
        }
    }

    private async Task ChangeAsync(string authority, CancellationToken cancellationToken)
    {
        // It was planned while the one before was about to end.
        if (!_parts.Authorities.Switched.Contains(authority))
            return;
        try
        {
            await _parts.Authorities.ChangeAsync(authority, cancellationToken);
            lock (_lock)
            {
                _memory = _memory with { RollingOver = _memory.RollingOver.Remove(authority), Failures = _memory.Failures.Without(new(FailureScope.Authority, "", authority)) };
                _changed[authority] = new(authority) { EndedAt = _time.GetUtcNow() };
            }

            Notice($"the account at {authority} has another key");
        }
        catch (AcmeException exception) when (exception.Failure == AcmeFailure.Refused)
        {
            await AbandonAsync(authority, exception.Message, cancellationToken);
        }
        catch (AcmeException exception)
        {
            Failed(new(FailureScope.Authority, "", authority), exception.Message, exception.RetryAt);
        }
        catch (Exception exception) when (IsOfTheDisk(exception))
        {
            Failed(new(FailureScope.Authority, "", authority), exception.Message, null);
        }
    }

    private async Task AbandonAsync(string authority, string reason, CancellationToken cancellationToken)
    {
        try
        {
            await _parts.Authorities.AbandonAsync(authority, cancellationToken);
            lock (_lock)
            {
                _memory = _memory with { RollingOver = _memory.RollingOver.Remove(authority) };
                _changed[authority] = new(authority) { EndedAt = _time.GetUtcNow(), Refusal = reason };
            }

            Notice($"the account at {authority} keeps its key: {reason}");
        }
        catch (AcmeException exception)
        {
            Failed(new(FailureScope.Authority, "", authority), exception.Message, exception.RetryAt);
        }
        catch (Exception exception) when (IsOfTheDisk(exception))
        {
            Failed(new(FailureScope.Authority, "", authority), exception.Message, null);
        }
    }

    private bool NoteKeyChanges(ImmutableArray<KeyChange> underWay)
    {
        ImmutableArray<KeyChange> now = [.. underWay.Concat(_changed.Values.Where(one => !underWay.Any(other => other.Authority == one.Authority))).OrderBy(static one => one.Authority, StringComparer.Ordinal)];
        if (now.SequenceEqual(_keyChanges))
            return false;
        _keyChanges = now;
        return true;
    }
}
