namespace Templater.Language;

internal static partial class Operators
{
    private static TemplateValue Texts(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, in OperandSpans spans)
    {
        switch (op)
        {
            case BinaryOperator.Equal or BinaryOperator.NotEqual when left.IsText && right.IsText:
                return TemplateValue.From(AreEqual(left.AsText()!, right.AsText()!, context) == (op == BinaryOperator.Equal));
            case BinaryOperator.Add:
                var taint = TaintRules.Joined(Taints.OfText(left), Taints.OfText(right));
                var (a, b) = (context.ToText(left), context.ToText(right));
                if ((long)a.Length + b.Length > context.Limits.StringCharacters)
                    throw RuntimeErrors.StringTooLong(context.Limits.StringCharacters, spans.Operator);
                context.CountText(a.Length + b.Length);
                return TemplateValue.FromText(context.Texts.Join(a, b), taint);
            case BinaryOperator.Multiply:
                return Repeat(left, right, context, spans);
            case BinaryOperator.Equal or BinaryOperator.NotEqual or BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual:
                var (one, other) = (ToComparable(left, context), ToComparable(right, context));
                context.CountText(Math.Min(one?.Length ?? 0, other?.Length ?? 0));
                return Compared(op, string.CompareOrdinal(one, other));
            default:
                throw RuntimeErrors.Operator(spans.Operator, op, left, right);
        }
    }

    private const int LongText = 1024;

    // Texts of different lengths differ; of the others only long ones are work.
    private static bool AreEqual(string one, string other, RenderContext context)
    {
        if (one.Length == other.Length && one.Length >= LongText)
            context.CountText(one.Length);
        return string.Equals(one, other);
    }

    // Nothing comes before every text, the empty one included.
    private static string? ToComparable(TemplateValue value, RenderContext context) =>
        value.IsNull || value.Reference is EmptyObject ? null : context.ToText(value);

    // Of two texts the right one is repeated, as often as the left one says.
    private static TemplateValue Repeat(TemplateValue left, TemplateValue right, RenderContext context, in OperandSpans spans)
    {
        var (text, times) = right.IsText ? (right, left) : (left, right);
        long count = 0;
        if (!times.IsNull && !(Convert.TryToInteger(times, out count) && count is >= int.MinValue and <= int.MaxValue))
            throw RuntimeErrors.RepeatCount(right.IsText ? spans.Left : spans.Right, times);
        var unit = text.AsText()!;
        count = Math.Max(0, count);
        if (unit.Length > 0 && count > context.Limits.StringCharacters / unit.Length)
            throw RuntimeErrors.StringTooLong(context.Limits.StringCharacters, right.IsText ? spans.Left : spans.Right);
        context.CountText((int)count * unit.Length);
        var repeated = unit.Length == 0 ? "" : string.Create((int)count * unit.Length, unit, static (target, source) =>
        {
            for (var at = 0; at < target.Length; at += source.Length)
                source.CopyTo(target[at..]);
        });
        return TemplateValue.FromText(repeated, TaintRules.Changed(TaintRules.Joined(text.Taint, times.Taint)));
    }
}
