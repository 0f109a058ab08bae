using System.Collections;

namespace Templater.Language;

/// <summary>Anything that can be looped over, by position: a list, a range, a text, the pairs of an object.</summary>
internal readonly struct Sequence : IEnumerable<TemplateValue>
{
    private readonly TemplateList? _items;
    private readonly TemplateRange? _range;
    private readonly string? _text;
    private readonly Taint _taint;

    private Sequence(TemplateList? items, TemplateRange? range, string? text, Taint taint)
    {
        _items = items;
        _range = range;
        _text = text;
        _taint = taint;
        Count = items?.Count ?? (range is not null ? (long)Math.Min(range.Length, long.MaxValue) : text?.Length ?? 0);
    }

    public long Count { get; }

    public TemplateValue this[long index] => _items is { } items && index < items.Count ? items[(int)index] : AtOther(index);

    // A list may have become shorter, or be none.
    private TemplateValue AtOther(long index)
    {
        if (_items is not null)
            return TemplateValue.Null;
        return _range is not null ? TemplateValue.From(_range.At(index)) : TemplateValue.FromCharacter(_text![(int)index], TaintRules.Changed(_taint));
    }

    /// <summary>The parts of a value; an error if it has none.</summary>
    public static Sequence Open(TemplateValue value, RenderContext context, TextSpan span)
    {
        return TryOpen(value, context, out var sequence) ? sequence : throw RuntimeErrors.NotIterable(span, value);
    }

    public static bool TryOpen(TemplateValue value, RenderContext context, out Sequence sequence)
    {
        switch (value.Reference)
        {
            case TemplateList list:
                sequence = new Sequence(list, null, null, default);
                return true;
            case TemplateRange range:
                sequence = new Sequence(null, range, null, default);
                return true;
            case string text:
                sequence = new Sequence(null, null, text, value.Taint);
                return true;
            case TemplateObject members:
                sequence = new Sequence(new TemplateList(members.Members.Select(m => TemplateValue.From(new PairObject(m.Key, m.Value)))), null, null, default);
                return true;
            default:
                sequence = default;
                return false;
        }
    }

    /// <summary>The parts of a value, each counted as a loop turn; nothing for null.</summary>
    public static IEnumerable<TemplateValue> Of(TemplateValue value, RenderContext context, TextSpan span)
    {
        if (value.IsNull)
            yield break;
        var items = Open(value, context, span);
        for (long i = 0; i < items.Count; i++)
        {
            context.CountIteration(span);
            yield return items[i];
        }
    }

    public IEnumerator<TemplateValue> GetEnumerator()
    {
        for (long i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
