using System.Collections.Immutable;

namespace Templater.Language;

internal sealed partial class Parser
{
    // Statements up to an end, else or when, which stays the current token.
    private ImmutableArray<StatementSyntax> ParseStatements()
    {
        if (!Enter())
            return [];
        var begin = _statements.Begin();
        while (Current.Kind != TokenKind.End && !AtBlockEnd)
        {
            var before = _position;
            if (ParseStatement() is { } statement)
                _statements.Add(statement);
            // No progress would loop for ever; the cause was reported.
            if (_position == before)
                Take();
        }
        Leave();
        return _statements.Take(begin);
    }

    private bool AtBlockEnd => Current.Word is Word.End or Word.Else or Word.When && Next.Kind != TokenKind.Dot;

    private BlockSyntax ParseBlock()
    {
        var start = Current.Start;
        var statements = ParseStatements();
        return new BlockSyntax(From(start), statements);
    }

    // A block that only "end" closes.
    private BlockSyntax ParseBody(Token opening)
    {
        var body = ParseBlock();
        while (Current.Kind == TokenKind.Identifier && !IsWord(Word.End))
        {
            _diagnostics.UnmatchedEnd(Current.Span, TextOf(Current));
            Take();
            SkipStatement();
            body = new BlockSyntax(body.Span, body.Statements.AddRange(ParseStatements()));
        }
        MatchEnd(opening);
        return body;
    }

    private void MatchEnd(Token opening)
    {
        if (TryTakeWord(Word.End))
            FinishStatement();
        else
            ReportUnclosed(opening);
    }

    private StatementSyntax? ParseStatement()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.RawText:
                return new StatementSyntax.Text(Take().Span);
            case TokenKind.CodeEnter:
                Take();
                return new StatementSyntax.EnterCode(token.Span, IndentBefore(token));
            case TokenKind.CodeExit:
                return new StatementSyntax.ExitCode(Take().Span);
            case TokenKind.NewLine or TokenKind.Semicolon:
                Take();
                return null;
            case TokenKind.Identifier when token.Word != Word.None && !IsMemberOfKeyword():
                return ParseKeyword(token) ?? ParseExpressionStatement();
            default:
                return ParseExpressionStatement();
        }
    }

    // for.index, while.first, tablerow.col are expressions.
    private bool IsMemberOfKeyword() => Next.Kind is TokenKind.Dot or TokenKind.QuestionDot;

    private StatementSyntax? ParseKeyword(Token token)
    {
        switch (token.Word)
        {
            case Word.If:
                return ParseIf();
            case Word.Case:
                return ParseCase();
            case Word.For:
                return ParseFor(isTable: false);
            case Word.TableRow:
                return ParseFor(isTable: true);
            case Word.While:
                return ParseWhile();
            case Word.Break or Word.Continue:
                return ParseJump();
            case Word.Ret:
                return ParseReturn();
            case Word.Func when !SyntaxFacts.IsAssignment(Next.Kind):
                return ParseFunction();
            case Word.Capture:
                return ParseCapture();
            case Word.With:
                return ParseWith();
            case Word.Import:
                return ParseImport();
            case Word.ReadOnly:
                return ParseReadOnly();
            case Word.Wrap:
                return ParseWrap();
            default:
                return null;
        }
    }

    // The blanks before {{ if nothing else is on its line and {{ strips nothing.
    private string? IndentBefore(Token enter)
    {
        if (enter.Start == enter.End || _text[enter.End - 1] != '{')
            return null;
        var start = enter.Start;
        while (start > 0 && _text[start - 1] is ' ' or '\t')
            start--;
        if (start == enter.Start || (start > 0 && _text[start - 1] != '\n'))
            return null;
        // "-}}" before has taken these blanks away.
        var isWritten = _position >= 2 && _tokens[_position - 2] is { Kind: TokenKind.RawText } raw && raw.End == enter.Start && raw.Start <= start;
        _hasIndents |= isWritten;
        return isWritten ? _text[start..enter.Start] : null;
    }

    private StatementSyntax ParseExpressionStatement()
    {
        var start = Current.Start;
        var value = ParseAssignable();
        if (value is null)
        {
            SkipStatement();
            return new StatementSyntax.Expression(From(start), new ExpressionSyntax.Missing(From(start)));
        }
        FinishStatement();
        if (value is ExpressionSyntax.Assignment { Target: ExpressionSyntax.Call { Target: ExpressionSyntax.Variable or ExpressionSyntax.Local } call, Compound: null } inline)
            return ParseInlineFunction(inline, call);
        return new StatementSyntax.Expression(From(start), value);
    }

    // f(x) = x + 1
    private StatementSyntax.FunctionDeclaration ParseInlineFunction(ExpressionSyntax.Assignment inline, ExpressionSyntax.Call call)
    {
        var parameters = ImmutableArray.CreateBuilder<ParameterSyntax>(UsualItems);
        foreach (var argument in call.Arguments)
        {
            if (argument.Value is ExpressionSyntax.Variable variable && argument.Name is null)
                parameters.Add(new ParameterSyntax(argument.Span, variable.Name, null, false));
            else
                _diagnostics.Expected(argument.Span, "a parameter's name", $"\"{_text.AsSpan(argument.Span.Start, argument.Span.Length)}\"");
        }
        var name = _text.Substring(call.Target.Span.Start, call.Target.Span.Length);
        var body = new BlockSyntax(inline.Value.Span, [new StatementSyntax.Return(inline.Value.Span, inline.Value)]);
        var function = new FunctionSyntax(inline.Span, name, parameters.DrainToImmutable(), body) { Inline = inline.Value };
        return new StatementSyntax.FunctionDeclaration(inline.Span, call.Target.Span, call.Target, function);
    }

    private StatementSyntax ParseJump()
    {
        var token = Take();
        if (_loops == 0 && _isStrict)
            _diagnostics.OutsideLoop(token.Span, TextOf(token));
        FinishStatement();
        return token.Word == Word.Break ? new StatementSyntax.Break(token.Span) : new StatementSyntax.Continue(token.Span);
    }

    private StatementSyntax.Return ParseReturn()
    {
        var start = Take().Start;
        var value = AtEndOfStatement ? null : ParseExpression();
        FinishStatement();
        return new StatementSyntax.Return(From(start), value);
    }

    private StatementSyntax.Import ParseImport()
    {
        var start = Take().Start;
        var value = ParseExpression();
        FinishStatement();
        return new StatementSyntax.Import(From(start), value);
    }

    private StatementSyntax.ReadOnly ParseReadOnly()
    {
        var opening = Take();
        if (Current.Kind is not (TokenKind.Identifier or TokenKind.LocalName))
            _diagnostics.Expected(opening.Span, "a variable after \"readonly\"", Describe(Current));
        var variable = ParsePostfix();
        if (variable is not (ExpressionSyntax.Variable or ExpressionSyntax.Local or ExpressionSyntax.Missing))
            _diagnostics.Expected(opening.Span, "a variable after \"readonly\"", $"\"{_text.AsSpan(variable.Span.Start, variable.Span.Length)}\"");
        FinishStatement();
        return new StatementSyntax.ReadOnly(From(opening.Start), variable);
    }
}
