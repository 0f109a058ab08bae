namespace Templater.Language;

internal sealed partial class Parser
{
    // Everything: pipes, conditionals, calls with blanks.
    private ExpressionSyntax ParseExpression()
    {
        if (!Enter())
            return new ExpressionSyntax.Missing(Current.Span);
        var start = Current.Start;
        var left = ParseBinary(SyntaxFacts.LowestPrecedence);
        if (Current.Kind == TokenKind.Question)
            left = ParseConditional(start, left);
        var levels = 0;
        while (Current.Kind is TokenKind.Pipe or TokenKind.PipeGreater)
        {
            levels++;
            if (!Enter())
                break;
            Take();
            SkipNewLines();
            var right = ParsePipeTarget();
            // x | f + 1 adds to the result: only arguments belong to the call.
            left = ContinueBinary(start, new ExpressionSyntax.Pipe(From(start), left, right), SyntaxFacts.LowestPrecedence);
            if (Current.Kind == TokenKind.Question)
                left = ParseConditional(start, left);
        }
        _depth -= levels;
        Leave();
        return left;
    }

    private ExpressionSyntax.Conditional ParseConditional(int start, ExpressionSyntax condition)
    {
        Take();
        SkipNewLines();
        var consequent = ParseExpression();
        SkipNewLines();
        Match(TokenKind.Colon, "\":\"");
        SkipNewLines();
        var alternative = ParseExpression();
        return new ExpressionSyntax.Conditional(From(start), condition, consequent, alternative);
    }

    private ExpressionSyntax ParsePipeTarget()
    {
        var start = Current.Start;
        var target = ParseArguments(start, ParseUnary(isArgument: true));
        if (Current.Kind == TokenKind.Colon)
            SkipNamedValue(target is ExpressionSyntax.Call { Arguments: [.., var last] } ? last.Value : target);
        return target;
    }

    // Behind an operator before one value, and in what follows a pipe, a colon makes a named argument of a variable, even between "?" and ":".
    private void SkipNamedValue(ExpressionSyntax name)
    {
        while (name is ExpressionSyntax.Binary binary)
            name = binary.Right;
        if (name is ExpressionSyntax.Variable or ExpressionSyntax.Local)
        {
            // There is no call that could take it: the value would be lost without a word.
            if (_isStrict)
                _diagnostics.NamedArgumentTarget(name.Span);
            Take();
            ParseExpression();
        }
        else if (name is not ExpressionSyntax.Missing)
        {
            _diagnostics.NamedArgumentTarget(name.Span);
        }
    }

    // f a b: each argument is a whole binary expression, without calls of this kind in it.
    private ExpressionSyntax ParseArguments(int start, ExpressionSyntax target)
    {
        if (!AtArgument(target) || target is ExpressionSyntax.Missing or ExpressionSyntax.AnonymousFunction or ExpressionSyntax.Local { Name: "$$" })
            return target;
        var arguments = _arguments.Begin();
        while (AtArgument(target))
            _arguments.Add(ParseArgument(isParenthesised: false));
        return new ExpressionSyntax.Call(From(start), target, _arguments.Take(arguments));
    }

    private bool AtArgument(ExpressionSyntax target) => SyntaxFacts.StartsArgument(Current.Kind) && !IsLoopOption(isOfVariable: target is not ExpressionSyntax.Member);

    private ArgumentSyntax ParseArgument(bool isParenthesised)
    {
        var start = Current.Start;
        string? name = null;
        if (Current.Kind is TokenKind.Identifier && Next.Kind == TokenKind.Colon)
        {
            name = TextOf(Take());
            Take();
            SkipNewLines();
        }
        var value = isParenthesised ? ParseExpression() : ParseBinary(SyntaxFacts.LowestPrecedence, isArgument: true);
        return new ArgumentSyntax(From(start), name, value);
    }

    private ExpressionSyntax ParseBinary(int precedence, bool isArgument = false)
    {
        if (!Enter())
            return new ExpressionSyntax.Missing(Current.Span);
        var (start, at) = (Current.Start, _position);
        var left = ParseUnary(isArgument);
        if (SyntaxFacts.IsAssignment(Current.Kind) && at != _assignableAt)
            SkipAssignment(left);
        if (!isArgument)
            left = ParseArguments(start, left);
        left = ContinueBinary(start, left, precedence, isArgument);
        Leave();
        return left;
    }

    private ExpressionSyntax ContinueBinary(int start, ExpressionSyntax left, int precedence, bool isArgument = false)
    {
        // A long chain a + b + c… is a deep tree to the left: it counts against the depth as well.
        var levels = 0;
        while (SyntaxFacts.Binary(Current.Kind) is { Precedence: > 0 } found && found.Precedence > precedence && left is not ExpressionSyntax.Missing)
        {
            levels++;
            if (!Enter())
                break;
            var op = Take();
            var right = ParseBinary(found.Precedence, isArgument);
            left = new ExpressionSyntax.Binary(From(start), left, found.Operator, op.Span, right);
        }
        _depth -= levels;
        return left;
    }

    private ExpressionSyntax ParseUnary(bool isArgument = false)
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Exclamation:
                return ParseUnary(UnaryOperator.Not, isArgument);
            case TokenKind.Minus:
                return ParseUnary(UnaryOperator.Negate, isArgument);
            case TokenKind.Plus:
                return ParseUnary(UnaryOperator.Plus, isArgument);
            case TokenKind.At:
                return ParseUnary(UnaryOperator.Alias, isArgument);
            case TokenKind.Caret:
                return ParseUnary(UnaryOperator.Spread, isArgument);
            case TokenKind.PlusPlus or TokenKind.MinusMinus:
                Take();
                var target = ParsePostfix();
                if (!IsAssignable(target))
                    _diagnostics.NotAssignable(Current.Span);
                return new ExpressionSyntax.Step(From(token.Start), target, token.Kind == TokenKind.PlusPlus, true);
            default:
                return ParsePostfix();
        }
    }

    private ExpressionSyntax.Unary ParseUnary(UnaryOperator op, bool isArgument)
    {
        var start = Take().Start;
        var operand = ParseBinary(SyntaxFacts.UnaryPrecedence, isArgument);
        if (Current.Kind == TokenKind.Colon)
            SkipNamedValue(operand);
        return new ExpressionSyntax.Unary(From(start), op, operand);
    }

    private ExpressionSyntax ParsePostfix()
    {
        var start = Current.Start;
        var value = ParsePrimary();
        // A long chain a.b.c… is a deep tree: later passes descend it.
        var levels = 0;
        while (value is not ExpressionSyntax.Missing && ParseSuffix(start, value) is { } longer)
        {
            value = longer;
            levels++;
            if (!Enter())
                break;
        }
        _depth -= levels;
        return value;
    }

    private ExpressionSyntax? ParseSuffix(int start, ExpressionSyntax value)
    {
        switch (Current.Kind)
        {
            case TokenKind.Dot or TokenKind.QuestionDot:
                return ParseMember(start, value);
            case TokenKind.OpenBracket when IsAdjacent && IsIndexable(value):
                return ParseIndex(start, value, isConditional: false);
            case TokenKind.OpenParenthesis when IsAdjacent && IsCallable(value):
                return ParseExplicitCall(start, value);
            case TokenKind.PlusPlus or TokenKind.MinusMinus when IsAssignable(value):
                var isIncrement = Take().Kind == TokenKind.PlusPlus;
                return new ExpressionSyntax.Step(From(start), value, isIncrement, false);
            default:
                return null;
        }
    }

    private static bool IsCallable(ExpressionSyntax value) => value is ExpressionSyntax.Variable or ExpressionSyntax.Local or ExpressionSyntax.Member or ExpressionSyntax.Index;

    // In Scriban "[" behind a list or an object as written begins an argument; a list has elements where mistakes are looked for.
    private bool IsIndexable(ExpressionSyntax value) => value switch
    {
        ExpressionSyntax.Object => false,
        ExpressionSyntax.List => _isStrict,
        _ => true,
    };

    private ExpressionSyntax ParseMember(int start, ExpressionSyntax target)
    {
        var isConditional = Take().Kind == TokenKind.QuestionDot;
        if (isConditional && Current.Kind == TokenKind.OpenBracket)
            return ParseIndex(start, target, isConditional: true);
        if (Current.Kind != TokenKind.Identifier)
        {
            _diagnostics.Expected(Current.Span, "a member's name", Describe(Current));
            return new ExpressionSyntax.Missing(From(start));
        }
        var token = Take();
        var name = TextOf(token);
        if (name == "empty" && Current.Kind == TokenKind.Question && IsAdjacent)
        {
            Take();
            name = "empty?";
        }
        return new ExpressionSyntax.Member(From(start), target, name, From(token.Start), isConditional);
    }

    private ExpressionSyntax.Index ParseIndex(int start, ExpressionSyntax target, bool isConditional)
    {
        Take();
        var key = ParseNested();
        Match(TokenKind.CloseBracket, "\"]\"");
        return new ExpressionSyntax.Index(From(start), target, key, isConditional);
    }

    private ExpressionSyntax.Call ParseExplicitCall(int start, ExpressionSyntax target)
    {
        Take();
        var heads = _forHeaders;
        _forHeaders = 0;
        var arguments = _arguments.Begin();
        SkipNewLines();
        while (Current.Kind is not (TokenKind.CloseParenthesis or TokenKind.End or TokenKind.CodeExit))
        {
            var before = _position;
            _arguments.Add(ParseArgument(isParenthesised: true));
            SkipNewLines();
            if (!TryTake(TokenKind.Comma) || _position == before)
                break;
            SkipNewLines();
        }
        Match(TokenKind.CloseParenthesis, "\")\"");
        _forHeaders = heads;
        return new ExpressionSyntax.Call(From(start), target, _arguments.Take(arguments));
    }

    // Inside brackets of any kind the options of a surrounding "for" mean nothing.
    private ExpressionSyntax ParseNested()
    {
        var heads = _forHeaders;
        _forHeaders = 0;
        var value = ParseExpression();
        _forHeaders = heads;
        return value;
    }
}
