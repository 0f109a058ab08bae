using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Templater.Pipeline.Routing;

/// <summary>Who may use a route after saying a name and a password (RFC 7617).</summary>
public sealed record BasicAuth
{
    private const int DigestDigits = 16;

    /// <summary>What browsers show; safe inside a quoted string of a header, and no word that a proxy takes for a switch. Untrusted.</summary>
    public required string Realm { get; init; }

    /// <summary>The users, by name (ordinal); not empty, each name once.</summary>
    public required ImmutableArray<BasicUser> Users { get; init; }

    /// <summary>Sixteen hex digits that are the same for the same users with the same hashes.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))[..DigestDigits];

    /// <summary>The users as lines of a password file (htpasswd). Secret.</summary>
    public string Text
    {
        get
        {
            var lines = new StringBuilder();
            foreach (var user in Users)
                lines.Append(user.Name).Append(':').Append(user.Hash).Append('\n');
            return lines.ToString();
        }
    }

    /// <summary>The names alone, for people.</summary>
    public override string ToString() => $"the login of {string.Join(' ', Users)}";
}

/// <summary>One user of a login.</summary>
/// <param name="Name">The name: no blank, comma, colon or control character. Untrusted.</param>
/// <param name="Hash">The password's hash, of a known form; never shown.</param>
public sealed record BasicUser(string Name, string Hash)
{
    /// <summary>The name alone.</summary>
    public override string ToString() => Name;
}
