using System.Collections.Immutable;

namespace Templater.Language;

internal sealed partial class Parser
{
    private StatementSyntax.FunctionDeclaration ParseFunction()
    {
        var opening = Take();
        var target = ParseFunctionName(opening);
        var parameters = ParseParameters(opening);
        FinishStatement();
        var nameSpan = target.Span;
        var body = ParseFunctionBody(opening);
        var function = new FunctionSyntax(From(opening.Start), _text.Substring(nameSpan.Start, nameSpan.Length), parameters, body);
        return new StatementSyntax.FunctionDeclaration(From(opening.Start), nameSpan, target, function);
    }

    private ExpressionSyntax ParseFunctionName(Token opening)
    {
        var name = Current;
        if (name.Kind is not (TokenKind.Identifier or TokenKind.LocalName) || TextOf(name) is "$" or "$$")
        {
            _diagnostics.Expected(opening.Span, "a name after \"func\"", Describe(name));
            return new ExpressionSyntax.Missing(opening.Span);
        }
        Take();
        return name.Kind == TokenKind.LocalName ? new ExpressionSyntax.Local(name.Span, TextOf(name)) : new ExpressionSyntax.Variable(name.Span, TextOf(name));
    }

    private BlockSyntax ParseFunctionBody(Token opening)
    {
        var loops = _loops;
        var heads = _forHeaders;
        (_loops, _forHeaders) = (0, 0);
        var body = ParseBlock();
        if (TryTakeWord(Word.End))
        {
            // After an anonymous function the argument list may go on, so no end of statement is demanded here.
        }
        else
        {
            ReportUnclosed(opening);
        }
        (_loops, _forHeaders) = (loops, heads);
        return body;
    }

    private ImmutableArray<ParameterSyntax>? ParseParameters(Token opening)
    {
        if (Current.Kind != TokenKind.OpenParenthesis)
            return null;
        Take();
        var parameters = ImmutableArray.CreateBuilder<ParameterSyntax>(UsualItems);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (Current.Kind is not (TokenKind.CloseParenthesis or TokenKind.End or TokenKind.CodeExit))
        {
            if (Current.Kind != TokenKind.Identifier)
            {
                // A value is a mistake of the declaration, anything else one of the list.
                _diagnostics.Expected(SyntaxFacts.StartsArgument(Current.Kind) ? opening.Span : Current.Span, "a parameter's name", Describe(Current));
                break;
            }
            var name = Take();
            var isRest = TryTake(TokenKind.TripleDot);
            TemplateValue? otherwise = null;
            if (!isRest && TryTake(TokenKind.Equal))
                otherwise = ParseDefault(name);
            AddParameter(parameters, names, new ParameterSyntax(From(name.Start), TextOf(name), otherwise, isRest));
            if (!TryTake(TokenKind.Comma))
                break;
        }
        Match(TokenKind.CloseParenthesis, "\")\"");
        return parameters.DrainToImmutable();
    }

    private void AddParameter(ImmutableArray<ParameterSyntax>.Builder parameters, HashSet<string> names, ParameterSyntax parameter)
    {
        if (!names.Add(parameter.Name))
            _diagnostics.DuplicateParameter(parameter.Span, parameter.Name);
        else if (parameters.Count > 0 && (parameters[^1].IsRest || (parameters[^1].Default is not null && parameter is { Default: null, IsRest: false })))
            _diagnostics.ParameterOrder(parameter.Span);
        parameters.Add(parameter);
    }

    private TemplateValue? ParseDefault(Token name)
    {
        var value = ParseBinary(SyntaxFacts.LowestPrecedence);
        switch (value)
        {
            case ExpressionSyntax.Literal literal:
                return literal.Value;
            case ExpressionSyntax.Unary { Operator: UnaryOperator.Negate, Operand: ExpressionSyntax.Literal { Value.IsInteger: true } number }:
                return TemplateValue.From(-number.Value.Bits);
            default:
                _diagnostics.DefaultNotLiteral(name.Span);
                return TemplateValue.Null;
        }
    }
}
