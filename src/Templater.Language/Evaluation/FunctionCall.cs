namespace Templater.Language;

/// <summary>One call of a function: its arguments and where it stands. Only valid while the function runs.</summary>
public readonly struct FunctionCall
{
    private readonly TemplateValue[] _arguments;
    private readonly int _start;

    internal FunctionCall(RenderContext context, FunctionDefinition definition, TemplateValue[] arguments, int start, int count, CallPlace place)
    {
        Context = context;
        Definition = definition;
        _arguments = arguments;
        _start = start;
        Count = count;
        Place = place;
    }

    internal RenderContext Context { get; }

    internal FunctionDefinition Definition { get; }

    /// <summary>Number of arguments; at least the number of parameters, left out ones are null.</summary>
    public int Count { get; }

    /// <summary>Place of the call.</summary>
    public TextSpan Span => Place.Span;

    internal CallPlace Place { get; }

    /// <summary>Format of the template, or null for plain text.</summary>
    public string? TemplateFormat => Context.Options.Format;

    /// <summary>Where time comes from.</summary>
    public TimeProvider TimeProvider => Context.Options.TimeProvider;

    /// <summary>The arguments in the order of the parameters.</summary>
    public ReadOnlySpan<TemplateValue> Arguments => _arguments.AsSpan(_start, Count);

    /// <summary>An argument; null when it was left out.</summary>
    public TemplateValue this[int index] => index < Count ? _arguments[_start + index] : default;

    /// <summary>Whether an argument was given, even as null.</summary>
    public bool Has(int index) => index < Count && !_arguments[_start + index].IsUnset;

    /// <summary>An argument as text; null gives an empty text, numbers are printed.</summary>
    public string Text(int index) => this[index].AsText() ?? Context.ToText(this[index]);

    /// <summary>An argument as text, or the given one when it was left out or is null.</summary>
    public string Text(int index, string otherwise) => this[index].IsNull ? otherwise : Text(index);

    /// <summary>An argument as it would be printed where the call stands.</summary>
    /// <exception cref="TemplateRuntimeException">The template has a format, and the text is not quoted for it.</exception>
    public string Printed(int index)
    {
        if (TemplateFormat is { } format && Taints.OfText(this[index]) == Taint.Tainted)
        {
            var span = Place.Of(Definition, index);
            throw RuntimeErrors.Tainted(span, Context.Source.Slice(span), format, Context.Program.Library.QuotingFunctions(format));
        }

        return Text(index);
    }

    /// <summary>An argument as a whole number.</summary>
    /// <exception cref="TemplateRuntimeException">It is none.</exception>
    public long Integer(int index, long otherwise = 0)
    {
        return !Has(index) ? otherwise : Convert.ToInteger(this[index], this, index);
    }

    /// <summary>A text made from the arguments: tainted when any of them is.</summary>
    public TemplateValue Derive(string text) => TemplateValue.FromText(Context.CheckLength(text, Span), TaintRules.Changed(ArgumentTaint()));

    /// <summary>The mistake of a wrong argument.</summary>
    public TemplateRuntimeException Wrong(int index, string expected)
    {
        if (ArgumentTypes.FirstMistake(this, index) is { } earlier)
            return earlier;
        return Mistake(index, expected);
    }

    internal TemplateRuntimeException Mistake(int index, string expected)
    {
        var name = index < Definition.Parameters.Length ? Definition.Parameters[index].Name : "argument";
        return new TemplateRuntimeException("wrong-argument", $"{Definition.Name}: \"{name}\" must be {expected}, not {ValueText.Describe(this[index])}", Place.Of(Definition, index));
    }

    /// <summary>A mistake at the place of the call.</summary>
    public TemplateRuntimeException Error(string message, string hint = "") => new("function-failed", $"{Definition.Name}: {message}", Span, hint);

    internal Taint ArgumentTaint()
    {
        var taint = Taint.Clean;
        for (var i = 0; i < Count; i++)
            taint = TaintRules.Joined(taint, Taints.Of(_arguments[_start + i]));
        return taint;
    }
}
