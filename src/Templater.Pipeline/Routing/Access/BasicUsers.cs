using System.Collections.Immutable;
using System.Text;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Access;

/// <summary>Reads users with their password hashes. Pure; no message holds a hash or a password.</summary>
internal static class BasicUsers
{
    /// <summary>Most users of one route.</summary>
    public const int MaxUsers = 1000;

    private const int MaxNameBytes = 255;

    /// <summary>What is legal as a realm, for messages.</summary>
    public const string LegalRealm = "text of at most 128 characters without quotes, backslashes and control characters, and not the word off";

    private const int MaxRealm = 128;

    /// <summary>Reads a list <c>name:hash</c>.</summary>
    /// <param name="items">The items of the list.</param>
    /// <param name="source">Where they come from, for the message.</param>
    /// <param name="problem">What is wrong, as a sentence; empty when nothing is.</param>
    /// <returns>The users by name; empty when something is wrong.</returns>
    public static ImmutableArray<BasicUser> Parse(IEnumerable<string> items, string source, out string problem)
    {
        var users = new SortedDictionary<string, BasicUser>(StringComparer.Ordinal);
        problem = "";
        foreach (var item in items)
        {
            var colon = item.IndexOf(':', StringComparison.Ordinal);
            var (name, hash) = colon < 0 ? ("", "") : (item[..colon], item[(colon + 1)..]);
            if (!IsName(name))
                problem = $"{source} holds an item that is no name:hash";
            else if (PasswordHash.SchemeOf(hash) == HashScheme.Unknown)
                problem = NoHash(name, hash, source);
            else if (users.TryGetValue(name, out var known) && known.Hash != hash)
                problem = $"{source} names the user \"{Untrusted.Shown(name)}\" twice";
            else if (users.Count == MaxUsers && known is null)
                problem = $"{source} holds more than {MaxUsers} users";
            if (problem.Length > 0)
                return [];
            users[name] = new BasicUser(name, hash);
        }

        if (users.Count == 0)
            problem = $"{source} names no user";
        return [.. users.Values];
    }

    /// <summary>
    /// Reads a realm. A quote would end it early in the header, and nginx takes the word off for the wish to ask nobody.
    /// </summary>
    public static bool TryRealm(string text, out string realm)
    {
        realm = text;
        return text.Length is > 0 and <= MaxRealm && !Untrusted.HasControl(text) && text.IndexOfAny(['"', '\\']) < 0 && !IsSwitch(text);
    }

    /// <summary>The realm of a host for which no label says another.</summary>
    /// <param name="host">Name of the virtual host.</param>
    public static string RealmOf(string host) => IsSwitch(host) ? $"host {host}" : host;

    private static bool IsSwitch(string text) => text.Equals("off", StringComparison.OrdinalIgnoreCase);

    private static string NoHash(string name, string hash, string source)
    {
        // What is left of a hash tells the author what happened; anything else may be a password.
        var rest = PasswordHash.IsRest(hash) ? $" (\"{hash}\")" : "";
        return $"user \"{Untrusted.Shown(name)}\" in {source} has no usable hash{rest}. In compose files write every $ as $$";
    }

    // A comment sign at the start would hide the line from nginx.
    private static bool IsName(string name) =>
        name.Length > 0 && name[0] != '#' && Encoding.UTF8.GetByteCount(name) <= MaxNameBytes && !Untrusted.HasControl(name) && !name.Any(char.IsWhiteSpace);
}
