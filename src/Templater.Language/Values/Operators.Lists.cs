namespace Templater.Language;

internal static partial class Operators
{
    private static bool IsSequence(TemplateValue value) => value.Reference is TemplateList or TemplateRange;

    // Beside a list an object stands for its pairs; beside a range it does not.
    private static bool IsListBeside(TemplateValue value, TemplateValue other) =>
        IsSequence(value) || (value.Reference is TemplateObject && !IsRange(other));

    internal static bool IsRange(TemplateValue value) => value.Reference is TemplateRange or TemplateList { IsIterator: true };

    private static TemplateValue Lists(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, in OperandSpans spans)
    {
        switch (op)
        {
            case BinaryOperator.Add:
                DemandList(op, left, right, spans, isLeft: true);
                DemandList(op, left, right, spans, isLeft: false);
                return Joined(Sequence.Of(left, context, spans.Operator).Concat(Sequence.Of(right, context, spans.Operator)));
            case BinaryOperator.ShiftLeft:
                DemandList(op, left, right, spans, isLeft: true);
                return Joined(Sequence.Of(left, context, spans.Operator).Append(right));
            case BinaryOperator.ShiftRight:
                DemandList(op, left, right, spans, isLeft: false);
                return Joined(Sequence.Of(right, context, spans.Operator).Prepend(left));
            case BinaryOperator.Multiply:
                return RepeatList(left, right, context, spans);
            case BinaryOperator.Divide or BinaryOperator.DivideWhole or BinaryOperator.Modulo:
                return PartOfList(op, left, right, context, spans);
            case BinaryOperator.Equal or BinaryOperator.NotEqual or BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual:
                DemandList(op, left, right, spans, isLeft: true);
                DemandList(op, left, right, spans, isLeft: false);
                return CompareLists(op, left, right, context, spans);
            default:
                throw RuntimeErrors.Operator(spans.Operator, op, left, right);
        }
    }

    private static void DemandList(BinaryOperator op, TemplateValue left, TemplateValue right, in OperandSpans spans, bool isLeft)
    {
        if (!(isLeft ? IsListBeside(left, right) : IsListBeside(right, left)))
            throw RuntimeErrors.Operator(isLeft ? spans.Left : spans.Right, op, left, right);
    }

    private static TemplateValue Joined(IEnumerable<TemplateValue> items) => TemplateValue.From(new TemplateList([.. items], isOwned: true));

    private static TemplateValue RepeatList(TemplateValue left, TemplateValue right, RenderContext context, in OperandSpans spans)
    {
        if (IsListBeside(left, right) && IsListBeside(right, left))
            throw RuntimeErrors.Operator(spans.Operator, BinaryOperator.Multiply, left, right);
        var isLeft = IsSequence(left);
        var count = Factor(BinaryOperator.Multiply, left, right, spans, isFactorRight: isLeft);
        var items = Sequence.Of(isLeft ? left : right, context, spans.Operator).ToList();
        var repeated = new List<TemplateValue>();
        for (var i = 0; i < count; i++)
        {
            context.CountIterations(items.Count + 1, spans.Operator);
            repeated.AddRange(items);
        }
        return Joined(repeated);
    }

    // "/" takes the first n-th part, "%" every n-th item.
    private static TemplateValue PartOfList(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, in OperandSpans spans)
    {
        DemandList(op, left, right, spans, isLeft: true);
        var count = Factor(op, left, right, spans, isFactorRight: true);
        if (count == 0)
            throw RuntimeErrors.DivideByZero(spans.Right);
        var items = Sequence.Of(left, context, spans.Operator).ToList();
        if (op == BinaryOperator.Modulo)
            return Joined(items.Where((_, i) => i % count == 0));
        // Scriban counts the items of a range down from n instead of dividing; templates get what they get there.
        return Joined(items.Take(IsRange(left) ? (int)Math.Min(count + 1L, int.MaxValue) : items.Count / count));
    }

    private static int Factor(BinaryOperator op, TemplateValue left, TemplateValue right, in OperandSpans spans, bool isFactorRight)
    {
        var factor = isFactorRight ? right : left;
        if (factor.Kind is not (ValueKind.Number or ValueKind.Boolean) || !Convert.TryToInteger(factor, out var count) || count is < int.MinValue or > int.MaxValue)
            throw RuntimeErrors.Operator(spans.Operator, op, left, right);
        return count >= 0 ? (int)count : throw RuntimeErrors.Operator(isFactorRight ? spans.Right : spans.Left, op, left, right);
    }

    // The shorter list comes first; of two as long the first items that differ decide.
    private static TemplateValue CompareLists(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, in OperandSpans spans)
    {
        var (a, b) = (Sequence.Open(left, context, spans.Operator), Sequence.Open(right, context, spans.Operator));
        if (a.Count != b.Count)
            return Compared(op, a.Count.CompareTo(b.Count));
        var items = new OperandSpans(spans.Operator);
        for (long i = 0; i < a.Count; i++)
        {
            context.CountIteration(spans.Operator);
            context.EnterCall(spans.Operator);
            var isEqual = Apply(BinaryOperator.Equal, a[i], b[i], context, items).IsTruthy;
            var isLess = !isEqual && op is not (BinaryOperator.Equal or BinaryOperator.NotEqual) && Apply(BinaryOperator.Less, a[i], b[i], context, items).IsTruthy;
            context.LeaveCall();
            if (!isEqual)
                return Compared(op, isLess ? -1 : 1);
        }
        return Compared(op, 0);
    }
}
