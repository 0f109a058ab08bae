using System.Text.RegularExpressions;

namespace Templater.Pipeline.Routing.Names;

/// <summary>Syntax check of regular expressions from containers. They are never run here.</summary>
internal static class RegexPattern
{
    /// <summary>Longest expression, in characters.</summary>
    public const int MaxLength = 500;

    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Why the expression is not accepted; null when it is. The engine without backtracking also bounds the size of what
    /// it builds, so neither parsing nor a later match can take exponential time.
    /// </summary>
    /// <param name="expression">The expression without a leading <c>~</c>.</param>
    public static string? Complaint(string expression)
    {
        if (expression.Length == 0)
            return "the expression is empty";
        if (expression.Length > MaxLength)
            return $"the expression is longer than {MaxLength} characters";
        if (Untrusted.HasControl(expression))
            return "it contains a control character";
        try
        {
            _ = new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchTimeout);
            return null;
        }
        catch (RegexParseException exception)
        {
            return $"it is no regular expression (offset {exception.Offset})";
        }
        catch (NotSupportedException)
        {
            return "look-around, back-references, atomic groups and very large repetitions are not supported";
        }
    }
}
