using System.Runtime.CompilerServices;

namespace Templater.Language;

/// <summary>An expression deep inside others: sees that there is stack left before it goes on.</summary>
internal sealed class GuardNode(ExpressionNode inner) : ExpressionNode(inner.Span)
{
    public override TemplateValue Evaluate(Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return inner.Evaluate(frame);
    }

    public override TemplateValue EvaluateRaw(Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return inner.EvaluateRaw(frame);
    }

    public override void Print(Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        inner.Print(frame);
    }

    public override bool IsTrue(Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return inner.IsTrue(frame);
    }
}

/// <summary>A block deep inside others.</summary>
internal sealed class GuardedBlockNode(BlockNode inner) : BlockNode([inner])
{
    public override Flow Execute(Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return base.Execute(frame);
    }
}
