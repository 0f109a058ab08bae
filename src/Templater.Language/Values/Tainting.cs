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
        if (depth == 0)
            return TemplateValue.Null;
        switch (value.Reference)
        {
            case string:
                return value.WithTaint(Taint.Tainted);
            case TemplateList list:
                return TemplateValue.From(new TemplateList([.. list.Items.Select(item => Copy(item, depth - 1, call))], isOwned: true) { IsIterator = list.IsIterator });
            case MapObject map:
                var copy = new MapObject();
                foreach (var (key, member) in map.Members)
                    copy.Put(key.WithTaint(Taint.Tainted), Copy(member, depth - 1, call));
                return TemplateValue.From(copy);
            default:
                // Model objects carry the taint of their own members.
                return value;
        }
    }
}
