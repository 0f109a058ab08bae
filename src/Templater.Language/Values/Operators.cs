namespace Templater.Language;

/// <summary>What the operators do; one entry for all kinds of values.</summary>
internal static partial class Operators
{
    public static TemplateValue Apply(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, TextSpan span)
    {
        var spans = new OperandSpans(span);
        return Apply(op, left, right, context, spans);
    }

    public static TemplateValue Apply(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, in OperandSpans spans)
    {
        // The commonest cases first: two whole numbers, then texts.
        if (left.IsInteger && right.IsInteger && TryIntegers(op, left.Bits, right.Bits, out var quick))
            return quick;
        if (op is BinaryOperator.Equal or BinaryOperator.NotEqual && left.Reference is string one && right.Reference is string other)
            return TemplateValue.From(AreEqual(one, other, context) == (op == BinaryOperator.Equal));
        if (left.IsText || right.IsText)
            return Texts(op, left, right, context, spans);
        if (left.IsNull || right.IsNull)
            return Nulls(op, left, right);
        if (left.Reference is EmptyObject || right.Reference is EmptyObject)
            return Empties(op, left, right, spans);
        if (IsSequence(left) || IsSequence(right))
            return Lists(op, left, right, context, spans);
        return Scalars(op, left, right, context, spans);
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
            case BinaryOperator.Multiply when IsFactor(a) && IsFactor(b):
                result = TemplateValue.From(a * b);
                return true;
            case BinaryOperator.Modulo when b > 0:
                result = TemplateValue.From(a % b);
                return true;
            default:
                result = default;
                return false;
        }
    }

    // The sum of two such numbers cannot overflow.
    private static bool IsSmall(long number) => number is > -Small and < Small;

    private const long Small = long.MaxValue / 4;

    // Nor can the product of two such.
    private static bool IsFactor(long number) => number is >= int.MinValue and <= int.MaxValue;

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

    // "empty" equals every list and object without items, and nothing else. Calculating with it gives nothing.
    private static TemplateValue Empties(BinaryOperator op, TemplateValue left, TemplateValue right, in OperandSpans spans)
    {
        var against = left.Reference is EmptyObject ? right : left;
        switch (op)
        {
            case BinaryOperator.Equal or BinaryOperator.LessOrEqual or BinaryOperator.GreaterOrEqual:
                return TemplateValue.From(IsEmptyCollection(against));
            case BinaryOperator.NotEqual:
                return TemplateValue.From(!IsEmptyCollection(against));
            case BinaryOperator.Less or BinaryOperator.Greater:
                return TemplateValue.False;
            case BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight when against.Reference is not EmptyObject:
                throw RuntimeErrors.Operator(spans.Operator, op, left, right);
            default:
                return TemplateValue.From(EmptyObject.Instance);
        }
    }

    private static bool IsEmptyCollection(TemplateValue value) => value.Reference switch
    {
        TemplateList list => list.Count == 0,
        TemplateObject found => found.Count == 0,
        _ => false,
    };

    private static TemplateValue MakeRange(BinaryOperator op, long first, long last)
    {
        if (op == BinaryOperator.Range)
            return TemplateValue.FromReference(new TemplateRange(first, last));
        if (first == last)
            return TemplateValue.From(new TemplateList());
        return TemplateValue.FromReference(new TemplateRange(first, first < last ? last - 1 : last + 1));
    }

    // ---- equality that looks at kinds, for array.contains, array.uniq and for.changed

    /// <summary>Whether two values are the same, kind included: <c>1</c> and <c>1.0</c> are not.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <param name="context">Counts the work.</param>
    /// <param name="depth">How many pairs within pairs are looked into.</param>
    public static bool AreSame(TemplateValue left, TemplateValue right, RenderContext context, int depth = RenderLimits.ValueDepth)
    {
        // In Scriban a character is not the same as a text, nor is what was captured.
        if (left.Reference is string one && right.Reference is string other)
            return (left.IsUnquoted == right.IsUnquoted || context.Options.Strict) && AreEqual(one, other, context);
        if (left.Kind != right.Kind || left.NumberKind != right.NumberKind)
            return false;
        if (left.NumberKind is NumberKind.Big)
            return left.ToBig() == right.ToBig();
        if (left.NumberKind is NumberKind.Decimal)
            return Convert.ToDecimal(left) == Convert.ToDecimal(right);
        if (ReferenceEquals(left.Reference, right.Reference))
            return left.Reference is not ScalarTag || left.Bits == right.Bits;
        if (left.Reference is not PairObject a || right.Reference is not PairObject b)
            return false;
        if (depth == 0)
            throw RuntimeErrors.ValueTooDeep();
        return AreSame(a.Key, b.Key, context, depth - 1) && AreSame(a.Value, b.Value, context, depth - 1);
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
