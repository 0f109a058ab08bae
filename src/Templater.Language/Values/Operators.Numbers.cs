using System.Numerics;

namespace Templater.Language;

internal static partial class Operators
{
    private const int LargestShift = 1_048_576;

    private static TemplateValue Scalars(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, TextSpan span)
    {
        if (left.IsDate || right.IsDate || left.IsDuration || right.IsDuration)
            return Times(op, left, right, span);
        if (left.Kind == ValueKind.Boolean || right.Kind == ValueKind.Boolean)
            return Booleans(op, left, right, context, span);
        if (left.IsNumber && right.IsNumber)
            return Numbers(op, left, right, context, span);
        if (op is BinaryOperator.Equal or BinaryOperator.NotEqual)
            return TemplateValue.From(AreEqualObjects(left, right, RenderLimits.ValueDepth) == (op == BinaryOperator.Equal));
        throw RuntimeErrors.Operator(span, op, left, right);
    }

    // Beside a boolean everything is a boolean to compare, and a number to calculate.
    private static TemplateValue Booleans(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, TextSpan span)
    {
        if (op is BinaryOperator.Equal or BinaryOperator.NotEqual && !(left.IsNumber || right.IsNumber))
            return TemplateValue.From(left.IsTruthy == right.IsTruthy == (op == BinaryOperator.Equal));
        var (a, b) = (ToNumber(left), ToNumber(right));
        return a.IsNumber && b.IsNumber ? Numbers(op, a, b, context, span) : throw RuntimeErrors.Operator(span, op, left, right);
    }

    private static TemplateValue ToNumber(TemplateValue value) => value.AsBoolean() is { } truth ? TemplateValue.From(truth ? 1 : 0) : value;

    private static TemplateValue Numbers(BinaryOperator op, TemplateValue left, TemplateValue right, RenderContext context, TextSpan span)
    {
        if (op is BinaryOperator.Equal or BinaryOperator.NotEqual or BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual)
            return CompareNumbersWith(op, left, right);
        if (left.NumberKind == NumberKind.Decimal || right.NumberKind == NumberKind.Decimal)
            return Decimals(op, left, right, span);
        if (left.NumberKind is NumberKind.Integer or NumberKind.Big && right.NumberKind is NumberKind.Integer or NumberKind.Big)
            return Integers(op, left.ToBig(), right.ToBig(), context, span);
        var isSingle = left.NumberKind != NumberKind.Double && right.NumberKind != NumberKind.Double;
        var result = Doubles(op, left.ToDouble(), right.ToDouble(), left, right, span);
        return isSingle ? TemplateValue.FromSingle(result) : TemplateValue.From(result);
    }

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

    private static TemplateValue Integers(BinaryOperator op, BigInteger a, BigInteger b, RenderContext context, TextSpan span)
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
                    throw RuntimeErrors.Overflow(span);
                return TemplateValue.From(a * b);
            case BinaryOperator.Divide:
                return TemplateValue.From(b.IsZero ? (double)a / 0.0 : (double)a / (double)b);
            case BinaryOperator.DivideWhole:
                return b.IsZero ? throw RuntimeErrors.DivideByZero(span) : TemplateValue.From(BigInteger.Divide(a, b));
            case BinaryOperator.Modulo:
                return b.IsZero ? throw RuntimeErrors.DivideByZero(span) : TemplateValue.From(BigInteger.Remainder(a, b));
            case BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight:
                if (BigInteger.Abs(b) > LargestShift || a.GetBitLength() > LargestShift)
                    throw RuntimeErrors.Overflow(span);
                context.CountIteration(span);
                return TemplateValue.From(op == BinaryOperator.ShiftLeft ? a << (int)b : a >> (int)b);
            default:
                throw RuntimeErrors.Operator(span, op, TemplateValue.From(a), TemplateValue.From(b));
        }
    }

    private static double Doubles(BinaryOperator op, double a, double b, TemplateValue left, TemplateValue right, TextSpan span) => op switch
    {
        BinaryOperator.Add => a + b,
        BinaryOperator.Subtract => a - b,
        BinaryOperator.Multiply => a * b,
        BinaryOperator.Divide => a / b,
        BinaryOperator.DivideWhole => Math.Round(a / b, MidpointRounding.ToEven),
        BinaryOperator.Modulo => a % b,
        _ => throw RuntimeErrors.Operator(span, op, left, right),
    };

    private static TemplateValue Decimals(BinaryOperator op, TemplateValue left, TemplateValue right, TextSpan span)
    {
        try
        {
            var (a, b) = (Convert.ToDecimal(left), Convert.ToDecimal(right));
            if (b == 0 && op is BinaryOperator.Divide or BinaryOperator.DivideWhole or BinaryOperator.Modulo)
                throw RuntimeErrors.DivideByZero(span);
            return TemplateValue.From(op switch
            {
                BinaryOperator.Add => a + b,
                BinaryOperator.Subtract => a - b,
                BinaryOperator.Multiply => a * b,
                BinaryOperator.Divide => a / b,
                BinaryOperator.DivideWhole => decimal.Round(a / b),
                BinaryOperator.Modulo => a % b,
                _ => throw RuntimeErrors.Operator(span, op, left, right),
            });
        }
        catch (OverflowException)
        {
            throw RuntimeErrors.Overflow(span);
        }
    }

    private static TemplateValue Times(BinaryOperator op, TemplateValue left, TemplateValue right, TextSpan span)
    {
        if (left.Kind == right.Kind)
        {
            switch (op)
            {
                case BinaryOperator.Subtract:
                    return TemplateValue.From(new TimeSpan(left.Bits - right.Bits));
                case BinaryOperator.Add when left.IsDuration:
                    return TemplateValue.From(new TimeSpan(left.Bits + right.Bits));
                case BinaryOperator.Equal or BinaryOperator.NotEqual or BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual:
                    return Compared(op, left.Bits.CompareTo(right.Bits));
            }
        }
        else if (left.IsDate && right.IsDuration && op is BinaryOperator.Add or BinaryOperator.Subtract)
        {
            var ticks = (decimal)left.Bits + (op == BinaryOperator.Add ? right.Bits : -(decimal)right.Bits);
            if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
                throw RuntimeErrors.Overflow(span);
            return TemplateValue.FromDate(new DateTime((long)ticks, DateTimeKind.Utc));
        }
        else if (op is BinaryOperator.Equal or BinaryOperator.NotEqual)
        {
            return TemplateValue.From(op == BinaryOperator.NotEqual);
        }
        throw RuntimeErrors.Operator(span, op, left, right);
    }

    /// <summary>Unary <c>-</c> and <c>+</c>.</summary>
    public static TemplateValue Sign(bool isMinus, TemplateValue value, TextSpan span)
    {
        if (value.AsBoolean() is { } truth)
            value = TemplateValue.From(truth ? 1 : 0);
        if (value.IsNull || (value.IsNumber && !isMinus))
            return value;
        return value.NumberKind switch
        {
            NumberKind.Integer or NumberKind.Big => TemplateValue.From(-value.ToBig()),
            NumberKind.Single => TemplateValue.FromSingle(-value.ToDouble()),
            NumberKind.Double => TemplateValue.From(-value.ToDouble()),
            NumberKind.Decimal => TemplateValue.From(-Convert.ToDecimal(value)),
            _ => throw RuntimeErrors.UnaryOperator(span, isMinus ? "-" : "+", value),
        };
    }
}
