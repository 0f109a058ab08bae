using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>One parameter of a function of the program or the language.</summary>
/// <param name="Name">snake_case name, usable as a named argument.</param>
/// <param name="Type">What it takes; for documentation.</param>
/// <param name="Optional">Whether it may be left out.</param>
public sealed record FunctionParameter(string Name, TemplateType Type, bool Optional = false)
{
    /// <summary>Whether it takes all further arguments. Only for the last one.</summary>
    public bool IsRest { get; init; }

    /// <summary>Whether the value is written to a file, as if it were printed: with a format, tainted text is refused.</summary>
    public bool IsPrinted { get; init; }

    /// <summary>Whether the function itself looks at the kind of the value, when it runs: mistakes in other arguments come first.</summary>
    internal bool IsLate { get; init; }
}

/// <summary>A function that templates can call.</summary>
public sealed record FunctionDefinition
{
    /// <summary>Name as called, with its object: <c>nginx.string</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Parameters in order.</summary>
    public required ImmutableArray<FunctionParameter> Parameters { get; init; }

    /// <summary>One line for the documentation.</summary>
    public required string Documentation { get; init; }

    /// <summary>The format for which the result is safe to print, such as <c>nginx</c>; null for functions that quote nothing.</summary>
    public string? Quotes { get; init; }

    /// <summary>What it does. Must be pure, bounded and safe for several threads; throws <see cref="TemplateRuntimeException"/> for mistakes of the author.</summary>
    public required Func<FunctionCall, TemplateValue> Body { get; init; }

    /// <summary>Type of the result for given types of arguments; null: any, untrusted when an argument is.</summary>
    public Func<IReadOnlyList<TemplateType>, TemplateType>? Result { get; init; }

    /// <summary>Whether the result holds nothing that is not clean, whatever the arguments hold: the body answers for it.</summary>
    public bool IsResultClean
    {
        get => Flow == TaintFlow.Explicit;
        init => Flow = value ? TaintFlow.Explicit : TaintFlow.Derived;
    }

    /// <summary>What it does with objects that it is given. The body answers for it.</summary>
    public ArgumentUse Reads { get; init; } = ArgumentUse.Whole;

    /// <summary>How taint goes from the arguments to the result.</summary>
    internal TaintFlow Flow { get; init; } = TaintFlow.Derived;

    internal SpecialFunction Special { get; init; }

    /// <summary>For a function that makes a list: makes its first item, or null, and no list.</summary>
    internal Func<FunctionCall, TemplateValue>? FirstItem { get; init; }

    /// <summary>Whether it looks at nothing but the first item of the list that it is given.</summary>
    internal bool TakesFirstItem { get; init; }

    internal int RequiredCount
    {
        get
        {
            var count = 0;
            foreach (var parameter in Parameters)
                count += parameter.Optional || parameter.IsRest ? 0 : 1;
            return count;
        }
    }

    /// <summary>The parameter of that name, in snake_case or camelCase; -1 if there is none that can be named.</summary>
    internal int IndexOf(string name)
    {
        for (var i = 0; i < Parameters.Length; i++)
            if (!Parameters[i].IsRest && (Parameters[i].Name == name || Parameters[i].Name.Replace("_", "", StringComparison.Ordinal).Equals(name, StringComparison.OrdinalIgnoreCase)))
                return i;
        return -1;
    }

    /// <summary>Most arguments without a name that make sense.</summary>
    internal int MostArguments => HasRest || Special != SpecialFunction.None ? int.MaxValue : Parameters.Length;

    internal bool HasRest => Parameters.Length > 0 && Parameters[^1].IsRest;

    /// <summary>Name and parameters: <c>string.replace text match replace</c>; optional ones in brackets.</summary>
    public string Signature => Name + string.Concat(Parameters.Select(p => p.IsRest ? $" [{p.Name}...]" : p.Optional ? $" [{p.Name}]" : $" {p.Name}"));
}

/// <summary>What a function does with objects among its arguments, for <see cref="MemberReads"/>.</summary>
public enum ArgumentUse
{
    /// <summary>It may look at everything in them.</summary>
    Whole,

    /// <summary>It hands them on, counts them or asks whether they are there, and looks into none; its result says where they are.</summary>
    HandedOn,

    /// <summary>Of the items of its first argument it reads the members (dotted paths) that its second one names, and all further ones where it takes the rest.</summary>
    Named,
}

/// <summary>How a function's result gets its taint.</summary>
internal enum TaintFlow
{
    /// <summary>A text in the result is tainted when any argument holds text that is not clean.</summary>
    Derived,

    /// <summary>The body has set the taint of everything it returns.</summary>
    Explicit,
}

/// <summary>Functions that the evaluator itself carries out.</summary>
internal enum SpecialFunction
{
    None,
    Include,
    IncludeJoin,
}
