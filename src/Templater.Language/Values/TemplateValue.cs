using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Templater.Language;

/// <summary>A value of the template language: nothing, a scalar, a text with its taint, a list, an object or a function. Immutable itself; lists and objects may not be.</summary>
/// <remarks>Two words: a reference that tells the kind, and bits. Small enough to be passed by value without boxing a number.</remarks>
[DebuggerDisplay("{ToDisplay()}")]
public readonly struct TemplateValue
{
    // Default is "unset", which behaves as null but lets slots be told apart from an assigned null.
    private const long TaintBits = 3;
    private const long UnquotedBit = 4;

    private readonly object? _reference;
    private readonly long _bits;

    internal TemplateValue(object? reference, long bits)
    {
        _reference = reference;
        _bits = bits;
    }

    /// <summary>Nothing.</summary>
    public static readonly TemplateValue Null = new(null, 1);

    /// <summary>True.</summary>
    public static readonly TemplateValue True = new(ScalarTag.Boolean, 1);

    /// <summary>False.</summary>
    public static readonly TemplateValue False = new(ScalarTag.Boolean, 0);

    internal static readonly TemplateValue EmptyText = FromText("");

    /// <summary>A truth value.</summary>
    public static TemplateValue From(bool value) => value ? True : False;

    /// <summary>A whole number.</summary>
    public static TemplateValue From(long value) => new(ScalarTag.Integer, value);

    /// <summary>A fractional number.</summary>
    public static TemplateValue From(double value) => new(ScalarTag.Double, BitConverter.DoubleToInt64Bits(value));

    /// <summary>Clean text: from the program or the template itself, never from a container.</summary>
    public static TemplateValue FromText(string value) => new(value, (long)Taint.Clean);

    /// <summary>Text from outside, tainted. Null gives <see cref="Null"/>.</summary>
    public static TemplateValue FromUntrusted(string? value) => value is null ? Null : new(value, (long)Taint.Tainted);

    /// <summary>An object.</summary>
    public static TemplateValue From(TemplateObject value) => new(value, 0);

    /// <summary>A list.</summary>
    public static TemplateValue From(TemplateList value) => new(value, 0);

    /// <summary>A function.</summary>
    public static TemplateValue From(TemplateFunction value) => new(value, 0);

    /// <summary>A point in time, in UTC.</summary>
    public static TemplateValue From(DateTimeOffset value) => FromDate(value.UtcDateTime);

    /// <summary>A length of time.</summary>
    public static TemplateValue From(TimeSpan value) => new(ScalarTag.Duration, value.Ticks);

    internal static TemplateValue FromText(string value, Taint taint) => new(value, (long)taint);

    // A character out of a text is text, but inside lists and objects it is printed without quotes.
    internal static TemplateValue FromCharacter(char value, Taint taint) => FromUnquoted(value.ToString(), taint);

    internal static TemplateValue FromUnquoted(string value, Taint taint) => new(value, (long)taint | UnquotedBit);

    internal static TemplateValue FromDate(DateTime value) => new(ScalarTag.Date, value.Ticks);

    internal static TemplateValue FromReference(TemplateReference value) => new(value, 0);

    internal static TemplateValue FromSingle(double value) => new(ScalarTag.Single, BitConverter.DoubleToInt64Bits((float)value));

    internal static TemplateValue From(decimal value) => new(new DecimalNumber(value), 0);

    // A number that fits the smaller form always has it, so that kinds depend on the value alone.
    internal static TemplateValue From(BigInteger value)
    {
        return value >= long.MinValue && value <= long.MaxValue ? From((long)value) : new TemplateValue(new BigNumber(value), 0);
    }

    /// <summary>What the value is.</summary>
    public ValueKind Kind => _reference switch
    {
        null => ValueKind.Null,
        string => ValueKind.Text,
        _ => Unsafe.As<TemplateReference>(_reference).Kind,
    };

    /// <summary>Whether it is nothing.</summary>
    public bool IsNull => _reference is null;

    /// <summary>Taint of a text; clean for everything else (members and elements have their own).</summary>
    public Taint Taint => _reference is string ? (Taint)(_bits & TaintBits) : Taint.Clean;

    /// <summary>The text, or null if it is not one.</summary>
    public string? AsText() => _reference as string;

    /// <summary>The object, or null if it is not one.</summary>
    public TemplateObject? AsObject() => Kind == ValueKind.Object ? Unsafe.As<TemplateObject>(_reference) : null;

    /// <summary>The list, or null if it is not one. Ranges are no lists.</summary>
    public TemplateList? AsList() => _reference as TemplateList;

    /// <summary>The function, or null if it is not one.</summary>
    public TemplateFunction? AsFunction() => Kind == ValueKind.Function ? Unsafe.As<TemplateFunction>(_reference) : null;

    /// <summary>The truth value, or null if it is not one.</summary>
    public bool? AsBoolean() => ReferenceEquals(_reference, ScalarTag.Boolean) ? _bits != 0 : null;

    /// <summary>The whole number, or null if it is not one or does not fit.</summary>
    public long? AsInteger() => ReferenceEquals(_reference, ScalarTag.Integer) ? _bits : null;

    /// <summary>The number as the nearest double, or null if it is not a number.</summary>
    public double? AsDouble() => NumberKind == NumberKind.None ? null : ToDouble();

    /// <summary>Whether the language takes it as true: everything but null, false and <c>empty</c>.</summary>
    public bool IsTruthy
    {
        get
        {
            if (_reference is null || ReferenceEquals(_reference, EmptyObject.Instance))
                return false;
            return !ReferenceEquals(_reference, ScalarTag.Boolean) || _bits != 0;
        }
    }

    internal bool IsUnset => _reference is null && _bits == 0;

    internal bool IsText => _reference is string;

    internal bool IsUnquoted => _reference is string && (_bits & UnquotedBit) != 0;

    internal bool IsNumber => NumberKind != NumberKind.None;

    internal bool IsInteger => ReferenceEquals(_reference, ScalarTag.Integer);

    internal bool IsDate => ReferenceEquals(_reference, ScalarTag.Date);

    internal bool IsDuration => ReferenceEquals(_reference, ScalarTag.Duration);

    internal object? Reference => _reference;

    internal long Bits => _bits;

    internal NumberKind NumberKind => _reference switch
    {
        ScalarTag tag => tag.Number,
        BigNumber => NumberKind.Big,
        DecimalNumber => NumberKind.Decimal,
        _ => NumberKind.None,
    };

    internal DateTime ToDate() => new(_bits, DateTimeKind.Utc);

    internal TimeSpan ToDuration() => new(_bits);

    internal BigInteger ToBig() => _reference is BigNumber big ? big.Value : _bits;

    internal double ToDouble() => _reference switch
    {
        BigNumber big => (double)big.Value,
        DecimalNumber number => (double)number.Value,
        ScalarTag { Number: NumberKind.Double or NumberKind.Single } => BitConverter.Int64BitsToDouble(_bits),
        _ => _bits,
    };

    internal TemplateValue WithTaint(Taint taint) => _reference is string text ? new TemplateValue(text, (long)taint | (_bits & UnquotedBit)) : this;

    /// <summary>The value as the language prints it. Not for output: it does not look at taint.</summary>
    public override string ToString() => ValueText.Of(this);

    private string ToDisplay() => $"{Kind}{(Taint == Taint.Clean ? "" : " " + Taint)}: {this}";
}
