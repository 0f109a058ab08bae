using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>Reads what HAProxy tells of certificates (management guide, 9.3).</summary>
internal static class HAProxyCertificates
{
    private const string Fingerprint = "SHA1 FingerPrint: ";
    private const string Issuer = "Chain Subject: ";
    // An empty one was begun and never got its content.
    private static readonly string[] Unused = ["Status: Unused", "Status: Empty"];

    /// <summary>The names of the pairs that it has, those in a transaction that was not committed left out.</summary>
    /// <param name="answer">The answer to <c>show ssl cert</c>.</param>
    /// <returns>Null when the answer is another one.</returns>
    public static ImmutableHashSet<string>? Loaded(string answer) => Names(answer, "# ");

    /// <summary>The names of the pairs in a list.</summary>
    /// <param name="answer">The answer to <c>show ssl crt-list LIST</c>: its name, then a line for each pair, with what holds for it.</param>
    /// <param name="list">The list.</param>
    /// <returns>Null when the answer is another one.</returns>
    public static ImmutableHashSet<string>? Listed(string answer, string list) => Names(answer, $"# {list}\n");

    /// <summary>True when it is a whole pair with these certificates: the fingerprint is that of the first, of the others the names are known.</summary>
    /// <param name="answer">The answer to <c>show ssl cert NAME</c>.</param>
    /// <param name="fingerprint">SHA-1 of the first certificate, hex.</param>
    /// <param name="issuers">Common names of those that follow; one that is empty is any.</param>
    public static bool Has(string answer, string fingerprint, ImmutableArray<string> issuers)
    {
        var lines = answer.Split('\n');
        var chain = Array.FindAll(lines, static line => line.StartsWith(Issuer, StringComparison.Ordinal));
        return Array.Exists(lines, line => line.Equals(Fingerprint + fingerprint, StringComparison.OrdinalIgnoreCase))
            && chain.Length == issuers.Length
            && Array.TrueForAll([.. issuers], issuer => Array.Exists(chain, line => line.Contains(issuer, StringComparison.Ordinal)));
    }

    /// <summary>True when it is in no list, and shown by no listener.</summary>
    /// <param name="answer">The answer to <c>show ssl cert NAME</c>.</param>
    public static bool IsUnused(string answer) => Array.Exists(Unused, status => answer.Contains(status, StringComparison.Ordinal));

    private static ImmutableHashSet<string>? Names(string answer, string title)
    {
        // A worker without any pair has nothing to tell.
        if (answer.Trim().Length > 0 && !answer.TrimStart().StartsWith(title, StringComparison.Ordinal))
            return null;
        var names = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var line in answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            if (line[0] is not ('#' or '*'))
                names.Add(line.Split(' ', 2)[0]);
        return names.ToImmutable();
    }
}
