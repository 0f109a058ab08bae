namespace Templater.Language;

/// <summary>What a <see cref="TemplateValue"/> holds.</summary>
public enum ValueKind
{
    /// <summary>Nothing.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A whole or fractional number.</summary>
    Number,

    /// <summary>Text, with its <see cref="Taint"/>.</summary>
    Text,

    /// <summary>A list or a range.</summary>
    List,

    /// <summary>An object with named members.</summary>
    Object,

    /// <summary>A function.</summary>
    Function,

    /// <summary>A point in time.</summary>
    Date,

    /// <summary>A length of time.</summary>
    Duration,
}

/// <summary>How a number is stored.</summary>
internal enum NumberKind
{
    None,
    Integer,
    Big,
    Single,
    Double,
    Decimal,
}
