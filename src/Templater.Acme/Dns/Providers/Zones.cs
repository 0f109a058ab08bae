namespace Templater.Acme.Dns.Providers;

/// <summary>Names as APIs of providers want them: without the dot at the end, and relative to a zone.</summary>
internal static class Zones
{
    /// <summary>The names that may be the zone of a record, the longest first: the name itself and those above it, but no top-level domain.</summary>
    /// <param name="name">With or without the dot at its end.</param>
    public static IEnumerable<string> Candidates(string name)
    {
        for (var rest = name.TrimEnd('.'); rest.Contains('.', StringComparison.Ordinal); rest = rest[(rest.IndexOf('.', StringComparison.Ordinal) + 1)..])
            yield return rest;
    }

    /// <summary>The part of a name in front of its zone; <c>@</c> for the zone itself.</summary>
    /// <param name="name">With or without the dot at its end.</param>
    /// <param name="zone">Without it.</param>
    public static string Relative(string name, string zone)
    {
        var plain = name.TrimEnd('.');
        return plain == zone ? "@" : plain[..^(zone.Length + 1)];
    }
}
