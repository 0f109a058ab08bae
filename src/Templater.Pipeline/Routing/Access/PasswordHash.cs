using System.Globalization;

namespace Templater.Pipeline.Routing.Access;

/// <summary>How a password was hashed.</summary>
internal enum HashScheme
{
    /// <summary>Plain text, a truncated hash, or one that not every build can check.</summary>
    Unknown,
    /// <summary><c>$1$</c>: MD5 of crypt(3).</summary>
    Md5,
    /// <summary><c>$apr1$</c>: MD5 of Apache.</summary>
    Apr1,
    /// <summary><c>$2y$</c> and its like: bcrypt.</summary>
    Bcrypt,
    /// <summary><c>$5$</c>: SHA-256 of crypt(3).</summary>
    Sha256,
    /// <summary><c>$6$</c>: SHA-512 of crypt(3).</summary>
    Sha512,
    /// <summary><c>{SHA}</c>: SHA-1 without salt.</summary>
    Sha1,
    /// <summary><c>{SSHA}</c>: SHA-1 with salt.</summary>
    SaltedSha1,
}

/// <summary>
/// Tells hashes from everything else by their whole form: what compose cut off at a dollar sign, or a password as it is, would let
/// nobody in at best. Pure.
/// </summary>
internal static class PasswordHash
{
    /// <summary>Most rounds of bcrypt, as a power of two: a worker of the proxy serves nobody else meanwhile.</summary>
    public const int MaxBcryptCost = 12;

    /// <summary>Most rounds of SHA-256 and SHA-512, for the same reason.</summary>
    public const int MaxRounds = 500_000;

    private const int MinBcryptCost = 4;
    private const int MinRounds = 1000;
    private const int BcryptCharacters = 53;
    private const int Sha1Bytes = 20;
    private const int MaxSaltedBytes = 64;
    private const string RoundsMark = "rounds=";

    /// <summary>The scheme of a whole hash; unknown for anything else.</summary>
    /// <param name="hash">The hash.</param>
    public static HashScheme SchemeOf(string hash) => hash switch
    {
        _ when hash.StartsWith("{SHA}", StringComparison.Ordinal) => IsBase64(hash["{SHA}".Length..], Sha1Bytes, Sha1Bytes) ? HashScheme.Sha1 : HashScheme.Unknown,
        _ when hash.StartsWith("{SSHA}", StringComparison.Ordinal) => IsBase64(hash["{SSHA}".Length..], Sha1Bytes + 1, MaxSaltedBytes) ? HashScheme.SaltedSha1 : HashScheme.Unknown,
        _ when hash.StartsWith('$') => CryptScheme(hash.Split('$')),
        _ => HashScheme.Unknown,
    };

    /// <summary>True when the proxy checks such hashes, whatever C library it was built with.</summary>
    /// <param name="kind">The proxy.</param>
    /// <param name="scheme">The scheme.</param>
    public static bool CanCheck(ProxyKind kind, HashScheme scheme) => scheme switch
    {
        HashScheme.Unknown => false,
        // nginx knows these by itself; everything else is the C library's crypt(3).
        HashScheme.Apr1 or HashScheme.Sha1 or HashScheme.SaltedSha1 => kind != ProxyKind.HAProxy,
        _ => true,
    };

    /// <summary>What a proxy can check, for messages.</summary>
    /// <param name="kind">The proxy.</param>
    public static string Legal(ProxyKind kind) => kind == ProxyKind.HAProxy
        ? $"bcrypt (cost up to {MaxBcryptCost}), $6$, $5$ or $1$"
        : $"bcrypt (cost up to {MaxBcryptCost}), $6$, $5$, $apr1$, $1$, {{SSHA}} or {{SHA}}";

    /// <summary>True for what compose leaves of a hash when its dollar signs are not doubled: it holds nothing secret.</summary>
    /// <param name="text">What stands where a hash should.</param>
    public static bool IsRest(string text) =>
        text.Length <= 6 && text.Contains('$', StringComparison.Ordinal) && text.All(static character => character == '$' || char.IsAsciiDigit(character) || character is 'a' or 'b' or 'y');

    private static HashScheme CryptScheme(string[] parts) => parts switch
    {
        ["", "1", var salt, var sum] when IsCrypt(salt, 0, 8) && IsCrypt(sum, 22, 22) => HashScheme.Md5,
        ["", "apr1", var salt, var sum] when IsCrypt(salt, 0, 8) && IsCrypt(sum, 22, 22) => HashScheme.Apr1,
        ["", "2a" or "2b" or "2y", var cost, var rest] when IsCost(cost) && IsCrypt(rest, BcryptCharacters, BcryptCharacters) => HashScheme.Bcrypt,
        ["", "5", .. var rest] when IsSha(rest, 43) => HashScheme.Sha256,
        ["", "6", .. var rest] when IsSha(rest, 86) => HashScheme.Sha512,
        _ => HashScheme.Unknown,
    };

    private static bool IsSha(string[] parts, int length) => parts switch
    {
        [var salt, var sum] => IsCrypt(salt, 0, 16) && IsCrypt(sum, length, length),
        [var rounds, var salt, var sum] => rounds.StartsWith(RoundsMark, StringComparison.Ordinal)
            && IsNumber(rounds[RoundsMark.Length..], MinRounds, MaxRounds) && IsCrypt(salt, 0, 16) && IsCrypt(sum, length, length),
        _ => false,
    };

    private static bool IsCost(string text) => text.Length == 2 && IsNumber(text, MinBcryptCost, MaxBcryptCost);

    private static bool IsNumber(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most;

    private static bool IsCrypt(string text, int least, int most) =>
        text.Length >= least && text.Length <= most && text.All(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '/');

    private static bool IsBase64(string text, int least, int most)
    {
        Span<byte> bytes = stackalloc byte[MaxSaltedBytes];
        // Blanks would be skipped, and end the hash in the file.
        return !text.AsSpan().ContainsAny(" \t\r\n") && Convert.TryFromBase64String(text, bytes, out var written) && written >= least && written <= most;
    }
}
