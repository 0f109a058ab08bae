namespace Templater.Language;

/// <summary>Cuts a source text into tokens. Never throws: what it cannot read it reports and skips.</summary>
/// <remarks>Three states: text that is copied, code between {{ and }}, and escape blocks {%{ … }%} that are copied whatever they hold.</remarks>
internal sealed partial class Lexer
{
    // Text and blanks included, in templates that are mostly code.
    private const int UsualTokenLength = 4;

    private readonly string _text;
    private readonly DiagnosticBag _diagnostics;
    private readonly TokenList _tokens;
    private readonly Stack<OpenBrace> _open = new();
    private readonly bool _isStrict;
    private int _position;

    // Quote: the interpolated string that a brace inside it returns to, or '\0' for a plain brace.
    private readonly record struct OpenBrace(int Start, char Quote);

    private Lexer(SourceText source, TokenList tokens, DiagnosticBag diagnostics, bool isStrict)
    {
        _text = source.Text;
        _diagnostics = diagnostics;
        _tokens = tokens;
        _isStrict = isStrict;
    }

    /// <summary>The tokens of a template.</summary>
    public static TokenList ReadTemplate(SourceText source, DiagnosticBag diagnostics, bool isStrict = true)
    {
        var lexer = new Lexer(source, new TokenList(source.Text.Length / UsualTokenLength), diagnostics, isStrict);
        lexer.ReadText(stripLeft: Strip.None);
        lexer.Add(TokenKind.End, lexer._text.Length);
        return lexer._tokens;
    }

    /// <summary>The tokens of a script: code without braces around it.</summary>
    public static TokenList ReadScript(SourceText source, DiagnosticBag diagnostics, bool isStrict = true)
    {
        var lexer = new Lexer(source, new TokenList(source.Text.Length / UsualTokenLength), diagnostics, isStrict);
        lexer._tokens.Add(new Token(TokenKind.CodeEnter, 0, 0));
        lexer.ReadCode(isScript: true);
        lexer.Add(TokenKind.End, lexer._text.Length);
        return lexer._tokens;
    }

    private enum Strip
    {
        None,
        Greedy,
        Line,
    }

    private char Current => Peek(0);

    private char Peek(int offset) => _position + offset < _text.Length ? _text[_position + offset] : '\0';

    private bool AtEnd => _position >= _text.Length;

    private void Add(TokenKind kind, int start) => _tokens.Add(new Token(kind, start, _position));

    // ---- text

    private void ReadText(Strip stripLeft)
    {
        while (true)
        {
            var start = StripStart(_position, stripLeft);
            var tag = FindTag(_position, out var percents);
            if (tag < 0)
            {
                AddRaw(start, _text.Length);
                _position = _text.Length;
                return;
            }
            // "{{" is two characters, "{%%{" is two braces and its percent signs.
            _position = tag + 2 + percents;
            var stripRight = ReadStrip();
            AddRaw(start, StripEnd(Math.Min(start, tag), tag, stripRight));
            if (percents > 0)
            {
                stripLeft = ReadEscapeBlock(tag, percents);
                continue;
            }
            _tokens.Add(new Token(TokenKind.CodeEnter, tag, _position));
            if (!ReadCode(isScript: false))
                return;
            stripLeft = _lastExit;
        }
    }

    private Strip _lastExit;

    // Position of the next {{ or {%{, with the number of percent signs: 0 for code.
    private int FindTag(int from, out int percents)
    {
        percents = 0;
        while (true)
        {
            var brace = _text.IndexOf('{', from);
            if (brace < 0 || brace + 1 >= _text.Length)
                return -1;
            if (_text[brace + 1] == '{')
                return brace;
            var end = brace + 1;
            while (end < _text.Length && _text[end] == '%')
                end++;
            if (end > brace + 1 && end < _text.Length && _text[end] == '{')
            {
                percents = end - brace - 1;
                return brace;
            }
            from = brace + 1;
        }
    }

    private Strip ReadStrip()
    {
        // "{{-1}}" strips too: the sign belongs to the tag, as everywhere in the language.
        if (Current == '-')
        {
            _position++;
            return Strip.Greedy;
        }
        if (Current == '~')
        {
            _position++;
            return Strip.Line;
        }
        return Strip.None;
    }

    private Strip ReadEscapeBlock(int tag, int percents)
    {
        var closing = "}" + new string('%', percents) + "}";
        // _position is after "{%…%{" and its strip sign.
        var end = _text.IndexOf(closing, _position, StringComparison.Ordinal);
        if (end < 0)
        {
            // The language takes all the rest; that nobody wants that is a mistake only where mistakes are looked for.
            if (_isStrict)
                _diagnostics.UnterminatedEscapeBlock(TextSpan.FromBounds(tag, _position), closing);
            AddRaw(_position, _text.Length);
            _position = _text.Length;
            return Strip.None;
        }
        var strip = Strip.None;
        var contentEnd = end;
        if (end > _position && _text[end - 1] is '-' or '~')
        {
            strip = _text[end - 1] == '-' ? Strip.Greedy : Strip.Line;
            contentEnd--;
        }
        AddRaw(_position, contentEnd);
        _position = end + closing.Length;
        return strip;
    }

    private void AddRaw(int start, int end)
    {
        if (end > start)
            _tokens.Add(new Token(TokenKind.RawText, start, end));
    }

    private int StripStart(int start, Strip strip)
    {
        var at = start;
        if (strip == Strip.Greedy)
        {
            while (at < _text.Length && char.IsWhiteSpace(_text[at]))
                at++;
        }
        else if (strip == Strip.Line)
        {
            while (at < _text.Length && _text[at] != '\n' && char.IsWhiteSpace(_text[at]))
                at++;
            if (at < _text.Length && _text[at] == '\n')
                at++;
        }
        return at;
    }

    private int StripEnd(int start, int end, Strip strip)
    {
        var at = end;
        while (strip != Strip.None && at > start && char.IsWhiteSpace(_text[at - 1]) && (strip == Strip.Greedy || _text[at - 1] != '\n'))
            at--;
        return at;
    }
}
