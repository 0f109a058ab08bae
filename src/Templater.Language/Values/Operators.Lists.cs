namespace Templater.Language;

internal static partial class Operators
{
    private static TemplateValue Lists(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, TextSpan span)
    {
        switch (op)
        {
            case BinaryOperator.Add when IsSequence(left) && IsSequence(right):
                return Joined(Sequence.Of(left, context, span).Concat(Sequence.Of(right, context, span)));
            case BinaryOperator.Add when IsSequence(left):
                return Joined(Sequence.Of(left, context, span).Append(right));
            case BinaryOperator.ShiftLeft when IsSequence(left):
                return Joined(Sequence.Of(left, context, span).Append(right));
            case BinaryOperator.ShiftRight when IsSequence(right):
                return Joined(Sequence.Of(right, context, span).Prepend(left));
            case BinaryOperator.Multiply or BinaryOperator.Divide or BinaryOperator.DivideWhole or BinaryOperator.Modulo:
                return Scaled(op, left, right, context, span);
            case BinaryOperator.Equal or BinaryOperator.NotEqual or BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual:
                return CompareLists(op, left, right, context, span);
            default:
                throw RuntimeErrors.Operator(span, op, left, right);
        }
    }

    private static TemplateValue Joined(IEnumerable<TemplateValue> items) => TemplateValue.From(new TemplateList([.. items], isOwned: true));

    // * repeats, / takes the first 1/n, % takes every n-th.
    private static TemplateValue Scaled(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, TextSpan span)
    {
        var (list, factor) = op == BinaryOperator.Multiply && IsSequence(right) && !IsSequence(left) ? (right, left) : (left, right);
        if (!IsSequence(list) || factor.Kind is not (ValueKind.Number or ValueKind.Boolean) || !Convert.TryToInteger(factor, out var count) || Math.Abs(count) > int.MaxValue)
            throw RuntimeErrors.Operator(span, op, left, right);
        var items = Sequence.Of(list, context, span).ToList();
        switch (op)
        {
            case BinaryOperator.Multiply:
                var repeated = new List<TemplateValue>();
                for (long i = 0; i < count; i++)
                {
                    context.CountIterations(items.Count + 1, span);
                    repeated.AddRange(items);
                }
                return Joined(repeated);
            case BinaryOperator.Divide or BinaryOperator.DivideWhole:
                return count == 0 ? throw RuntimeErrors.DivideByZero(span) : Joined(items.Take((int)(items.Count / count)));
            default:
                return count == 0 ? throw RuntimeErrors.DivideByZero(span) : Joined(items.Where((_, i) => i % count == 0));
        }
    }

    private static TemplateValue CompareLists(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, TextSpan span)
    {
        if (left.IsNull || right.IsNull)
            return Nulls(op, left, right);
        if (!IsSequence(left) || !IsSequence(right))
            return op is BinaryOperator.Equal or BinaryOperator.NotEqual && (left.Kind == ValueKind.Object || right.Kind == ValueKind.Object)
                ? TemplateValue.From(op == BinaryOperator.NotEqual)
                : throw RuntimeErrors.Operator(span, op, left, right);
        var (a, b) = (Sequence.Open(left, context, span), Sequence.Open(right, context, span));
        for (long i = 0; i < Math.Min(a.Count, b.Count); i++)
        {
            context.CountIteration(span);
            context.EnterCall(span);
            var isEqual = Apply(BinaryOperator.Equal, a[i], b[i], context, span).IsTruthy;
            var isLess = !isEqual && op is not (BinaryOperator.Equal or BinaryOperator.NotEqual) && Apply(BinaryOperator.Less, a[i], b[i], context, span).IsTruthy;
            context.LeaveCall();
            if (!isEqual)
                return Compared(op, isLess ? -1 : 1);
        }
        return Compared(op, a.Count.CompareTo(b.Count));
    }

    private static bool AreEqualObjects(TemplateValue left, TemplateValue right, int depth)
    {
        if (depth == 0)
            throw RuntimeErrors.ValueTooDeep();
        if (left.Reference is not MapObject a || right.Reference is not MapObject b)
            return AreSame(left, right);
        if (ReferenceEquals(a, b))
            return true;
        return a.Count == b.Count && a.Members.All(m => b.TryGet(m.Key.AsText()!, out var other) && AreEqualObjects(m.Value, other, depth - 1));
    }
}
