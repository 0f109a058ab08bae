namespace Templater.Pipeline.Routing.Labels;

/// <summary>
/// Tells a label that is a native one but for case, blanks and the signs between words, such as <c>templater_allow</c>: to the
/// engine it is somebody else's, to the person who wrote it it is not. Pure.
/// </summary>
internal static class MisspeltPrefix
{
    private const string Routes = "routes.";
    private const string Streams = StreamKeys.Group + ".";

    /// <summary>The key that was meant, without prefix; null when the label is somebody else's.</summary>
    /// <param name="label">A label that does not begin with the prefix.</param>
    /// <param name="prefix">Prefix of native labels, without dot.</param>
    public static string? KeyOf(string label, string prefix)
    {
        if (!StartsLike(label, prefix))
            return null;
        var (text, start) = (Plain(label), Plain(prefix) + ".");
        if (!text.StartsWith(start, StringComparison.Ordinal))
            return null;
        var name = text[start.Length..];
        if (name.StartsWith(Streams, StringComparison.Ordinal))
            return StreamKeys.All.Any(candidate => name.EndsWith("." + Plain(candidate.Name), StringComparison.Ordinal)) ? name : null;
        var isOfRoute = name.StartsWith(Routes, StringComparison.Ordinal);
        var key = NativeKeys.All
            .Where(candidate => isOfRoute ? IsOfRoute(candidate, name) : name == Plain(candidate.Name))
            .MaxBy(candidate => candidate.Name.Length);
        if (key is null)
            return null;
        var route = isOfRoute ? $"{Routes}{name[Routes.Length..^(key.Name.Length + 1)].Replace('.', '-')}." : "";
        return route + key.Name;
    }

    private static bool IsOfRoute(NativeKey key, string name) =>
        key.Scope != KeyScope.Container
        && name.Length > Routes.Length + key.Name.Length + 1
        && name.EndsWith("." + Plain(key.Name), StringComparison.Ordinal);

    private static string Plain(string text) => string.Concat(text.Where(character => !char.IsWhiteSpace(character)).Select(Plain));

    private static char Plain(char character) => character is '_' or '-' ? '.' : char.ToLowerInvariant(character);

    /// <summary>The same for the first letters alone, because most labels of a container are none of ours.</summary>
    private static bool StartsLike(string label, string prefix)
    {
        var at = 0;
        foreach (var character in label)
        {
            if (char.IsWhiteSpace(character))
                continue;
            if (at == prefix.Length)
                return true;
            if (Plain(character) != Plain(prefix[at++]))
                return false;
        }

        return false;
    }
}
