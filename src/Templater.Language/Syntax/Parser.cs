using System.Runtime.CompilerServices;

namespace Templater.Language;

/// <summary>Builds the tree of a template. Never throws: what does not fit is reported and skipped, and the tree has a hole there.</summary>
internal sealed partial class Parser
{
    private readonly string _text;
    // Most lists of a template are short: room for more would be thrown away.
    private const int UsualItems = 2;

    private readonly TokenList _tokens;
    private readonly TextPool _names = new();
    private readonly Pile<StatementSyntax> _statements = new();
    private readonly Pile<ArgumentSyntax> _arguments = new();
    private readonly Pile<BranchSyntax> _branches = new();
    private readonly DiagnosticBag _diagnostics;
    private readonly int _deepest;
    private readonly bool _isStrict;
    private long _bigNumbers;
    private int _position;
    private int _depth;
    private int _loops;
    private bool _hasIndents;

    // A text may be read where little stack is left, by object.eval.
    private const int LevelsBetweenGuards = 16;

    // All big numbers of a template together take no more than 4 MB.
    private const long MostBigNumbers = 1 << 17;

    private Parser(SourceText source, TokenList tokens, DiagnosticBag diagnostics, int deepest, bool isStrict)
    {
        _isStrict = isStrict;
        _text = source.Text;
        _tokens = tokens;
        _diagnostics = diagnostics;
        _deepest = deepest;
    }

    /// <summary>Parses text with code in it.</summary>
    public static BlockSyntax ParseTemplate(SourceText source, DiagnosticBag diagnostics, RenderLimits limits, bool isStrict = true)
    {
        return Parse(source, diagnostics, limits, isStrict, Lexer.ReadTemplate);
    }

    /// <summary>Parses code without braces around it.</summary>
    public static BlockSyntax ParseScript(SourceText source, DiagnosticBag diagnostics, RenderLimits limits, bool isStrict = true)
    {
        return Parse(source, diagnostics, limits, isStrict, Lexer.ReadScript);
    }

    private static BlockSyntax Parse(SourceText source, DiagnosticBag diagnostics, RenderLimits limits, bool isStrict, Func<SourceText, DiagnosticBag, bool, TokenList> read)
    {
        if (source.Text.Length > limits.SourceCharacters)
        {
            diagnostics.TooLong(limits.SourceCharacters);
            return new BlockSyntax(default, []);
        }
        var lexing = new DiagnosticBag(source);
        using var tokens = read(source, lexing, isStrict);
        var parser = new Parser(source, tokens, diagnostics, limits.ParseDepth, isStrict);
        var begin = parser._statements.Begin();
        while (parser.Current.Kind != TokenKind.End)
        {
            foreach (var statement in parser.ParseStatements())
                parser._statements.Add(statement);
            if (parser.Current.Kind == TokenKind.End)
                break;
            // ParseStatements stopped at an end, else or when that nothing opened.
            parser.SkipUnmatched();
        }
        diagnostics.Merge(lexing);
        return new BlockSyntax(new TextSpan(0, source.Text.Length), parser._statements.Take(begin)) { HasIndents = parser._hasIndents };
    }

    // ---- tokens

    // The position never passes the last token, which is the end.
    private Token Current => _tokens[_position];

    private Token Next => _tokens[Math.Min(_position + 1, _tokens.Count - 1)];

    private int PreviousEnd => _position > 0 ? _tokens[_position - 1].End : 0;

    private string TextOf(Token token) => _names.Get(_text.AsSpan(token.Start, token.End - token.Start));

    private bool IsAdjacent => Current.Start == PreviousEnd;

    private bool IsWord(Word word) => Current.Word == word;

    private Token Take()
    {
        var token = Current;
        if (_position < _tokens.Count - 1)
            _position++;
        return token;
    }

    private bool TryTake(TokenKind kind)
    {
        if (Current.Kind != kind)
            return false;
        Take();
        return true;
    }

    private bool TryTakeWord(Word word)
    {
        if (!IsWord(word))
            return false;
        Take();
        return true;
    }

    private Token Match(TokenKind kind, string expected)
    {
        if (Current.Kind == kind)
            return Take();
        _diagnostics.Expected(Current.Span, expected, Describe(Current));
        return new Token(kind, Current.Start, Current.Start);
    }

    private void SkipNewLines()
    {
        while (Current.Kind == TokenKind.NewLine)
            Take();
    }

    private TextSpan From(int start) => TextSpan.FromBounds(start, Math.Max(start, PreviousEnd));

    private string Describe(Token token) => token.Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.NewLine => "the end of the line",
        TokenKind.RawText => "text",
        _ when token.End - token.Start > 40 => $"\"{_text.AsSpan(token.Start, 40)}...\"",
        _ => $"\"{TextOf(token)}\"",
    };

    // ---- bounds

    // Every recursive production goes through here, so that no input can exhaust the stack.
    private bool Enter()
    {
        var deepest = _deepest;
        if (++_depth % LevelsBetweenGuards == 1 && !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            deepest = _depth - 1;
        if (_depth <= deepest)
            return true;
        _diagnostics.TooDeep(Current.Span, deepest);
        _position = _tokens.Count - 1;
        return false;
    }

    private void Leave() => _depth--;

    // ---- ends of statements

    private bool AtEndOfStatement => Current.Kind is TokenKind.NewLine or TokenKind.Semicolon or TokenKind.CodeExit or TokenKind.End;

    private void FinishStatement()
    {
        if (AtEndOfStatement)
            return;
        // The lexer has said what is wrong with a bad token.
        if (Current.Kind != TokenKind.Bad)
            _diagnostics.ExpectedEndOfStatement(Current.Span, Describe(Current));
        SkipStatement();
    }

    private void SkipStatement()
    {
        while (!AtEndOfStatement)
            Take();
    }

    // An "end", "else" or "when" that nothing opened. An "end" is only known to be one too many when its statement is over: that is where the message points.
    private void SkipUnmatched()
    {
        var word = Take();
        var isEnd = word.Word == Word.End;
        if (isEnd)
            FinishStatement();
        var end = isEnd ? EndOfStatement() : word.Start + 1;
        _diagnostics.UnmatchedEnd(isEnd ? new TextSpan(end - 1, 1) : word.Span, TextOf(word));
        SkipStatement();
    }

    // Behind the line breaks and blanks, or the semicolon, that end the statement before.
    private int EndOfStatement()
    {
        var end = PreviousEnd;
        if (Current.Kind == TokenKind.Semicolon)
            end = Take().End;
        else if (Current.Kind == TokenKind.NewLine)
            for (end = Take().End; end < _text.Length && char.IsWhiteSpace(_text[end]);)
                end++;
        return end;
    }

    // Where the end of a block is missing: the last token that there is.
    private TextSpan MissingEnd => Current.Kind == TokenKind.End && _position > 0 ? _tokens[_position - 1].Span : Current.Span;

    private void ReportUnclosed(Token opening) => _diagnostics.Unclosed(MissingEnd, TextOf(opening), opening.Span);
}
