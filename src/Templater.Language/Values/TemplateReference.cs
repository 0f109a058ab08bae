using System.Numerics;

namespace Templater.Language;

/// <summary>Base of everything a <see cref="TemplateValue"/> refers to but texts. Closed: only the language derives from it.</summary>
public abstract class TemplateReference
{
    private protected TemplateReference(ValueKind kind)
    {
        Kind = kind;
    }

    /// <summary>What it is.</summary>
    public ValueKind Kind { get; }
}

/// <summary>Marks the values that live in the bits beside the reference.</summary>
internal sealed class ScalarTag : TemplateReference
{
    public static readonly ScalarTag Boolean = new(ValueKind.Boolean, NumberKind.None);
    public static readonly ScalarTag Integer = new(ValueKind.Number, NumberKind.Integer);
    public static readonly ScalarTag Double = new(ValueKind.Number, NumberKind.Double);
    public static readonly ScalarTag Single = new(ValueKind.Number, NumberKind.Single);
    public static readonly ScalarTag Date = new(ValueKind.Date, NumberKind.None);
    public static readonly ScalarTag Duration = new(ValueKind.Duration, NumberKind.None);

    private ScalarTag(ValueKind kind, NumberKind number) : base(kind)
    {
        Number = number;
    }

    public NumberKind Number { get; }
}

/// <summary>A number too big for the bits beside the reference.</summary>
internal sealed class BigNumber(BigInteger value) : TemplateReference(ValueKind.Number)
{
    private const int BitsPerWork = 256;

    public BigInteger Value { get; } = value;

    /// <summary>About how much work it is to calculate with a number or to print it; nothing for all but big ones.</summary>
    public static long WorkOf(TemplateValue value) => value.Reference is BigNumber big ? big.Value.GetBitLength() / BitsPerWork : 0;
}

/// <summary>A decimal number.</summary>
internal sealed class DecimalNumber(decimal value) : TemplateReference(ValueKind.Number)
{
    public decimal Value { get; } = value;
}
