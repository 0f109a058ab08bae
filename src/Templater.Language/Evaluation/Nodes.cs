namespace Templater.Language;

/// <summary>How a statement ended.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
    Return,
}

/// <summary>A compiled statement. Immutable but for inline caches, so one tree serves several renders at once.</summary>
internal abstract class StatementNode
{
    public abstract Flow Execute(Frame frame);
}

/// <summary>A compiled expression.</summary>
internal abstract class ExpressionNode(TextSpan span)
{
    public TextSpan Span { get; } = span;

    /// <summary>The value; a function without arguments is called.</summary>
    public abstract TemplateValue Evaluate(Frame frame);

    /// <summary>The value; a function stays a function.</summary>
    public virtual TemplateValue EvaluateRaw(Frame frame) => Evaluate(frame);

    /// <summary>Writes the value to the output.</summary>
    public virtual void Print(Frame frame) => frame.Context.Print(Evaluate(frame), Span);

    public virtual bool IsTrue(Frame frame) => Evaluate(frame).IsTruthy;

    protected static TemplateValue CallIfFunction(TemplateValue value, Frame frame, TextSpan span)
    {
        return value.AsFunction() is { } function ? frame.Context.Call(function, CallArguments.None, new CallPlace(span), isDirect: false) : value;
    }

    protected static void PrintOrCall(TemplateValue value, Frame frame, TextSpan span)
    {
        if (value.AsFunction() is { } function)
            value = frame.Context.Call(function, CallArguments.None, new CallPlace(span), isDirect: true);
        frame.Context.Print(value, span);
    }
}

/// <summary>Statements in a row.</summary>
internal class BlockNode(StatementNode[] statements) : StatementNode
{
    public static readonly BlockNode Empty = new([]);

    public override Flow Execute(Frame frame)
    {
        foreach (var statement in statements)
        {
            var flow = statement.Execute(frame);
            if (flow != Flow.Next)
                return flow;
        }
        return Flow.Next;
    }
}

/// <summary>Text that is copied.</summary>
internal sealed class TextNode(string text) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        frame.Context.Output.Write(text);
        return Flow.Next;
    }
}

/// <summary>Begins or ends the indent of a code block.</summary>
/// <param name="indent">The block's own indent, if it has one.</param>
/// <param name="slot">Where the indent to go back to, or to add to, is remembered; -1: none.</param>
internal sealed class IndentNode(string? indent, int slot) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        frame.Context.Output.Indent = slot < 0 ? indent : indent is null ? frame.Slots[slot].AsText() : frame.Slots[slot].AsText() + indent;
        return Flow.Next;
    }
}

/// <summary>A block inside a statement: the text in it is written with the indent of the code block that the statement begins in.</summary>
internal sealed class IndentedBlockNode(StatementNode[] statements, int slot) : BlockNode(statements)
{
    public override Flow Execute(Frame frame)
    {
        var output = frame.Context.Output;
        var indent = output.Indent;
        // Mostly it is there already, and a write costs more than a look.
        if (!ReferenceEquals(frame.Slots[slot].Reference, indent))
            frame.Slots[slot] = indent is null ? TemplateValue.Null : TemplateValue.FromText(indent);
        var flow = base.Execute(frame);
        output.Indent = indent;
        return flow;
    }
}

/// <summary>Remembers the indent that the caller has set.</summary>
internal sealed class KeepIndentNode(int slot) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        frame.Slots[slot] = frame.Context.Output.Indent is { } indent ? TemplateValue.FromText(indent) : TemplateValue.Null;
        return Flow.Next;
    }
}

/// <summary>An expression whose value is written.</summary>
internal sealed class PrintNode(ExpressionNode value) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        value.Print(frame);
        return Flow.Next;
    }
}

internal sealed class LiteralNode(TextSpan span, TemplateValue value) : ExpressionNode(span)
{
    public TemplateValue Value { get; } = value;

    public override TemplateValue Evaluate(Frame frame) => Value;
}
