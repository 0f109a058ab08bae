namespace Templater.Pipeline.Routing.Labels;

/// <summary>
/// Tells an unknown label that was surely meant to close something: a key that closes, in the wrong case or with one slip, or
/// any key about who may come in. Whoever wrote it did not mean everyone. Pure.
/// </summary>
internal static class MisspeltRestriction
{
    private const string Login = "auth";

    // Words of keys, known or not, that are about nothing else.
    private static readonly string[] Gates = ["allow", "deny", Login];

    /// <summary>True when serving the routes without it would open what it closes.</summary>
    /// <param name="key">The unknown key, lower-case, without prefix and route.</param>
    /// <param name="value">Its value.</param>
    public static bool IsMeant(string key, string value) =>
        key.Split('.', '-', '_').Any(word => Array.Exists(Gates, gate => IsSlip(word, gate) && !(gate == Login && IsOff(value))))
        || NativeKeys.All.Any(known => Closes(known, value) && IsSlip(key, known.Name));

    private static bool IsOff(string value) => Names.Quantities.TryBoolean(value.Trim(), out var isOn) && !isOn;

    private static bool Closes(NativeKey known, string value) => known.Name switch
    {
        "enable" => !(Names.Quantities.TryBoolean(value.Trim(), out var enabled) && enabled),
        "instance" => true,
        _ => known.Restricts && !known.Harmless.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase),
    };

    /// <summary>True when the words are the same but for at most one letter that is missing, added or another one, or two that are swapped.</summary>
    public static bool IsSlip(string written, string meant)
    {
        if (Math.Abs(written.Length - meant.Length) > 1)
            return false;
        var same = written.AsSpan().CommonPrefixLength(meant);
        var rest = written.AsSpan(same);
        var other = meant.AsSpan(same);
        var end = 0;
        while (end < Math.Min(rest.Length, other.Length) && rest[^(end + 1)] == other[^(end + 1)])
            end++;
        rest = rest[..^end];
        other = other[..^end];
        return (rest.Length <= 1 && other.Length <= 1)
            || (rest.Length == 2 && other.Length == 2 && rest[0] == other[1] && rest[1] == other[0]);
    }
}
