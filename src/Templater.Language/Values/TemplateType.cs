namespace Templater.Language;

/// <summary>What a model member or a function's parameter holds; used by the static check and the documentation.</summary>
public abstract record TemplateType
{
    private TemplateType()
    {
    }

    /// <summary>Whether the value may be null.</summary>
    public bool Nullable { get; init; }

    /// <summary>The same type, also allowing null.</summary>
    public TemplateType OrNull() => this with { Nullable = true };

    /// <summary>Anything. <paramref name="Untrusted"/>: may hold text from a container.</summary>
    public sealed record Any(bool Untrusted = false) : TemplateType;

    /// <summary>True or false.</summary>
    public sealed record Boolean : TemplateType;

    /// <summary>A number.</summary>
    public sealed record Number : TemplateType;

    /// <summary>A text. <paramref name="Untrusted"/>: it comes from a container.</summary>
    public sealed record Text(bool Untrusted = false) : TemplateType
    {
        internal bool Quoted { get; init; }

        internal Taint Taint => Untrusted ? Taint.Tainted : Quoted ? Taint.Quoted : Taint.Clean;
    }

    /// <summary>A point in time.</summary>
    public sealed record Date : TemplateType;

    /// <summary>A length of time.</summary>
    public sealed record Duration : TemplateType;

    /// <summary>A list.</summary>
    public sealed record ListOf(TemplateType Element) : TemplateType;

    /// <summary>An object whose member names are data. <paramref name="UntrustedKeys"/>: they come from a container.</summary>
    public sealed record MapOf(TemplateType Value, bool UntrustedKeys = false) : TemplateType;

    /// <summary>An object of a shape. The shape is asked for late, so that shapes can refer to each other.</summary>
    public sealed record ObjectOf(Func<Shape> ShapeOf) : TemplateType
    {
        /// <summary>An object of a shape that exists already.</summary>
        public ObjectOf(Shape shape) : this(() => shape)
        {
        }

        /// <summary>The shape.</summary>
        public Shape Shape => ShapeOf();
    }

    /// <summary>A function value.</summary>
    public sealed record Function : TemplateType;

    /// <summary>Only null. Used by the static check.</summary>
    internal sealed record Nothing : TemplateType;

    /// <summary>An object that a template makes, with the members known so far. Used by the static check.</summary>
    internal sealed record Literal(Dictionary<string, TemplateType> Known) : TemplateType;

    /// <summary>A function that the template declares. Used by the static check.</summary>
    internal sealed record Declared(FunctionSyntax Syntax, SourceText Source) : TemplateType;

    /// <summary>A function of the language or the program. Used by the static check.</summary>
    internal sealed record Defined(FunctionDefinition Definition) : TemplateType;

    /// <summary>The type for documentation, such as <c>list of container</c>.</summary>
    public sealed override string ToString()
    {
        var name = this switch
        {
            Any => "any",
            Boolean => "boolean",
            Number => "number",
            Text { Untrusted: true } => "untrusted text",
            Text => "text",
            Date => "date",
            Duration => "duration",
            ListOf list => $"list of {list.Element}",
            MapOf map => $"map of {map.Value}",
            ObjectOf typed => typed.Shape.Name,
            Function or Declared or Defined => "function",
            Nothing => "null",
            _ => "object",
        };
        return Nullable ? name + " or null" : name;
    }
}
