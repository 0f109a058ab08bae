using System.Globalization;
using System.Numerics;

namespace Templater.Language;

/// <summary>Conversions between values.</summary>
internal static class Convert
{
    /// <summary>A whole number from a number (rounded half to even), a boolean or a text of digits.</summary>
    public static bool TryToInteger(TemplateValue value, out long number)
    {
        number = 0;
        switch (value.Kind)
        {
            case ValueKind.Boolean:
                number = value.Bits;
                return true;
            case ValueKind.Number when value.IsInteger:
                number = value.Bits;
                return true;
            case ValueKind.Number when value.NumberKind == NumberKind.Big:
                return false;
            case ValueKind.Number:
                var rounded = Math.Round(value.ToDouble(), MidpointRounding.ToEven);
                if (!(Math.Abs(rounded) < 9.2e18))
                    return false;
                number = (long)rounded;
                return true;
            case ValueKind.Text:
                return long.TryParse(value.AsText(), NumberStyles.Integer, CultureInfo.InvariantCulture, out number);
            default:
                return false;
        }
    }

    public static long ToInteger(TemplateValue value, FunctionCall call, int index)
    {
        if (value.IsNull)
            return 0;
        return TryToInteger(value, out var number) ? number : throw call.Wrong(index, "a whole number");
    }

    public static int ToInt32(TemplateValue value, FunctionCall call, int index)
    {
        var number = ToInteger(value, call, index);
        return number is >= int.MinValue and <= int.MaxValue ? (int)number : throw call.Wrong(index, "a number between -2147483648 and 2147483647");
    }

    /// <summary>An argument of which the function takes a double, whatever number it is: nothing is 0, and a truth is 0 or 1.</summary>
    public static double ToDouble(FunctionCall call, int index)
    {
        var value = call[index];
        if (value.IsNull)
            return 0;
        return value.IsNumber || value.Kind == ValueKind.Boolean ? value.ToDouble() : throw call.Wrong(index, "a number");
    }

    public static BigInteger ToBig(TemplateValue value) => value.ToBig();

    public static decimal ToDecimal(TemplateValue value) => value.Reference is DecimalNumber number ? number.Value : value.NumberKind switch
    {
        NumberKind.Integer => value.Bits,
        NumberKind.Big => (decimal)value.ToBig(),
        _ => (decimal)value.ToDouble(),
    };
}
