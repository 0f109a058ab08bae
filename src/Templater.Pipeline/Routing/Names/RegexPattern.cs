namespace Templater.Pipeline.Routing.Names;

/// <summary>
/// Check of regular expressions from labels. What it accepts is what the quoting functions accept too, so that an expression is
/// refused here, with a message about its label, and not while a template is rendered. They are never run here.
/// </summary>
internal static class RegexPattern
{
    /// <summary>Longest expression, in characters.</summary>
    public const int MaxLength = 500;

    /// <summary>Why the expression is not accepted, as a clause; null when it is.</summary>
    /// <param name="expression">The expression without a leading <c>~</c>.</param>
    public static string? Complaint(string expression)
    {
        if (expression.Length == 0)
            return "the expression is empty";
        if (expression.Length > MaxLength)
            return $"the expression is longer than {MaxLength} characters";
        return PortableRegex.Problem(expression) is { } problem ? $"the expression {problem}" : null;
    }
}
