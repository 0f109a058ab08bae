namespace Templater.Pipeline.Routing.Dialects.Traefik;

/// <summary>Values and names as Traefik writes them.</summary>
internal static class TraefikWords
{
    /// <summary>What is legal as a boolean, for messages.</summary>
    public const string LegalTruth = "true or false";

    /// <summary>Reads a boolean as Go's <c>strconv.ParseBool</c> does.</summary>
    public static bool TryTruth(string text, out bool value)
    {
        value = text is "1" or "t" or "T" or "true" or "TRUE" or "True";
        return value || text is "0" or "f" or "F" or "false" or "FALSE" or "False";
    }

    /// <summary>The name of an object of this container, in lower case; null when it belongs to another provider.</summary>
    /// <param name="reference">The name, with or without the provider behind an at sign.</param>
    public static string? LocalName(string reference)
    {
        var at = reference.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
            return reference.ToLowerInvariant();
        return reference[(at + 1)..].ToLowerInvariant() is "docker" or "swarm" ? reference[..at].ToLowerInvariant() : null;
    }
}
