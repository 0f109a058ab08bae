namespace Templater.Language;

/// <summary>The operators that take a value on each side.</summary>
internal enum BinaryOperator
{
    Coalesce,
    NotNullThen,
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    DivideWhole,
    Modulo,
    ShiftLeft,
    ShiftRight,
    Range,
    RangeExclusive,
}

/// <summary>The operators that take one value.</summary>
internal enum UnaryOperator
{
    Not,
    Negate,
    Plus,
    Alias,
    Spread,
}
