namespace Templater.Language;

/// <summary>Members and elements of values.</summary>
internal static class Members
{
    public static bool TryGet(TemplateValue target, string name, out TemplateValue value)
    {
        value = default;
        switch (target.Reference)
        {
            case TemplateObject found:
                if (found.TryGet(name, out value))
                    return true;
                value = TemplateValue.From(found.Count == 0);
                return name == "empty?";
            case string text:
                value = name == "size" ? TemplateValue.From(text.Length) : TemplateValue.From(text.Length == 0);
                return name is "size" or "empty?";
            case TemplateList list:
                if (list.Members?.TryGet(name, out value) == true)
                    return true;
                value = name == "size" ? TemplateValue.From(list.Count) : TemplateValue.From(list.Count == 0);
                return name is "size" or "empty?";
            case TemplateRange range:
                value = name == "size" ? TemplateValue.From(new System.Numerics.BigInteger(range.Length)) : TemplateValue.False;
                return name is "size" or "empty?";
            default:
                if (target.IsDate || target.IsDuration)
                    return DateMembers.TryGet(target, name, out value);
                value = TemplateValue.False;
                return name == "empty?" && target.Kind is ValueKind.Number or ValueKind.Boolean;
        }
    }

    public static void Set(TemplateValue target, string name, Taint keyTaint, TemplateValue value, TextSpan span)
    {
        if (value.IsUnset)
            value = TemplateValue.Null;
        switch (target.Reference)
        {
            case TemplateObject found:
                if (found.IsReadOnly(name))
                    throw RuntimeErrors.ReadOnlyVariable(span, name);
                if (!found.TrySet(name, value, keyTaint))
                    throw RuntimeErrors.ReadOnlyValue(span, target);
                break;
            case TemplateList { IsReadOnly: false } list:
                list.SetMember(TemplateValue.FromText(name, keyTaint), value);
                break;
            case TemplateList:
                throw RuntimeErrors.ReadOnlyValue(span, target);
            default:
                throw RuntimeErrors.CannotAssign(span, target);
        }
    }

    public static TemplateValue At(TemplateValue target, TemplateValue key, TextSpan targetSpan, TextSpan span, RenderContext context)
    {
        switch (target.Reference)
        {
            case TemplateObject found:
                return found.TryGet(context.ToText(key), out var member) ? member : default;
            case TemplateList list when key.AsText() is { } name:
                return list.Members?.TryGet(name, out var value) == true ? value : throw RuntimeErrors.BadIndex(span, target, key);
        }
        if (target.Reference is not (TemplateList or TemplateRange or string))
            throw RuntimeErrors.BadIndex(targetSpan, target, key);
        if (!Convert.TryToInteger(key, out var index))
            throw RuntimeErrors.BadIndex(span, target, key);
        var items = Sequence.Open(target, context, span);
        if (index < 0)
            index += items.Count;
        if (index >= 0 && index < items.Count)
            return items[index];
        return (context.Options.Leniency & Leniency.IndexOutOfRangeIsError) == 0 ? default : throw RuntimeErrors.BadIndex(span, target, key);
    }
}
