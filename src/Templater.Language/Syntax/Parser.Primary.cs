using System.Collections.Immutable;

namespace Templater.Language;

internal sealed partial class Parser
{
    private ExpressionSyntax ParsePrimary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                return ParseName();
            case TokenKind.LocalName:
                Take();
                return new ExpressionSyntax.Local(token.Span, TextOf(token));
            case TokenKind.Integer or TokenKind.HexInteger or TokenKind.BinaryInteger or TokenKind.Float:
                Take();
                return new ExpressionSyntax.Literal(token.Span, ParseNumber(token));
            case TokenKind.String:
                Take();
                return Text(token.Span, Literals.Unescape(_text, token, token.Start + 1, token.End - 1, isInterpolated: false, _diagnostics));
            case TokenKind.VerbatimString:
                Take();
                return Text(token.Span, _text[(token.Start + 1)..(token.End - 1)].Replace("``", "`", StringComparison.Ordinal));
            case TokenKind.InterpolatedWhole or TokenKind.InterpolatedBegin:
                return ParseInterpolation();
            case TokenKind.OpenParenthesis:
                return ParseGroup();
            case TokenKind.OpenBracket:
                return ParseList();
            case TokenKind.OpenBrace:
                return ParseObject();
            case TokenKind.Bad:
                // The lexer has said what is wrong with it.
                Take();
                return new ExpressionSyntax.Missing(token.Span);
            default:
                _diagnostics.Expected(token.Span, "an expression", Describe(token));
                return new ExpressionSyntax.Missing(token.Span);
        }
    }

    private static ExpressionSyntax.Literal Text(TextSpan span, string text) => new(span, TemplateValue.FromText(text));

    private TemplateValue ParseNumber(Token token)
    {
        if (token.End - token.Start > RenderLimits.NumberDigits || _bigNumbers > MostBigNumbers)
        {
            _diagnostics.NumberTooLong(token.Span);
            return TemplateValue.Null;
        }
        if (Literals.TryParseNumber(TextOf(token), token.Kind, out var value))
        {
            // 1e10000 is short to write and long to keep.
            _bigNumbers += BigNumber.WorkOf(value);
            return value;
        }
        _diagnostics.BadNumber(token.Span, TextOf(token));
        return TemplateValue.Null;
    }

    private ExpressionSyntax ParseName()
    {
        var token = Take();
        switch (token.Word)
        {
            case Word.True:
                return new ExpressionSyntax.Literal(token.Span, TemplateValue.True);
            case Word.False:
                return new ExpressionSyntax.Literal(token.Span, TemplateValue.False);
            case Word.Null:
                return new ExpressionSyntax.Literal(token.Span, TemplateValue.Null);
            case Word.This:
                return new ExpressionSyntax.This(token.Span);
            case Word.Do:
                return ParseAnonymousFunction(token);
            case Word.For or Word.While or Word.TableRow:
                return ParseLoopName(token, TextOf(token));
            default:
                return new ExpressionSyntax.Variable(token.Span, TextOf(token));
        }
    }

    // for.index: which members a loop has is known.
    private ExpressionSyntax.Variable ParseLoopName(Token token, string name)
    {
        if (Current.Kind is TokenKind.Dot or TokenKind.QuestionDot && Next.Kind == TokenKind.Identifier && SyntaxFacts.LoopMembers(name) is { } known && !known.Contains(TextOf(Next)))
            _diagnostics.LoopMember(token.Span, name, TextOf(Next), known);
        return new ExpressionSyntax.Variable(token.Span, name);
    }

    private ExpressionSyntax.AnonymousFunction ParseAnonymousFunction(Token opening)
    {
        var parameters = IsAdjacent ? ParseParameters(opening) : null;
        FinishStatement();
        var body = ParseFunctionBody(opening);
        var span = From(opening.Start);
        return new ExpressionSyntax.AnonymousFunction(span, new FunctionSyntax(span, "do", parameters, body) { IsAnonymous = true });
    }

    private ExpressionSyntax.Group ParseGroup()
    {
        var start = Take().Start;
        var inner = ParseNested();
        Match(TokenKind.CloseParenthesis, "\")\"");
        return new ExpressionSyntax.Group(From(start), inner);
    }

    private ExpressionSyntax.List ParseList()
    {
        var start = Take().Start;
        var items = ImmutableArray.CreateBuilder<ExpressionSyntax>(UsualItems);
        SkipNewLines();
        while (Current.Kind is not (TokenKind.CloseBracket or TokenKind.End or TokenKind.CodeExit))
        {
            var before = _position;
            SkipValueName();
            items.Add(ParseNested());
            // A line break separates items as a comma does.
            var isNewLine = Current.Kind == TokenKind.NewLine;
            SkipNewLines();
            if (_position == before || !(TryTake(TokenKind.Comma) || (isNewLine && SyntaxFacts.StartsArgument(Current.Kind))))
                break;
            SkipNewLines();
        }
        Match(TokenKind.CloseBracket, "\"]\"");
        return new ExpressionSyntax.List(From(start), items.DrainToImmutable());
    }

    private ExpressionSyntax.Object ParseObject()
    {
        var start = Take().Start;
        var members = ImmutableArray.CreateBuilder<ObjectMemberSyntax>(UsualItems);
        SkipNewLines();
        while (Current.Kind is not (TokenKind.CloseBrace or TokenKind.End or TokenKind.CodeExit))
        {
            if (ParseObjectMember() is not { } member)
                break;
            members.Add(member);
            SkipNewLines();
            if (!TryTake(TokenKind.Comma))
                break;
            SkipNewLines();
        }
        Match(TokenKind.CloseBrace, "\"}\"");
        return new ExpressionSyntax.Object(From(start), members.DrainToImmutable());
    }

    private ObjectMemberSyntax? ParseObjectMember()
    {
        var token = Current;
        string name;
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                name = TextOf(Take());
                break;
            case TokenKind.String:
                Take();
                name = Literals.Unescape(_text, token, token.Start + 1, token.End - 1, isInterpolated: false, _diagnostics);
                break;
            default:
                _diagnostics.Expected(token.Span, "a member's name", Describe(token));
                return null;
        }
        SkipNewLines();
        if (Match(TokenKind.Colon, "\":\"") is { Start: var at, End: var end } && at == end)
            return null;
        SkipNewLines();
        var value = ParseNested();
        return new ObjectMemberSyntax(From(token.Start), name, value);
    }

    private ExpressionSyntax.Interpolation ParseInterpolation()
    {
        var parts = ImmutableArray.CreateBuilder<ExpressionSyntax>(UsualItems);
        var first = Take();
        // $"…{ or $"…"
        AddInterpolatedText(parts, first, first.Start + 2);
        var token = first;
        while (token.Kind is TokenKind.InterpolatedBegin or TokenKind.InterpolatedMiddle)
        {
            parts.Add(ParseNested());
            if (Current.Kind is not (TokenKind.InterpolatedMiddle or TokenKind.InterpolatedEnd))
            {
                if (Current.Kind != TokenKind.Bad)
                    _diagnostics.Expected(Current.Span, "\"}\" in the interpolated string", Describe(Current));
                break;
            }
            token = Take();
            AddInterpolatedText(parts, token, token.Start + 1);
        }
        return new ExpressionSyntax.Interpolation(From(first.Start), parts.DrainToImmutable());
    }

    private void AddInterpolatedText(ImmutableArray<ExpressionSyntax>.Builder parts, Token token, int from)
    {
        if (token.End - 1 > from)
            parts.Add(Text(TextSpan.FromBounds(from, token.End - 1), Literals.Unescape(_text, token, from, token.End - 1, isInterpolated: true, _diagnostics)));
    }
}
