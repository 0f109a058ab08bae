namespace Templater.Language;

/// <summary>Where an operation stands: a mistake is shown at the operand that does not fit, or at the operator when the two do not fit each other.</summary>
internal readonly record struct OperandSpans(TextSpan Operator, TextSpan Left, TextSpan Right)
{
    /// <summary>For operations that are not written as an operator between two operands: <c>x += 1</c>, <c>math.plus</c>.</summary>
    public OperandSpans(TextSpan everywhere) : this(everywhere, everywhere, everywhere)
    {
    }
}
