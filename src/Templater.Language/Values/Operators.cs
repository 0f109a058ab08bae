namespace Templater.Language;

/// <summary>What the operators do; one entry for all kinds of values.</summary>
internal static partial class Operators
{
    public static TemplateValue Apply(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, TextSpan span)
    {
        // The commonest case first: two whole numbers.
        if (left.IsInteger && right.IsInteger && TryIntegers(op, left.Bits, right.Bits, out var quick))
            return quick;
        if (left.IsText || right.IsText)
            return Texts(op, left, right, context, span);
        if (left.Reference is EmptyObject || right.Reference is EmptyObject)
            return Empties(op, left, right);
        if (IsSequence(left) || IsSequence(right))
            return Lists(op, left, right, context, span);
        if (op is BinaryOperator.Range or BinaryOperator.RangeExclusive)
            return context.CheckRange(MakeRange(op, left, right, span), span);
        if (left.IsNull || right.IsNull)
            return Nulls(op, left, right);
        return Scalars(op, left, right, context, span);
    }

    private static bool TryIntegers(BinaryOperator op, long a, long b, out TemplateValue result)
    {
        switch (op)
        {
            case BinaryOperator.Equal:
                result = TemplateValue.From(a == b);
                return true;
            case BinaryOperator.NotEqual:
                result = TemplateValue.From(a != b);
                return true;
            case BinaryOperator.Less:
                result = TemplateValue.From(a < b);
                return true;
            case BinaryOperator.LessOrEqual:
                result = TemplateValue.From(a <= b);
                return true;
            case BinaryOperator.Greater:
                result = TemplateValue.From(a > b);
                return true;
            case BinaryOperator.GreaterOrEqual:
                result = TemplateValue.From(a >= b);
                return true;
            case BinaryOperator.Add when IsSmall(a) && IsSmall(b):
                result = TemplateValue.From(a + b);
                return true;
            case BinaryOperator.Subtract when IsSmall(a) && IsSmall(b):
                result = TemplateValue.From(a - b);
                return true;
            default:
                result = default;
                return false;
        }
    }

    // The sum of two such numbers cannot overflow.
    private static bool IsSmall(long number) => number is > -Small and < Small;

    private const long Small = long.MaxValue / 4;

    private static bool IsSequence(TemplateValue value) => value.Reference is TemplateList or TemplateRange or ArgumentsObject;

    // ---- texts

    private static TemplateValue Texts(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, TextSpan span)
    {
        switch (op)
        {
            case BinaryOperator.Add:
                var taint = TaintRules.Joined(Taints.Of(left), Taints.Of(right));
                var (a, b) = (context.ToText(left), context.ToText(right));
                if ((long)a.Length + b.Length > context.Limits.StringCharacters)
                    throw RuntimeErrors.StringTooLong(context.Limits.StringCharacters, span);
                return TemplateValue.FromText(a + b, taint);
            case BinaryOperator.Multiply:
                return Repeat(left, right, context, span);
            case BinaryOperator.Equal or BinaryOperator.NotEqual or BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual:
                if (op is BinaryOperator.Equal or BinaryOperator.NotEqual && (left.IsNull || right.IsNull))
                    return TemplateValue.From(op == BinaryOperator.NotEqual);
                return Compared(op, string.CompareOrdinal(context.ToText(left), context.ToText(right)));
            default:
                throw RuntimeErrors.Operator(span, op, left, right);
        }
    }

    private static TemplateValue Repeat(TemplateValue left, TemplateValue right, RenderContext context, TextSpan span)
    {
        var (text, times) = left.IsText ? (left, right) : (right, left);
        if (times.IsText || !Convert.TryToInteger(times, out var count))
            throw RuntimeErrors.Operator(span, BinaryOperator.Multiply, left, right);
        var unit = text.AsText()!;
        count = Math.Max(0, count);
        if (unit.Length > 0 && count > context.Limits.StringCharacters / unit.Length)
            throw RuntimeErrors.StringTooLong(context.Limits.StringCharacters, span);
        var repeated = unit.Length == 0 ? "" : string.Create((int)count * unit.Length, unit, static (target, source) =>
        {
            for (var at = 0; at < target.Length; at += source.Length)
                source.CopyTo(target[at..]);
        });
        return TemplateValue.FromText(repeated, TaintRules.Changed(text.Taint));
    }

    internal static TemplateValue Compared(BinaryOperator op, int order) => TemplateValue.From(op switch
    {
        BinaryOperator.Equal => order == 0,
        BinaryOperator.NotEqual => order != 0,
        BinaryOperator.Less => order < 0,
        BinaryOperator.LessOrEqual => order <= 0,
        BinaryOperator.Greater => order > 0,
        _ => order >= 0,
    });

    // ---- null and empty

    private static TemplateValue Nulls(BinaryOperator op, TemplateValue left, TemplateValue right) => op switch
    {
        BinaryOperator.Equal => TemplateValue.From(left.IsNull == right.IsNull),
        BinaryOperator.NotEqual => TemplateValue.From(left.IsNull != right.IsNull),
        BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual => TemplateValue.False,
        _ => TemplateValue.Null,
    };

    private static TemplateValue Empties(BinaryOperator op, TemplateValue left, TemplateValue right)
    {
        var against = left.Reference is EmptyObject ? right : left;
        bool? isEmpty = against.Reference switch
        {
            EmptyObject => true,
            TemplateList list => list.Count == 0,
            TemplateRange => false,
            ArgumentsObject arguments => arguments.Positional.Length == 0,
            TemplateObject found => found.Count == 0,
            _ => null,
        };
        return op switch
        {
            BinaryOperator.Equal or BinaryOperator.LessOrEqual or BinaryOperator.GreaterOrEqual => isEmpty is { } yes ? TemplateValue.From(yes) : TemplateValue.Null,
            BinaryOperator.NotEqual => isEmpty is { } known ? TemplateValue.From(!known) : TemplateValue.Null,
            BinaryOperator.Less or BinaryOperator.Greater => TemplateValue.False,
            _ => TemplateValue.From(EmptyObject.Instance),
        };
    }

    private static TemplateValue MakeRange(BinaryOperator op, TemplateValue left, TemplateValue right, TextSpan span)
    {
        if (left.IsNull || right.IsNull)
            return TemplateValue.Null;
        if (!left.IsNumber || !right.IsNumber || !Convert.TryToInteger(left, out var first) || !Convert.TryToInteger(right, out var last))
            throw RuntimeErrors.Operator(span, op, left, right);
        if (op == BinaryOperator.Range)
            return TemplateValue.FromReference(new TemplateRange(first, last));
        if (first == last)
            return TemplateValue.From(new TemplateList());
        return TemplateValue.FromReference(new TemplateRange(first, first < last ? last - 1 : last + 1));
    }

    // ---- equality that looks at kinds, for array.contains, array.uniq and for.changed

    /// <summary>Whether two values are the same, kind included: <c>1</c> and <c>1.0</c> are not.</summary>
    public static bool AreSame(TemplateValue left, TemplateValue right)
    {
        if (left.Kind != right.Kind || left.NumberKind != right.NumberKind)
            return false;
        if (left.AsText() is { } text)
            return text == right.AsText();
        if (left.NumberKind is NumberKind.Big)
            return left.ToBig() == right.ToBig();
        if (left.NumberKind is NumberKind.Decimal)
            return Convert.ToDecimal(left) == Convert.ToDecimal(right);
        if (left.Reference is PairObject a && right.Reference is PairObject b)
            return AreSame(a.Key, b.Key) && AreSame(a.Value, b.Value);
        return ReferenceEquals(left.Reference, right.Reference) && (left.Reference is not ScalarTag || left.Bits == right.Bits);
    }

    /// <summary>Order for sorting: null first, numbers and dates by size, texts by code unit. Null if the kinds cannot be ordered.</summary>
    public static int? Order(TemplateValue left, TemplateValue right)
    {
        if (left.IsNull || right.IsNull)
            return left.IsNull ? right.IsNull ? 0 : -1 : 1;
        if (left.IsNumber && right.IsNumber)
            return CompareNumbers(left, right);
        if (left.Kind != right.Kind)
            return null;
        return left.Kind switch
        {
            ValueKind.Text => string.CompareOrdinal(left.AsText(), right.AsText()),
            ValueKind.Boolean or ValueKind.Date or ValueKind.Duration => left.Bits.CompareTo(right.Bits),
            _ => null,
        };
    }
}
