namespace Templater.Language;

/// <summary>Finds the member that a name which is none was probably meant to be: a near one, one elsewhere in the model, or any of all.</summary>
internal static class MemberHints
{
    private const int MostSteps = 5;
    private const int MostListed = 24;

    /// <summary>What may help; empty only for an object without members.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="shape">The object that has no such member.</param>
    /// <param name="root">The whole model; null when it is not known.</param>
    public static string For(string name, Shape shape, Shape? root)
    {
        var own = Own(name, shape);
        if (own.Length > 0)
            return own;
        foreach (var start in root is null || root == shape ? [shape] : new[] { shape, root })
            if (Path(start, member => member == name) is { } path)
                return $"it is a member of {path.Of.Name}: {path.Text}";
        if (root is not null && NearestName.FindTypo(name, Reachable(root).SelectMany(static found => found.Shape.Members).Select(static member => member.Name)) is { } near
            && Path(root, member => member == near) is { } other)
            return $"did you mean \"{near}\" of {other.Of.Name}: {other.Text}?";
        return shape.Members.Length is > 0 and <= MostListed ? "known are " + string.Join(", ", shape.Members.Select(static member => member.Name)) : "";
    }

    /// <summary>The same for a name without an object; empty when the model has nothing like it.</summary>
    public static string ForVariable(string name, Shape root)
    {
        var own = Own(name, root);
        if (own.Length > 0)
            return own;
        return Path(root, member => member == name) is { } path ? $"it is a member of {path.Of.Name}: {path.Text}" : "";
    }

    private static string Own(string name, Shape shape)
    {
        var near = NearestName.Hint(name, shape.Members.Select(static member => member.Name));
        if (near.Length > 0)
            return near;
        var meant = shape.Members.FirstOrDefault(member => member.Name.Split('_').Contains(name, StringComparer.OrdinalIgnoreCase))
            ?? shape.Members.FirstOrDefault(member => Inner(member.Type) is { } inner && (inner.Name == name || inner.Name + "s" == name));
        return meant is null ? "" : $"did you mean \"{meant.Name}\"?";
    }

    private static (Shape Of, string Text)? Path(Shape start, Func<string, bool> isMeant)
    {
        foreach (var (shape, path) in Reachable(start))
            if (shape.Members.FirstOrDefault(member => isMeant(member.Name)) is { } member)
                return (shape, path + member.Name);
        return null;
    }

    // Nearest first; each shape by the shortest way to it.
    private static IEnumerable<(Shape Shape, string Path)> Reachable(Shape start)
    {
        var seen = new HashSet<Shape> { start };
        var next = new Queue<(Shape Shape, string Path, int Steps)>([(start, "", 0)]);
        while (next.TryDequeue(out var found))
        {
            yield return (found.Shape, found.Path);
            foreach (var member in found.Steps < MostSteps ? found.Shape.Members : [])
                if (Inner(member.Type) is { } inner && seen.Add(inner))
                    next.Enqueue((inner, $"{found.Path}{member.Name}{(member.Type is TemplateType.ListOf ? "[]" : "")}.", found.Steps + 1));
        }
    }

    private static Shape? Inner(TemplateType type) => type switch
    {
        TemplateType.ObjectOf typed => typed.Shape,
        TemplateType.ListOf { Element: TemplateType.ObjectOf typed } => typed.Shape,
        _ => null,
    };
}
