namespace Templater.Language;

/// <summary>The running of one body: the template itself, an include or a function call.</summary>
internal sealed class Frame(RenderContext context, Body body, TemplateValue[] slots)
{
    public readonly RenderContext Context = context;
    public Body Body = body;
    public TemplateValue[] Slots = slots;

    /// <summary>What <c>ret</c> gave.</summary>
    public TemplateValue Result;

    /// <summary>Positional arguments, for <c>$</c> and <c>$0</c>.</summary>
    public TemplateValue[] Arguments = [];

    /// <summary>Named arguments that no parameter took.</summary>
    public MapObject? NamedArguments;

    /// <summary>The block that <c>wrap</c> passed, with the frame it belongs to.</summary>
    public BlockNode? WrappedBlock;
    public Frame? WrappedFrame;

    /// <summary>Names set inside the function that the compiler did not see.</summary>
    public Dictionary<string, TemplateValue>? Extra;
}

/// <summary>A compiled body and the layout of its frame.</summary>
internal sealed class Body
{
    private const int MostForALoop = 32;

    public required string Name { get; init; }

    public required SourceText Source { get; init; }

    /// <summary>About how much is done when it runs, by the length of its text.</summary>
    public required int Work { get; init; }

    /// <summary>Where its code is; for functions only.</summary>
    public TextSpan Span { get; init; }

    /// <summary>Whether it is a <c>do … end</c>, which sees the names of the function that it runs in.</summary>
    public bool IsAnonymous { get; init; }

    public BlockNode Block { get; set; } = BlockNode.Empty;

    /// <summary>Parameters come first in the slots; null: no parameter list.</summary>
    public Parameter[]? Parameters { get; init; }

    public int SlotCount { get; set; }

    /// <summary>Names of the function's own variables, with their slots.</summary>
    public (int Name, int Slot)[] Names
    {
        get;
        set
        {
            field = value;
            ManyNames = value.Length > MostForALoop && value.All(n => n.Name >= 0 == value[0].Name >= 0) ? value.ToDictionary(static n => n.Name, static n => n.Slot) : null;
        }
    } = [];

    /// <summary>The same names, if they are too many to look at each.</summary>
    public Dictionary<int, int>? ManyNames { get; private set; }

    /// <summary>Slots of <c>$name</c>s, for named arguments.</summary>
    public Dictionary<string, int> Locals { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it looks at its arguments by <c>$</c>, and so needs them beside its parameters.</summary>
    public bool ReadsArguments { get; set; }

    /// <summary>Whether its last parameter takes all further arguments.</summary>
    public bool HasRest => Parameters is [.., { IsRest: true }];

    /// <summary>Whether it can write output.</summary>
    public bool HasOutput { get; set; } = true;

    public int RequiredCount => Parameters?.Count(p => p.Default is null && !p.IsRest) ?? 0;

    public string Signature => Name + string.Concat((Parameters ?? []).Select(p => p.IsRest ? $" [{p.Name}...]" : p.Default is null ? $" {p.Name}" : $" [{p.Name}]"));
}

/// <summary>A parameter of a template's function.</summary>
internal sealed record Parameter(string Name, TemplateValue? Default, bool IsRest);

/// <summary>A function made by a template.</summary>
internal sealed class UserFunction(Body body) : TemplateFunction
{
    public Body Body { get; } = body;

    public override string Name => Body.Name;

    internal override bool TakesByPosition(string argument) => Body.Parameters is { } parameters && !Array.Exists(parameters, p => p.IsRest || p.Name == argument);
}

/// <summary>One entry of the stack of names above the global ones.</summary>
internal struct ScopeEntry
{
    public ScopeKind Kind;

    /// <summary>Loop: the variable's name.</summary>
    public int Name;

    /// <summary>Loop: where its value is. Function: the function's frame.</summary>
    public Frame Frame;
    public int Slot;

    /// <summary>With: the object.</summary>
    public TemplateObject? Object;
}

internal enum ScopeKind
{
    Loop,
    Function,
    With,
}
