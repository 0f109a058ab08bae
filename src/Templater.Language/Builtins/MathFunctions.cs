using System.Collections.Immutable;
using static Templater.Language.Define;

namespace Templater.Language;

/// <summary>The functions of <c>math</c> but those of chance.</summary>
internal static class MathFunctions
{
    private static FunctionParameter ValueIn => In("value", Number);

    private static FunctionParameter AnyNumberIn => ValueIn with { IsLate = true };

    public static ImmutableArray<FunctionDefinition> All { get; } =
    [
        Scalar("math.abs", "The number without its sign.", Number, Abs, AnyNumberIn),
        Scalar("math.ceil", "The next whole number up.", Number, c => OnDouble(c, Math.Ceiling), ValueIn),
        Scalar("math.floor", "The next whole number down.", Number, c => OnDouble(c, Math.Floor), ValueIn),
        Scalar("math.round", "The number rounded to that many digits, half to even.", Number, Round, ValueIn, Maybe("precision", Number)),
        Calculation("math.plus", "The sum, as \"+\" gives it.", BinaryOperator.Add),
        Calculation("math.minus", "The difference, as \"-\" gives it.", BinaryOperator.Subtract),
        Calculation("math.times", "The product, as \"*\" gives it.", BinaryOperator.Multiply),
        Scalar("math.divided_by", "The quotient; a whole one (rounded down) when the divisor is whole.", Number, DividedBy, ValueIn, In("divisor", Number) with { IsLate = true }),
        Calculation("math.modulo", "The remainder, as \"%\" gives it.", BinaryOperator.Modulo),
        TextOf("math.format", "The number by a .NET number format.", Format, AnyNumberIn, In("format", Text), Maybe("culture", Text)),
        Test("math.is_number", "Whether the value is a number.", c => c[0].IsNumber, In("value", Any)),
    ];

    private static FunctionDefinition Calculation(string name, string documentation, BinaryOperator op) =>
        Value(name, documentation, Calculated, c => Operators.Apply(op, c[0], c[1], c.Context, c.Span), AnyNumberIn, In("with", Number) with { IsLate = true });

    // What an operator makes of texts and lists is neither a number nor clean.
    private static TemplateType Calculated(IReadOnlyList<TemplateType> arguments) =>
        arguments.All(a => a is TemplateType.Number) ? Number.OrNull() : CheckedTypes.Derived(arguments);

    private static TemplateValue Abs(FunctionCall call)
    {
        var value = call[0];
        return value.NumberKind switch
        {
            NumberKind.Integer or NumberKind.Big => TemplateValue.From(System.Numerics.BigInteger.Abs(value.ToBig())),
            NumberKind.Double => TemplateValue.From(Math.Abs(value.ToDouble())),
            NumberKind.Single => TemplateValue.FromSingle(Math.Abs(value.ToDouble())),
            NumberKind.Decimal => TemplateValue.From(Math.Abs(Language.Convert.ToDecimal(value))),
            // Scriban gives back what has no sign.
            _ => value.IsNull || value.Kind == ValueKind.Boolean || !call.Context.Options.Strict ? value : throw call.Wrong(0, "a number"),
        };
    }

    private static TemplateValue OnDouble(FunctionCall call, Func<double, double> operation) => TemplateValue.From(operation(Language.Convert.ToDouble(call, 0)));

    private static TemplateValue Round(FunctionCall call)
    {
        var value = Language.Convert.ToDouble(call, 0);
        var precision = call.Integer(1);
        if (precision is < 0 or > MostDigits)
            throw call.Error($"a number has 0 to {MostDigits} digits after the point, not {precision}");
        return TemplateValue.From(Math.Round(value, (int)precision, MidpointRounding.ToEven));
    }

    private const int MostDigits = 15;

    private static TemplateValue DividedBy(FunctionCall call)
    {
        var value = TemplateValue.From(Language.Convert.ToDouble(call, 0));
        var divisor = call[1];
        if (!divisor.IsInteger || divisor.Bits is < int.MinValue or > int.MaxValue)
            return Operators.Apply(BinaryOperator.Divide, value, divisor, call.Context, call.Span);
        var isStrict = call.Context.Options.Strict;
        if (divisor.Bits == 0 && isStrict)
            throw RuntimeErrors.DivideByZero(call.Span);
        var floor = Math.Floor(value.ToDouble() / divisor.Bits);
        // Scriban takes the nearest 32-bit number, also of the quotients by 0; who is strict wants the quotient.
        if (!isStrict)
            return TemplateValue.From((int)floor);
        return Math.Abs(floor) < long.MaxValue ? TemplateValue.From((long)floor) : TemplateValue.From(floor);
    }

    internal static string Format(FunctionCall call)
    {
        var value = call[0];
        if (value.IsNull)
            return "";
        IFormattable number = value.NumberKind switch
        {
            // Of a negative number the hexadecimal digits tell how wide it is.
            NumberKind.Integer when value.Bits is >= int.MinValue and <= int.MaxValue => (int)value.Bits,
            NumberKind.Integer => value.Bits,
            NumberKind.Big => value.ToBig(),
            NumberKind.Single => (float)value.ToDouble(),
            NumberKind.Double => value.ToDouble(),
            NumberKind.Decimal => Language.Convert.ToDecimal(value),
            _ => throw call.Error($"only a number can be formatted, not {ValueText.Describe(value)}"),
        };
        var format = call.Text(1);
        // "D999999999" would make a text of that length. In a format of more than a letter and a number a digit stands for itself alone.
        var isPrecision = format.Length > 0 && char.IsAsciiLetter(format[0]) && format.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;
        if (format.Length > (isPrecision ? 5 : 64))
            throw call.Error($"{ValueText.Describe(call[1])} is longer than a number format");
        try
        {
            return number.ToString(format, Cultures.Of(call, 2));
        }
        catch (FormatException)
        {
            throw call.Error($"{ValueText.Describe(call[1])} is no format for this number");
        }
    }
}
