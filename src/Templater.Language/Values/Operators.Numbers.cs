using System.Numerics;

namespace Templater.Language;

internal static partial class Operators
{
    private const int LargestShift = 1_048_576;

    private static TemplateValue Scalars(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, in OperandSpans spans)
    {
        if (left.IsNumber && right.IsNumber)
            return Numbers(op, left, right, context, spans);
        if (left.IsDate || right.IsDate || left.IsDuration || right.IsDuration)
            return Times(op, left, right, spans);
        if (left.Kind == ValueKind.Boolean || right.Kind == ValueKind.Boolean)
            return Booleans(op, left, right, context, spans);
        // Objects are equal only to themselves, and cannot be compared with numbers.
        if (op is BinaryOperator.Equal or BinaryOperator.NotEqual && !left.IsNumber && !right.IsNumber)
            return TemplateValue.From(AreSame(left, right, context) == (op == BinaryOperator.Equal));
        throw RuntimeErrors.Operator(spans.Operator, op, left, right);
    }

    // Beside a number a boolean is a number; beside anything else that is a boolean, which can only be equal or not.
    private static TemplateValue Booleans(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, in OperandSpans spans)
    {
        if (left.IsNumber || right.IsNumber)
            return Numbers(op, ToNumber(left), ToNumber(right), context, spans);
        return op is BinaryOperator.Equal or BinaryOperator.NotEqual
            ? TemplateValue.From(left.IsTruthy == right.IsTruthy == (op == BinaryOperator.Equal))
            : throw RuntimeErrors.Operator(spans.Operator, op, left, right);
    }

    private static TemplateValue ToNumber(TemplateValue value) => value.AsBoolean() is { } truth ? TemplateValue.From(truth ? 1 : 0) : value;

    private static TemplateValue Numbers(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, in OperandSpans spans)
    {
        // A decimal cannot hold what a big number may be.
        if (IsDecimalAndBig(left, right) || IsDecimalAndBig(right, left))
            throw RuntimeErrors.Operator(spans.Operator, op, left, right);
        context.CountWork(BigNumber.WorkOf(left) + BigNumber.WorkOf(right));
        if (op is BinaryOperator.Equal or BinaryOperator.NotEqual or BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual)
            return CompareNumbersWith(op, left, right);
        if (left.NumberKind == NumberKind.Decimal || right.NumberKind == NumberKind.Decimal)
            return Decimals(op, left, right, spans);
        if (left.NumberKind is NumberKind.Integer or NumberKind.Big && right.NumberKind is NumberKind.Integer or NumberKind.Big)
            return Integers(op, left.ToBig(), right.ToBig(), context, spans);
        var isSingle = left.NumberKind != NumberKind.Double && right.NumberKind != NumberKind.Double;
        return isSingle
            ? TemplateValue.FromSingle(Singles(op, (float)left.ToDouble(), (float)right.ToDouble(), left, right, spans))
            : TemplateValue.From(Doubles(op, left.ToDouble(), right.ToDouble(), left, right, spans));
    }

    private static bool IsDecimalAndBig(TemplateValue one, TemplateValue other) => one.NumberKind == NumberKind.Decimal && other.NumberKind == NumberKind.Big;

    private static TemplateValue CompareNumbersWith(BinaryOperator op, TemplateValue left, TemplateValue right)
    {
        // NaN is equal to nothing, not even in a comparison by order.
        if (double.IsNaN(left.ToDouble()) || double.IsNaN(right.ToDouble()))
            return TemplateValue.From(op == BinaryOperator.NotEqual);
        return Compared(op, CompareNumbers(left, right));
    }

    private static int CompareNumbers(TemplateValue left, TemplateValue right)
    {
        if (left.NumberKind is NumberKind.Integer or NumberKind.Big && right.NumberKind is NumberKind.Integer or NumberKind.Big)
            return left.ToBig().CompareTo(right.ToBig());
        if (left.NumberKind == NumberKind.Decimal && right.NumberKind is NumberKind.Decimal or NumberKind.Integer)
            return Convert.ToDecimal(left).CompareTo(Convert.ToDecimal(right));
        if (right.NumberKind == NumberKind.Decimal && left.NumberKind == NumberKind.Integer)
            return Convert.ToDecimal(left).CompareTo(Convert.ToDecimal(right));
        return left.ToDouble().CompareTo(right.ToDouble());
    }

    private static TemplateValue Integers(BinaryOperator op, BigInteger a, BigInteger b, RenderContext context, in OperandSpans spans)
    {
        switch (op)
        {
            case BinaryOperator.Add:
                return TemplateValue.From(a + b);
            case BinaryOperator.Subtract:
                return TemplateValue.From(a - b);
            case BinaryOperator.Multiply:
                // A product has as many bits as both factors together.
                if (a.GetBitLength() + b.GetBitLength() > LargestShift)
                    throw RuntimeErrors.Overflow(spans.Operator);
                return TemplateValue.From(a * b);
            case BinaryOperator.Divide:
                return TemplateValue.From(b.IsZero ? (double)a / 0.0 : (double)a / (double)b);
            case BinaryOperator.DivideWhole:
                return b.IsZero ? throw RuntimeErrors.DivideByZero(spans.Operator) : TemplateValue.From(BigInteger.Divide(a, b));
            case BinaryOperator.Modulo:
                return b.IsZero ? throw RuntimeErrors.DivideByZero(spans.Operator) : TemplateValue.From(BigInteger.Remainder(a, b));
            case BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight:
                if (BigInteger.Abs(b) > LargestShift || a.GetBitLength() > LargestShift)
                    throw RuntimeErrors.Overflow(spans.Operator);
                context.CountIteration(spans.Operator);
                return TemplateValue.From(op == BinaryOperator.ShiftLeft ? a << (int)b : a >> (int)b);
            case BinaryOperator.Range or BinaryOperator.RangeExclusive when IsLong(a) && IsLong(b):
                return context.CheckRange(MakeRange(op, (long)a, (long)b), spans.Operator);
            case BinaryOperator.Range or BinaryOperator.RangeExclusive:
                return BigRange(a, b, isInclusive: op == BinaryOperator.Range, context, spans.Operator);
            default:
                throw RuntimeErrors.Operator(spans.Operator, op, TemplateValue.From(a), TemplateValue.From(b));
        }
    }

    private static bool IsLong(BigInteger number) => number >= long.MinValue && number <= long.MaxValue;

    // Bounds that need a big number are rare enough to write the numbers out.
    private static TemplateValue BigRange(BigInteger first, BigInteger last, bool isInclusive, RenderContext context, TextSpan span)
    {
        var length = BigInteger.Abs(last - first) + (isInclusive ? 1 : 0);
        if (length > RenderLimits.ListItems)
            throw RuntimeErrors.ListTooLong(span);
        var items = new TemplateList();
        var step = first <= last ? 1 : -1;
        var work = 1 + (int)BigNumber.WorkOf(TemplateValue.From(first));
        for (var i = 0; i < (int)length; i++)
        {
            context.CountIteration(span, work);
            items.Add(TemplateValue.From(first + (i * step)));
        }
        return TemplateValue.From(items);
    }

    private static float Singles(BinaryOperator op, float a, float b, TemplateValue left, TemplateValue right, in OperandSpans spans) => op switch
    {
        BinaryOperator.Add => a + b,
        BinaryOperator.Subtract => a - b,
        BinaryOperator.Multiply => a * b,
        BinaryOperator.Divide => a / b,
        // Unlike a double's, the quotient is cut, and is no larger than a 32-bit number.
        BinaryOperator.DivideWhole => (int)(a / b),
        BinaryOperator.Modulo => a % b,
        BinaryOperator.ShiftLeft => a * (float)Math.Pow(2, b),
        BinaryOperator.ShiftRight => a / (float)Math.Pow(2, b),
        _ => throw RuntimeErrors.Operator(spans.Operator, op, left, right),
    };

    private static double Doubles(BinaryOperator op, double a, double b, TemplateValue left, TemplateValue right, in OperandSpans spans) => op switch
    {
        BinaryOperator.Add => a + b,
        BinaryOperator.Subtract => a - b,
        BinaryOperator.Multiply => a * b,
        BinaryOperator.Divide => a / b,
        BinaryOperator.DivideWhole => Math.Round(a / b, MidpointRounding.ToEven),
        BinaryOperator.Modulo => a % b,
        BinaryOperator.ShiftLeft => a * Math.Pow(2, b),
        BinaryOperator.ShiftRight => a / Math.Pow(2, b),
        _ => throw RuntimeErrors.Operator(spans.Operator, op, left, right),
    };

    private static TemplateValue Decimals(BinaryOperator op, TemplateValue left, TemplateValue right, in OperandSpans spans)
    {
        try
        {
            var (a, b) = (Convert.ToDecimal(left), Convert.ToDecimal(right));
            if (b == 0 && op is BinaryOperator.Divide or BinaryOperator.DivideWhole or BinaryOperator.Modulo)
                throw RuntimeErrors.DivideByZero(spans.Operator);
            return TemplateValue.From(op switch
            {
                BinaryOperator.Add => a + b,
                BinaryOperator.Subtract => a - b,
                BinaryOperator.Multiply => a * b,
                BinaryOperator.Divide => a / b,
                BinaryOperator.DivideWhole => decimal.Round(a / b),
                BinaryOperator.Modulo => a % b,
                BinaryOperator.ShiftLeft => a * (decimal)Math.Pow(2, (double)b),
                BinaryOperator.ShiftRight => a / (decimal)Math.Pow(2, (double)b),
                _ => throw RuntimeErrors.Operator(spans.Operator, op, left, right),
            });
        }
        catch (OverflowException)
        {
            throw RuntimeErrors.Overflow(spans.Operator);
        }
    }

    private static TemplateValue Times(BinaryOperator op, TemplateValue left, TemplateValue right, in OperandSpans spans)
    {
        if (left.Kind == right.Kind)
        {
            switch (op)
            {
                case BinaryOperator.Subtract:
                    return Duration((Int128)left.Bits - right.Bits, spans.Operator);
                case BinaryOperator.Add when left.IsDuration:
                    return Duration((Int128)left.Bits + right.Bits, spans.Operator);
                case BinaryOperator.Equal or BinaryOperator.NotEqual or BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual:
                    return Compared(op, left.Bits.CompareTo(right.Bits));
            }
        }
        else if (left.IsDate && right.IsDuration && op is BinaryOperator.Add or BinaryOperator.Subtract)
        {
            var ticks = (decimal)left.Bits + (op == BinaryOperator.Add ? right.Bits : -(decimal)right.Bits);
            if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
                throw RuntimeErrors.Overflow(spans.Operator);
            return TemplateValue.FromDate(new DateTime((long)ticks, DateTimeKind.Utc));
        }
        else if (op is BinaryOperator.Equal or BinaryOperator.NotEqual)
        {
            return TemplateValue.From(op == BinaryOperator.NotEqual);
        }
        throw RuntimeErrors.Operator(spans.Operator, op, left, right);
    }

    private static TemplateValue Duration(Int128 ticks, TextSpan span) =>
        ticks >= long.MinValue && ticks <= long.MaxValue ? TemplateValue.From(new TimeSpan((long)ticks)) : throw RuntimeErrors.Overflow(span);

    /// <summary>Unary <c>-</c> and <c>+</c>: of numbers only.</summary>
    public static TemplateValue Sign(bool isMinus, TemplateValue value, TextSpan span) => value.NumberKind switch
    {
        NumberKind.None => throw RuntimeErrors.UnaryOperator(span, isMinus ? "-" : "+", value),
        _ when !isMinus => value,
        NumberKind.Single => TemplateValue.FromSingle(-value.ToDouble()),
        NumberKind.Double => TemplateValue.From(-value.ToDouble()),
        NumberKind.Decimal => TemplateValue.From(-Convert.ToDecimal(value)),
        _ => TemplateValue.From(-value.ToBig()),
    };
}
