using System.Collections.Immutable;
using System.Globalization;
using static Templater.Language.Define;

namespace Templater.Language;

/// <summary>The functions of <c>math</c>. There is no chance: the same inputs give the same bytes.</summary>
internal static class MathFunctions
{
    private static FunctionParameter ValueIn => In("value", Number);

    public static ImmutableArray<FunctionDefinition> All { get; } =
    [
        Scalar("math.abs", "The number without its sign.", Number, Abs, ValueIn),
        Scalar("math.ceil", "The next whole number up.", Number, c => OnDouble(c, Math.Ceiling), ValueIn),
        Scalar("math.floor", "The next whole number down.", Number, c => OnDouble(c, Math.Floor), ValueIn),
        Scalar("math.round", "The number rounded to that many digits, half to even.", Number, Round, ValueIn, Maybe("precision", Number)),
        Scalar("math.plus", "The sum of two numbers.", Number, c => Operate(c, BinaryOperator.Add), ValueIn, In("with", Number)),
        Scalar("math.minus", "The difference of two numbers.", Number, c => Operate(c, BinaryOperator.Subtract), ValueIn, In("with", Number)),
        Scalar("math.times", "The product of two numbers.", Number, c => Operate(c, BinaryOperator.Multiply), ValueIn, In("with", Number)),
        Scalar("math.divided_by", "The quotient; a whole one (rounded down) when the divisor is whole.", Number, DividedBy, ValueIn, In("divisor", Number)),
        Scalar("math.modulo", "The remainder.", Number, c => Operate(c, BinaryOperator.Modulo), ValueIn, In("with", Number)),
        TextOf("math.format", "The number by a .NET number format.", Format, ValueIn, In("format", Text), Maybe("culture", Text)),
        Test("math.is_number", "Whether the value is a number.", c => c[0].IsNumber, In("value", Any)),
    ];

    private static TemplateValue Abs(FunctionCall call)
    {
        return call[0].NumberKind is NumberKind.Integer or NumberKind.Big ? TemplateValue.From(System.Numerics.BigInteger.Abs(call[0].ToBig())) : OnDouble(call, Math.Abs);
    }

    private static TemplateValue OnDouble(FunctionCall call, Func<double, double> operation)
    {
        var value = call[0];
        if (value.IsNull || value.NumberKind is NumberKind.Integer or NumberKind.Big)
            return value;
        if (!value.IsNumber)
            throw call.Wrong(0, "a number");
        return value.NumberKind == NumberKind.Single ? TemplateValue.FromSingle(operation(value.ToDouble())) : TemplateValue.From(operation(value.ToDouble()));
    }

    private static TemplateValue Round(FunctionCall call)
    {
        var precision = Math.Clamp(call.Integer(1), 0, 15);
        return OnDouble(call, value => Math.Round(value, (int)precision, MidpointRounding.ToEven));
    }

    private static TemplateValue Operate(FunctionCall call, BinaryOperator op)
    {
        if (call[0].IsNull || call[1].IsNull)
            return TemplateValue.Null;
        if (!call[0].IsNumber)
            throw call.Wrong(0, "a number");
        if (!call[1].IsNumber)
            throw call.Wrong(1, "a number");
        return Operators.Apply(op, call[0], call[1], call.Context, call.Span);
    }

    private static TemplateValue DividedBy(FunctionCall call)
    {
        var result = Operate(call, BinaryOperator.Divide);
        if (result.IsNull || !call[1].IsInteger)
            return result;
        if (call[1].Bits == 0)
            throw RuntimeErrors.DivideByZero(call.Span);
        var floor = Math.Floor(result.ToDouble());
        return Math.Abs(floor) < long.MaxValue ? TemplateValue.From((long)floor) : TemplateValue.From(floor);
    }

    internal static string Format(FunctionCall call)
    {
        var value = call[0];
        if (value.IsNull)
            return "";
        IFormattable number = value.NumberKind switch
        {
            NumberKind.Integer => value.Bits,
            NumberKind.Big => value.ToBig(),
            NumberKind.Single => (float)value.ToDouble(),
            NumberKind.Double => value.ToDouble(),
            NumberKind.Decimal => Language.Convert.ToDecimal(value),
            _ => throw call.Wrong(0, "a number"),
        };
        var format = call.Text(1);
        // "D999999999" would make a text of that length.
        if (format.Length > 64 || format.Count(char.IsAsciiDigit) > 4)
            throw call.Wrong(1, "a short number format");
        try
        {
            return number.ToString(format, CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            throw call.Wrong(1, "a number format");
        }
    }
}
