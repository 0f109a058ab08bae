using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Labels;

/// <summary>
/// A label that is a native one but for case, blanks and the signs between words: to the engine it is another label, and to the
/// person who wrote it it is not.
/// </summary>
/// <param name="Label">The label that was meant.</param>
/// <param name="Key">Its key.</param>
internal sealed record Misspelling(string Label, NativeKey Key)
{
    private const string Routes = "routes.";

    /// <summary>What was meant by a label that is not known; null when that is not sure.</summary>
    /// <param name="label">The label.</param>
    /// <param name="prefix">Prefix of native labels, without dot.</param>
    public static Misspelling? Of(string label, string prefix)
    {
        if (!StartsLike(label, prefix))
            return null;
        var (text, start) = (Plain(label), Plain(prefix) + ".");
        if (!text.StartsWith(start, StringComparison.Ordinal))
            return null;
        var name = text[start.Length..];
        var isOfRoute = name.StartsWith(Routes, StringComparison.Ordinal);
        var key = NativeKeys.All
            .Where(candidate => isOfRoute ? IsOfRoute(candidate, name) : name == Plain(candidate.Name))
            .MaxBy(candidate => candidate.Name.Length);
        if (key is null)
            return null;
        var route = isOfRoute ? $"{Routes}{name[Routes.Length..^(key.Name.Length + 1)].Replace('.', '-')}." : "";
        return new Misspelling($"{prefix}.{route}{key.Name}", key);
    }

    /// <summary>True when ignoring the label would route more than its writer wanted.</summary>
    /// <param name="value">The label's value.</param>
    public bool Opens(string value) =>
        (Key.Restricts || (Key.FailsClosed && Key.Scope == KeyScope.Container))
        && !Key.Harmless.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase)
        && !(Key.Name == "enable" && Quantities.TryBoolean(value.Trim(), out var isEnabled) && isEnabled);

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
