namespace Templater.Language;

internal sealed partial class Lexer
{
    // Reads code up to and including its }}. False at the end of the text.
    private bool ReadCode(bool isScript)
    {
        _open.Clear();
        while (!AtEnd)
        {
            if (!isScript && _open.Count == 0 && ReadExit())
                return true;
            ReadToken(isScript);
        }
        return false;
    }

    private bool ReadExit()
    {
        var start = _position;
        var sign = Current is '-' or '~' ? 1 : 0;
        if (Peek(sign) != '}' || Peek(sign + 1) != '}')
            return false;
        _lastExit = sign == 0 ? Strip.None : Current == '-' ? Strip.Greedy : Strip.Line;
        _position += sign + 2;
        Add(TokenKind.CodeExit, start);
        return true;
    }

    private void ReadToken(bool isScript)
    {
        var c = Current;
        switch (c)
        {
            case '\n':
                ReadOne(TokenKind.NewLine);
                break;
            case '\r':
                _position += Peek(1) == '\n' ? 2 : 1;
                Add(TokenKind.NewLine, _position - 1);
                break;
            case ' ' or '\t':
                _position++;
                break;
            case '#':
                ReadComment(isScript);
                break;
            case '"' or '\'':
                ReadString(c);
                break;
            case '`':
                ReadVerbatim();
                break;
            case '$' when Peek(1) is '"' or '\'':
                ReadInterpolated(TokenKind.InterpolatedBegin, _position, _position + 2, Peek(1));
                break;
            case '$':
                ReadLocalName();
                break;
            case '{':
                _open.Push(new OpenBrace(_position, '\0'));
                ReadOne(TokenKind.OpenBrace);
                break;
            case '}':
                ReadCloseBrace();
                break;
            case >= '0' and <= '9':
                ReadNumber();
                break;
            default:
                ReadOther(c);
                break;
        }
    }

    private void ReadOther(char c)
    {
        if (c == '_' || char.IsLetter(c))
        {
            var start = _position;
            SkipIdentifier();
            _tokens.Add(new Token(TokenKind.Identifier, start, _position, SyntaxFacts.WordOf(_text.AsSpan(start, _position - start))));
        }
        else if (char.IsWhiteSpace(c))
        {
            _position++;
        }
        else
        {
            ReadOperator();
        }
    }

    private void SkipIdentifier()
    {
        var at = _position;
        while (at < _text.Length && IsNamePart(_text[at]))
            at++;
        _position = at;
    }

    private void ReadOne(TokenKind kind)
    {
        _position++;
        Add(kind, _position - 1);
    }

    private void ReadCloseBrace()
    {
        // The first } ends what is interpolated: no object has a place there.
        var isInterpolated = _open.Any(b => b.Quote != '\0');
        while (_open.TryPop(out var brace))
        {
            if (brace.Quote != '\0')
            {
                ReadInterpolated(TokenKind.InterpolatedMiddle, _position, _position + 1, brace.Quote);
                return;
            }
            if (!isInterpolated)
                break;
        }
        ReadOne(TokenKind.CloseBrace);
    }

    private void ReadLocalName()
    {
        var start = _position++;
        if (Current == '$')
            _position++;
        else
            SkipIdentifier();
        Add(TokenKind.LocalName, start);
    }

    // "# …" ends at the line's end, "## … ##" goes over lines; both end before }} as well.
    private void ReadComment(bool isScript)
    {
        var isMulti = Peek(1) == '#';
        _position += isMulti ? 2 : 1;
        while (!AtEnd)
        {
            if (!isScript && (Current == '}' && Peek(1) == '}' || Current is '-' or '~' && Peek(1) == '}' && Peek(2) == '}'))
                return;
            if (isMulti && Current == '#' && Peek(1) == '#')
            {
                _position += 2;
                return;
            }
            if (!isMulti && Current is '\n' or '\r')
                return;
            _position++;
        }
    }

    private void ReadString(char quote)
    {
        var start = _position++;
        while (!AtEnd && Current != quote)
            _position += Current == '\\' ? 2 : 1;
        FinishString(TokenKind.String, start);
    }

    private void FinishString(TokenKind kind, int start)
    {
        if (AtEnd)
        {
            // All the rest may be meant to be code: the mistake shows at the very end, and the message says where the string begins.
            _position = _text.Length;
            _diagnostics.UnterminatedString(new TextSpan(_text.Length - 1, 1), start);
            Add(TokenKind.Bad, _text.Length - 1);
            return;
        }
        _position++;
        Add(kind, start);
    }

    private void ReadVerbatim()
    {
        var start = _position++;
        while (!AtEnd && (Current != '`' || Peek(1) == '`'))
            _position += Current == '`' ? 2 : 1;
        FinishString(TokenKind.VerbatimString, start);
    }

    // Reads the text part of an interpolated string, from after its opening quote or a closing brace.
    private void ReadInterpolated(TokenKind kind, int start, int from, char quote)
    {
        _position = from;
        while (!AtEnd && Current != quote && Current != '{')
            _position += Current == '\\' ? 2 : 1;
        var isFirst = kind == TokenKind.InterpolatedBegin;
        if (!AtEnd && Current == '{')
        {
            _open.Push(new OpenBrace(_position, quote));
            _position++;
            Add(kind, start);
            return;
        }
        FinishString(isFirst ? TokenKind.InterpolatedWhole : TokenKind.InterpolatedEnd, start);
    }

    private void ReadNumber()
    {
        var start = _position;
        if (Current == '0' && Peek(1) is 'x' or 'X' && char.IsAsciiHexDigit(PeekAfterUnderscores(2)))
        {
            _position += 2;
            while (char.IsAsciiHexDigit(Current) || Current == '_')
                _position++;
            if (Current is 'u' or 'U')
                _position++;
            Add(TokenKind.HexInteger, start);
            return;
        }
        if (Current == '0' && Peek(1) is 'b' or 'B' && PeekAfterUnderscores(2) is '0' or '1')
        {
            ReadBinaryNumber(start);
            return;
        }
        if (Current == '0' && Peek(1) is 'x' or 'X' or 'b' or 'B')
        {
            _position += 2;
            AddBrokenNumber(start, start);
            return;
        }
        var isFloat = false;
        SkipDigits();
        if (Current == '.' && Peek(1) != '.' && !IsMemberAfterDot())
        {
            isFloat = true;
            _position++;
            SkipDigits();
        }
        if (Current is 'e' or 'E')
        {
            var isWhole = IsExponent(_position);
            _position += Peek(1) is '+' or '-' ? 2 : 1;
            if (!isWhole)
            {
                AddBrokenNumber(start, _position);
                return;
            }
            SkipDigits();
        }
        if (Current is 'f' or 'F' or 'd' or 'D' or 'm' or 'M' && !IsNamePart(Peek(1)))
        {
            isFloat = true;
            _position++;
        }
        Add(isFloat ? TokenKind.Float : TokenKind.Integer, start);
    }

    private void AddBrokenNumber(int start, int at)
    {
        _diagnostics.IncompleteNumber(TextSpan.FromBounds(at, Math.Max(at + 1, _position)), _text[start.._position]);
        Add(TokenKind.Bad, start);
    }

    private void ReadBinaryNumber(int start)
    {
        _position += 2;
        while (Current is '0' or '1' or '_')
            _position++;
        if (Current == '.' && Peek(1) is '0' or '1')
        {
            _position++;
            while (Current is '0' or '1' or '_')
                _position++;
        }
        if (Current is 'u' or 'U' or 'f' or 'F' or 'd' or 'D')
            _position++;
        Add(TokenKind.BinaryInteger, start);
    }

    private char PeekAfterUnderscores(int offset)
    {
        while (Peek(offset) == '_')
            offset++;
        return Peek(offset);
    }

    // 1.size is a member; 1.f and 1.e2 are numbers.
    private bool IsMemberAfterDot()
    {
        return IsNameStart(Peek(1)) && !IsExponent(_position + 1) && !(Peek(1) is 'f' or 'F' or 'd' or 'D' or 'm' or 'M' && !IsNamePart(Peek(2)));
    }

    private bool IsExponent(int at)
    {
        var ahead = at - _position;
        return Peek(ahead) is 'e' or 'E' && (char.IsAsciiDigit(Peek(ahead + 1)) || (Peek(ahead + 1) is '+' or '-' && char.IsAsciiDigit(Peek(ahead + 2))));
    }

    private static bool IsNameStart(char c) => c == '_' || char.IsLetter(c);

    private static bool IsNamePart(char c) => c == '_' || char.IsLetterOrDigit(c);

    private void SkipDigits()
    {
        while (char.IsAsciiDigit(Current) || Current == '_')
            _position++;
    }
}
