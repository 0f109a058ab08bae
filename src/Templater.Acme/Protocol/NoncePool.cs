namespace Templater.Acme.Protocol;

/// <summary>
/// Nonces that the CA gave and no request has used (RFC 8555 section 6.5: "an ACME server MUST include a Replay-Nonce header
/// field in every successful response to a POST request and SHOULD provide it in error responses as well"). Thread-safe.
/// </summary>
/// <param name="clock">Tells how old a nonce is.</param>
internal sealed class NoncePool(TimeProvider clock)
{
    /// <summary>Most nonces kept; the oldest goes first.</summary>
    public const int MaxNonces = 32;

    /// <summary>Longest nonce taken; those of known CAs have at most 60 characters.</summary>
    public const int MaxNonceLength = 512;

    /// <summary>How long a nonce is used. CAs forget them after minutes (one did after 300 s of waiting for the DNS), and asking for one costs less than a refusal.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly List<(string Nonce, long At)> _nonces = [];

    /// <summary>Keeps a nonce. RFC 8555 section 6.5.1: "Clients MUST ignore invalid Replay-Nonce values"; one that is there already is ignored too.</summary>
    /// <param name="nonce">What a reply carried; null where it carried none.</param>
    public void Add(string? nonce)
    {
        if (!IsNonce(nonce))
            return;
        lock (_lock)
        {
            if (_nonces.Exists(kept => kept.Nonce == nonce))
                return;
            if (_nonces.Count == MaxNonces)
                _nonces.RemoveAt(0);
            _nonces.Add((nonce!, clock.GetTimestamp()));
        }
    }

    /// <summary>Takes out the newest nonce; null where there is none that is young enough.</summary>
    public string? Take()
    {
        lock (_lock)
        {
            if (_nonces.Count == 0)
                return null;
            var (nonce, at) = _nonces[^1];
            if (clock.GetElapsedTime(at) > MaxAge)
            {
                _nonces.Clear();
                return null;
            }

            _nonces.RemoveAt(_nonces.Count - 1);
            return nonce;
        }
    }

    /// <summary>RFC 8555 section 6.5.1: the characters of base64url.</summary>
    public static bool IsNonce(string? nonce) =>
        nonce is { Length: > 0 and <= MaxNonceLength } && nonce.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');
}
