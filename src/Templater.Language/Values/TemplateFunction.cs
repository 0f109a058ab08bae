namespace Templater.Language;

/// <summary>A function as a value: one of the program, of the language, or of a template.</summary>
public abstract class TemplateFunction : TemplateReference
{
    private protected TemplateFunction() : base(ValueKind.Function)
    {
    }

    /// <summary>What messages call it.</summary>
    public abstract string Name { get; }

    /// <summary>Whether an argument with a name that is no parameter's counts as one without: Scriban takes it so when all parameters are known.</summary>
    internal abstract bool TakesByPosition(string argument);
}

/// <summary>A function of the program or of the language.</summary>
internal sealed class DefinedFunction(FunctionDefinition definition) : TemplateFunction
{
    public FunctionDefinition Definition { get; } = definition;

    public override string Name => Definition.Name;

    internal override bool TakesByPosition(string argument) => !Definition.HasRest && Definition.IndexOf(argument) < 0;
}
