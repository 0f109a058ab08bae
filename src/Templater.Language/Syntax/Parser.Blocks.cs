using System.Collections.Immutable;

namespace Templater.Language;

internal sealed partial class Parser
{
    private StatementSyntax.If ParseIf()
    {
        var opening = Take();
        var branches = _branches.Begin();
        BlockSyntax? otherwise = null;
        _branches.Add(ParseBranch(opening.Start));
        while (IsWord(Word.Else) || IsWord(Word.When))
        {
            var word = Take();
            if (word.Word == Word.When)
            {
                _diagnostics.UnmatchedEnd(word.Span, "when");
                SkipStatement();
                ParseStatements();
            }
            else if (otherwise is not null)
            {
                _diagnostics.ElseAfterElse(word.Span);
                SkipStatement();
                ParseStatements();
            }
            else if (TryTakeWord(Word.If))
            {
                _branches.Add(ParseBranch(word.Start));
            }
            else
            {
                FinishStatement();
                otherwise = ParseBlock();
            }
        }
        MatchEnd(opening);
        return new StatementSyntax.If(From(opening.Start), _branches.Take(branches), otherwise);
    }

    private BranchSyntax ParseBranch(int start)
    {
        var condition = ParseExpression();
        FinishStatement();
        var body = ParseBlock();
        return new BranchSyntax(From(start), condition, body);
    }

    private StatementSyntax.Case ParseCase()
    {
        var opening = Take();
        var value = ParseExpression();
        FinishStatement();
        // What stands between "case" and the first "when" is dropped.
        foreach (var dropped in ParseStatements())
            if (dropped is not (StatementSyntax.Text or StatementSyntax.EnterCode or StatementSyntax.ExitCode))
                _diagnostics.Expected(dropped.Span, "\"when\"", "another statement");
        var whens = ImmutableArray.CreateBuilder<WhenSyntax>(UsualItems);
        BlockSyntax? otherwise = null;
        while (IsWord(Word.When) || IsWord(Word.Else))
        {
            var word = Take();
            if (otherwise is not null)
                _diagnostics.ElseAfterElse(word.Span);
            if (word.Word == Word.Else)
            {
                if (whens.Count == 0)
                    _diagnostics.ElseBeforeWhen(word.Span);
                FinishStatement();
                otherwise = ParseBlock();
            }
            else
            {
                whens.Add(ParseWhen(word.Start));
            }
        }
        MatchEnd(opening);
        return new StatementSyntax.Case(From(opening.Start), value, whens.DrainToImmutable(), otherwise);
    }

    private WhenSyntax ParseWhen(int start)
    {
        var values = ImmutableArray.CreateBuilder<ExpressionSyntax>(UsualItems);
        do
        {
            SkipNewLines();
            values.Add(ParseBinary(SyntaxFacts.WhenPrecedence));
        }
        while (TryTake(TokenKind.Comma) || TryTake(TokenKind.DoublePipe));
        FinishStatement();
        var body = ParseBlock();
        return new WhenSyntax(From(start), values.DrainToImmutable(), body);
    }

    private StatementSyntax.For ParseFor(bool isTable)
    {
        var opening = Take();
        var variable = ParsePostfix();
        if (!IsAssignable(variable) && variable is not ExpressionSyntax.Local)
            _diagnostics.Expected(opening.Span, $"a loop variable after \"{TextOf(opening)}\"", $"\"{_text.AsSpan(variable.Span.Start, variable.Span.Length)}\"");
        if (!TryTakeWord(Word.In))
            _diagnostics.Expected(opening.Span, $"\"in\" after the variable of \"{TextOf(opening)}\"", Describe(Current));
        _forHeaders++;
        var source = ParseExpression();
        var options = ParseLoopOptions();
        _forHeaders--;
        FinishStatement();
        _loops++;
        var body = ParseBlock();
        _loops--;
        BlockSyntax? otherwise = null;
        if (TryTakeWord(Word.Else))
        {
            FinishStatement();
            otherwise = ParseBody(opening);
        }
        else if (IsWord(Word.End))
        {
            MatchEnd(opening);
        }
        else
        {
            body = new BlockSyntax(body.Span, body.Statements.AddRange(ParseBody(opening).Statements));
        }
        return new StatementSyntax.For(From(opening.Start), variable, source, options, body, otherwise, isTable);
    }

    // Inside the head of a "for" a name ends the arguments of a variable that is called: it is an option of the loop.
    private int _forHeaders;

    private bool IsLoopOption(bool isOfVariable) => _forHeaders > 0 && Current.Kind == TokenKind.Identifier
        && (isOfVariable || (IsWord(Word.Reversed) ? Next.Kind is not TokenKind.Dot : Next.Kind == TokenKind.Colon || IsWord(Word.Limit) || IsWord(Word.Offset)));

    private LoopOptionsSyntax ParseLoopOptions()
    {
        var options = new LoopOptionsSyntax(null, null, false, null);
        while (Current.Kind == TokenKind.Identifier)
        {
            var name = Take();
            if (name.Word == Word.Reversed)
            {
                options = options with { IsReversed = true };
                continue;
            }
            var isKnown = name.Word is Word.Offset or Word.Limit or Word.Cols;
            var hasValue = TryTake(TokenKind.Colon);
            if (_isStrict && !isKnown)
                _diagnostics.UnknownLoopOption(name.Span, TextOf(name));
            else if (_isStrict && !hasValue)
                _diagnostics.Expected(Current.Span, $"a colon and a value after \"{TextOf(name)}\"", Describe(Current));
            if (!isKnown || !hasValue)
                options = options with { Wrong = options.Wrong ?? name.Span };
            if (!hasValue)
                continue;
            var value = ParseBinary(SyntaxFacts.LowestPrecedence);
            options = name.Word switch
            {
                Word.Offset => options with { Offset = value },
                Word.Limit => options with { Limit = value },
                Word.Cols => options with { Columns = value },
                _ => options,
            };
        }
        return options;
    }

    private StatementSyntax.While ParseWhile()
    {
        var opening = Take();
        var condition = ParseExpression();
        FinishStatement();
        _loops++;
        var body = ParseBody(opening);
        _loops--;
        return new StatementSyntax.While(From(opening.Start), condition, body);
    }

    private StatementSyntax.Capture ParseCapture()
    {
        var opening = Take();
        var target = ParsePostfix();
        if (!IsAssignable(target))
            _diagnostics.NotAssignable(target.Span);
        FinishStatement();
        var body = ParseBody(opening);
        return new StatementSyntax.Capture(From(opening.Start), target, body);
    }

    private StatementSyntax.With ParseWith()
    {
        var opening = Take();
        var value = ParseExpression();
        FinishStatement();
        var body = ParseBody(opening);
        return new StatementSyntax.With(From(opening.Start), value, body);
    }

    private StatementSyntax.Wrap ParseWrap()
    {
        var opening = Take();
        var target = ParseExpression();
        if (target is not (ExpressionSyntax.Variable or ExpressionSyntax.Local or ExpressionSyntax.Member or ExpressionSyntax.Index or ExpressionSyntax.Call or ExpressionSyntax.Missing))
            _diagnostics.NotDirectFunction(target.Span, _text.Substring(target.Span.Start, target.Span.Length));
        FinishStatement();
        // The block runs where the wrapping function says so; break and continue do not reach through.
        var loops = _loops;
        _loops = 0;
        var body = ParseBody(opening);
        _loops = loops;
        return new StatementSyntax.Wrap(From(opening.Start), target, body);
    }
}
