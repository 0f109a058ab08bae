using System.Collections.Immutable;

namespace Templater.Language;

// The text that the caller replaces in the output: what only prints it can be replaced without another render.
internal sealed partial class RenderContext
{
    private readonly int _stampName;
    private ImmutableArray<int>.Builder? _stamps;

    /// <summary>How often the stamp was read by anything but a print to the final output.</summary>
    private int _stampReads;

    /// <summary>Where it was printed; null when it was used otherwise too.</summary>
    public ImmutableArray<int>? Stamps => _stampReads > 0 ? null : _stamps?.ToImmutable() ?? [];

    /// <summary>A value was taken from the model under a global name.</summary>
    public void NoteModelRead(int name)
    {
        if (name == _stampName)
            _stampReads++;
    }

    /// <summary>All values of the model were taken.</summary>
    public void NoteWholeModelRead()
    {
        if (_stampName >= 0)
            NoteModelRead(_stampName);
    }

    /// <summary>Prints a variable.</summary>
    public void PrintVariable(ExpressionNode variable, Frame frame)
    {
        var reads = _stampReads;
        var value = variable.EvaluateRaw(frame);
        var isStamp = _stampReads > reads && !Output.IsCapture;
        if (value.Reference is TemplateFunction function)
            value = Call(function, CallArguments.None, new CallPlace(variable.Span), isDirect: true);
        Print(value, variable.Span);
        if (isStamp && value.AsText() is { } text)
        {
            _stampReads = reads;
            (_stamps ??= ImmutableArray.CreateBuilder<int>()).Add(Output.Length - text.Length);
        }
    }
}
