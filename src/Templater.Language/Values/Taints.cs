namespace Templater.Language;

/// <summary>The taint of values with other values in them.</summary>
internal static class Taints
{
    private const int MostItems = 100_000;

    /// <summary>The worst taint of any text in a value.</summary>
    public static Taint Of(TemplateValue value)
    {
        if (value.IsText || value.Reference is null or ScalarTag)
            return value.Taint;
        var budget = MostItems;
        return Of(value, RenderLimits.ValueDepth, ref budget);
    }

    /// <summary>The taint of a value as text. What is written of a list or an object escapes the texts in it, which their quoting does not survive.</summary>
    public static Taint OfText(TemplateValue value) => value.IsText ? value.Taint : TaintRules.Changed(Of(value));

    private static Taint Of(TemplateValue value, int depth, ref int budget)
    {
        // What is too big to look at is taken for tainted: that can only refuse, never let through.
        if (depth == 0 || --budget <= 0)
            return Taint.Tainted;
        var taint = value.Taint;
        switch (value.Reference)
        {
            case TemplateList list:
                foreach (var item in list.Items)
                {
                    taint = TaintRules.Joined(taint, Of(item, depth - 1, ref budget));
                    if (taint == Taint.Tainted)
                        return taint;
                }
                if (list.Members is { } members)
                    taint = TaintRules.Joined(taint, Of(TemplateValue.From(members), depth - 1, ref budget));
                break;
            case PairObject or MapObject or ShapedObject or ScopeObject:
                foreach (var (key, member) in ((TemplateObject)value.Reference).Members)
                {
                    taint = TaintRules.Joined(taint, TaintRules.Joined(key.Taint, Of(member, depth - 1, ref budget)));
                    if (taint == Taint.Tainted)
                        return taint;
                }
                break;
        }
        return taint;
    }
}
