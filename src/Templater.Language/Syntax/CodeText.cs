using System.Text;

namespace Templater.Language;

/// <summary>Code as text.</summary>
internal static class CodeText
{
    /// <summary>Code as it was written, but without blanks around operators.</summary>
    public static string WithTightOperators(string code)
    {
        var source = new SourceText("", code);
        using var tokens = Lexer.ReadScript(source, new DiagnosticBag(source));
        var result = new StringBuilder(code.Length);
        var (end, isTight) = (0, true);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            var isOperator = SyntaxFacts.Binary(token.Kind).Precedence > 0;
            if (!isOperator && !isTight && token.Start > end)
                result.Append(code, end, token.Start - end);
            result.Append(code, token.Start, token.End - token.Start);
            (end, isTight) = (token.End, isOperator);
        }
        return result.ToString();
    }
}
