namespace Templater.Language;

/// <summary>Taints what a function of the program made from tainted arguments.</summary>
internal static class Tainting
{
    /// <summary>The result with every text that is not one of the arguments' own made tainted.</summary>
    public static TemplateValue Apply(TemplateValue result, FunctionCall call)
    {
        foreach (var argument in call.Arguments)
            if (ReferenceEquals(argument.Reference, result.Reference))
                return result;
        return Copy(result, RenderLimits.ValueDepth, call);
    }

    private static TemplateValue Copy(TemplateValue value, int depth, FunctionCall call)
    {
        // What is in several places of a list has as many copies.
        call.Context.CountIteration(call.Span);
        if (depth == 0 && value.Reference is (TemplateList or MapObject or PairObject))
            throw RuntimeErrors.ValueTooDeep();
        return value.Reference switch
        {
            string => value.WithTaint(Taint.Tainted),
            TemplateList list => Copy(list, depth - 1, call),
            MapObject map => TemplateValue.From(Copy(map, depth - 1, call)),
            PairObject pair => TemplateValue.From(new PairObject(Copy(pair.Key, depth - 1, call), Copy(pair.Value, depth - 1, call))),
            // Objects of a shape say in the model which of their members are tainted; everything else holds no text.
            _ => value,
        };
    }

    private static TemplateValue Copy(TemplateList list, int depth, FunctionCall call)
    {
        var copy = new TemplateList(list.Count) { IsIterator = list.IsIterator };
        foreach (var item in list.Items)
            copy.Add(Copy(item, depth, call));
        foreach (var (name, member) in list.Members?.Members ?? [])
            copy.SetMember(name.WithTaint(Taint.Tainted), Copy(member, depth, call));
        return TemplateValue.From(copy);
    }

    private static MapObject Copy(MapObject map, int depth, FunctionCall call)
    {
        var copy = new MapObject();
        foreach (var (name, member) in map.Members)
            copy.Put(name.WithTaint(Taint.Tainted), Copy(member, depth, call));
        return copy;
    }
}
