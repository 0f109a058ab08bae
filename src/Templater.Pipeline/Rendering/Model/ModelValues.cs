using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Templater.Language;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>Short names for the types of the model's members, and the values that go with them.</summary>
internal static class ModelValues
{
    // What validated names, addresses and ids consist of. A text that was not validated after all, because it came from a
    // file that somebody wrote, is tainted by its characters.
    private static readonly SearchValues<char> PlainCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/-*[]=");

    public static readonly TemplateType Number = new TemplateType.Number();
    public static readonly TemplateType Flag = new TemplateType.Boolean();
    public static readonly TemplateType Date = new TemplateType.Date();
    public static readonly TemplateType Plain = new TemplateType.Text();
    public static readonly TemplateType Untrusted = new TemplateType.Text(Untrusted: true);
    public static readonly TemplateType PlainList = new TemplateType.ListOf(Plain);
    public static readonly TemplateType UntrustedList = new TemplateType.ListOf(Untrusted);
    public static readonly TemplateType UntrustedMap = new TemplateType.MapOf(Untrusted, UntrustedKeys: true);

    /// <summary>A list without items: templates cannot change it.</summary>
    public static readonly TemplateValue NoValues = TemplateValue.From(new TemplateList(ImmutableArray<TemplateValue>.Empty));

    /// <summary>A validated text; tainted when it contains a character that no validated text has.</summary>
    public static TemplateValue PlainText(string? text)
    {
        if (text is null)
            return TemplateValue.Null;
        return text.AsSpan().ContainsAnyExcept(PlainCharacters) ? TemplateValue.FromUntrusted(text) : TemplateValue.FromText(text);
    }

    /// <summary>A text from the operator or from this program.</summary>
    public static TemplateValue OwnText(string? text) => text is null ? TemplateValue.Null : TemplateValue.FromText(text);

    /// <summary>A text from a container.</summary>
    public static TemplateValue UntrustedText(string? text) => TemplateValue.FromUntrusted(text);

    /// <summary>A number.</summary>
    public static TemplateValue Whole(long value) => TemplateValue.From(value);

    /// <summary>A truth value.</summary>
    public static TemplateValue Truth(bool value) => TemplateValue.From(value);

    /// <summary>A point in time.</summary>
    public static TemplateValue Moment(DateTimeOffset? value) => value is { } moment ? TemplateValue.From(moment) : TemplateValue.Null;

    /// <summary>A list of validated texts. Mostly there are none.</summary>
    public static TemplateValue PlainTexts(ImmutableArray<string> texts) => texts.IsEmpty ? NoValues : List(texts.Select(PlainText));

    /// <summary>A list of validated texts.</summary>
    public static TemplateValue PlainTexts(IEnumerable<string> texts) => List(texts.Select(PlainText));

    /// <summary>A list of texts from containers.</summary>
    public static TemplateValue UntrustedTexts(IEnumerable<string> texts) => List(texts.Select(UntrustedText));

    /// <summary>A list of what is made of some sources. Mostly there is one or none.</summary>
    /// <param name="sources">The sources.</param>
    /// <param name="context">What else they are made of.</param>
    /// <param name="make">Makes one.</param>
    public static TemplateValue List<T, TContext>(ImmutableArray<T> sources, TContext context, Func<T, TContext, TemplateValue> make)
        where TContext : class
    {
        if (sources.IsEmpty)
            return NoValues;
        var values = ImmutableArray.CreateBuilder<TemplateValue>(sources.Length);
        foreach (var source in sources)
            values.Add(make(source, context));
        return TemplateValue.From(new TemplateList(values.MoveToImmutable()));
    }

    /// <summary>A list.</summary>
    public static TemplateValue List(IEnumerable<TemplateValue> values) => TemplateValue.From(new TemplateList(values));

    /// <summary>Labels, environment and the like: keys and values from containers.</summary>
    public static TemplateValue UntrustedEntries(IEnumerable<KeyValuePair<string, string>> entries, string typeName) =>
        TemplateValue.From(new MapObject(UntrustedValues(entries), untrustedKeys: true, typeName));

    private static IEnumerable<KeyValuePair<string, TemplateValue>> UntrustedValues(IEnumerable<KeyValuePair<string, string>> entries)
    {
        foreach (var (key, value) in entries)
            yield return KeyValuePair.Create(key, TemplateValue.FromUntrusted(value));
    }

    /// <summary>An object, or null.</summary>
    public static TemplateValue Optional<T>(ModelObject<T> kind, T? source) where T : class =>
        source is null ? TemplateValue.Null : TemplateValue.From(kind.Of(source));

    /// <summary>The word for an enumeration's value: <c>RoundRobin</c> is <c>roundrobin</c>.</summary>
    public static TemplateValue Word<T>(T value) where T : struct, Enum
    {
        var words = Words<T>.Made;
        var number = Unsafe.BitCast<T, int>(value);
        return TemplateValue.FromText((uint)number < (uint)words.Length ? words[number] ??= Made(value) : Made(value));
    }

    private static string Made<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    // A template prints the same few again and again. Made when asked for: most renders need few of them.
    private static class Words<T>
    {
        private const int Most = 32;

        public static readonly string?[] Made = new string?[Most];
    }

    /// <summary>A length of time in the form that nginx and HAProxy both read: the largest unit that is exact.</summary>
    public static TemplateValue TimeText(TimeSpan time) => TemplateValue.FromText(Quantities.Text(time));
}
