namespace Templater.Language;

/// <summary>What regular expressions made of short texts: a template asks for the same few paths and names again and again.</summary>
/// <remarks>It holds texts alone, as <see cref="TextPool"/> does; a result depends on nothing but the texts it is found by. Used by one thread.</remarks>
internal sealed class ReplacementMemo
{
    private const int Size = 128;
    private const int LongestText = 200;

    // Bounded in number and length. Each text has one place; a later one takes it over.
    private readonly Entry[] _entries = new Entry[Size];

    /// <summary>What is replaced, and how.</summary>
    public readonly record struct Key(string Text, string Pattern, string By, string Options);

    private record struct Entry(Key Key, string? Result);

    /// <summary>The result if it is known.</summary>
    public string? Find(in Key key)
    {
        if (key.Text.Length > LongestText)
            return null;
        ref var entry = ref _entries[PlaceOf(key.Text)];
        return entry.Result is { } result && entry.Key == key ? result : null;
    }

    /// <summary>Remembers a result.</summary>
    public void Keep(in Key key, string result)
    {
        if (Math.Max(key.Text.Length, result.Length) <= LongestText && key.Pattern.Length + key.By.Length + key.Options.Length <= LongestText)
            _entries[PlaceOf(key.Text)] = new Entry(key, result);
    }

    private static int PlaceOf(string text) => string.GetHashCode(text) & (Size - 1);
}
