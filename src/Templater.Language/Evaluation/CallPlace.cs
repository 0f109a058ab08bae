namespace Templater.Language;

/// <summary>Where a call stands, so that a mistake points at the part of it that is wrong.</summary>
/// <param name="Span">The function with its own arguments, without what is piped into it.</param>
/// <param name="Arguments">The arguments as written; null when a function calls the function.</param>
internal readonly record struct CallPlace(TextSpan Span, ArgumentPart[]? Arguments = null)
{
    /// <summary>Just after the call: where an argument is missing.</summary>
    public TextSpan End => new(Span.End, 0);

    /// <summary>The last of too many arguments; just after the call when they were not written one by one.</summary>
    public TextSpan Last(int given) => given <= (Arguments?.Length ?? 0) ? Arguments![given - 1].Span : End;

    /// <summary>The argument of that name.</summary>
    public TextSpan Named(string name) => Array.Find(Arguments ?? [], a => a.Name == name)?.Span ?? Span;

    /// <summary>The argument that a parameter got; the function if it got none.</summary>
    public TextSpan Of(FunctionDefinition definition, int parameter)
    {
        var position = 0;
        foreach (var part in Arguments ?? [])
        {
            var taken = part.Name is null ? -1 : definition.IndexOf(part.Name);
            // Nobody knows any more how many values were spread.
            if (taken < 0 ? position == parameter || part.IsSpread : taken == parameter)
                return part.Span;
            if (taken < 0)
                position++;
        }
        return Span;
    }
}
