using System.Collections.Frozen;

namespace Templater.Language;

/// <summary>Finds the function that a name which is none was probably meant to be, also without its object or by another language's name.</summary>
internal static class FunctionHints
{
    private const int MostListed = 8;

    // What templates of Go, Jinja and JavaScript call them.
    private static readonly FrozenDictionary<string, string> Elsewhere = new Dictionary<string, string>
    {
        ["count"] = "array.size",
        ["len"] = "array.size",
        ["length"] = "array.size",
        ["lower"] = "string.downcase",
        ["title"] = "string.capitalizewords",
        ["tolower"] = "string.downcase",
        ["toupper"] = "string.upcase",
        ["trim"] = "string.strip",
        ["upper"] = "string.upcase",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary><c>did you mean "string.upcase"?</c>, or an empty text.</summary>
    /// <param name="name">What was written, with or without its object.</param>
    /// <param name="known">What can be written without an object there.</param>
    /// <param name="library">All functions.</param>
    public static string For(string name, IEnumerable<string> known, Library library)
    {
        if (ForeignWords.HintInside(name) is { Length: > 0 } foreign)
            return foreign;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? OfPlain(name, known, library) : OfMember(name[..dot], name[(dot + 1)..], library);
    }

    private static string OfPlain(string name, IEnumerable<string> known, Library library)
    {
        var functions = library.All.Select(static function => function.Name).Where(static function => function.Contains('.')).ToList();
        if (Meant(name, functions) is { Length: > 0 } meant)
            return Question(meant);
        var words = functions.Where(function => Member(function).Split('_').Contains(name, StringComparer.OrdinalIgnoreCase)).ToArray();
        if (words.Length > 0)
            return Question(words);
        var near = NearestName.Hint(name, known);
        return near.Length > 0 ? near : Question(Near(name, functions));
    }

    private static string OfMember(string space, string name, Library library)
    {
        var all = library.All.Select(static function => function.Name).Where(static function => function.Contains('.')).ToList();
        var own = all.Where(function => function.StartsWith(space + ".", StringComparison.Ordinal)).ToList();
        if (Near(name, own) is { Length: > 0 } near)
            return Question(near);
        if (Meant(name, all) is { Length: > 0 } meant)
            return Question(meant);
        return own.Count is > 0 and <= MostListed ? "known are " + string.Join(", ", own.Order(StringComparer.Ordinal)) : "";
    }

    private static string[] Meant(string name, IEnumerable<string> functions)
    {
        var written = Folded(name);
        var same = functions.Where(function => Folded(Member(function)) == written).Distinct(StringComparer.Ordinal).ToArray();
        return same.Length > 0 ? same : Elsewhere.TryGetValue(written, out var other) ? [other] : [];
    }

    private static string[] Near(string name, IReadOnlyCollection<string> functions) =>
        NearestName.FindTypo(name, functions.Select(Member)) is { } nearest ? [.. functions.Where(function => Member(function) == nearest)] : [];

    private static string Question(string[] names) =>
        names.Length is 0 or > MostListed ? "" : $"did you mean {string.Join(" or ", names.Order(StringComparer.Ordinal).Select(static name => $"\"{name}\""))}?";

    private static string Member(string function) => function[(function.IndexOf('.', StringComparison.Ordinal) + 1)..];

    // toJSON, to_json and ToJson are one name in different habits.
    private static string Folded(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
