using System.Globalization;
using System.Text;

namespace Templater.Pipeline.Routing.Dialects.NginxProxy;

/// <summary>A place in a document, and what is wrong with it.</summary>
internal sealed class YamlCursor(string text)
{
    private int _at;
    private int _lineStart;
    private int _line = 1;

    /// <summary>The first thing that is wrong; null when nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>True behind the last character.</summary>
    public bool IsAtEnd => _at >= text.Length;

    /// <summary>Characters in front of it on its line.</summary>
    public int Column => _at - _lineStart;

    /// <summary>The character at this place; a line break at the end.</summary>
    public char Current => At(0);

    /// <summary>True at the end of a line, and at a comment.</summary>
    public bool IsLineEnd => Current is '\n' or '\r' || (Current == '#' && (_at == 0 || text[_at - 1] is ' ' or '\t' or '\n'));

    /// <summary>True when the text goes on like this.</summary>
    public bool StartsWith(string word) => string.CompareOrdinal(text, _at, word, 0, word.Length) == 0;

    /// <summary>True when white space or the end comes some characters later.</summary>
    public bool IsBlankAt(int offset) => At(offset) is ' ' or '\t' or '\n' or '\r';

    /// <summary>True at a colon that ends a key: behind a plain one with white space after it.</summary>
    public bool IsColon(bool isQuoted, bool isFlow)
    {
        if (!isFlow)
            SkipSpaces();
        return Current == ':' && (IsBlankAt(1) || (isFlow && (isQuoted || At(1) is ',' or '}' or '{')));
    }

    /// <summary>Goes on by some characters of the same line.</summary>
    public void Advance(int count) => _at = Math.Min(text.Length, _at + count);

    /// <summary>Goes on to what is no space.</summary>
    public void SkipSpaces()
    {
        while (Current is ' ' or '\t')
            _at++;
    }

    /// <summary>Goes on to the next content, over comments and line breaks.</summary>
    /// <param name="isFlow">True within braces, where indentation means nothing.</param>
    /// <returns>False when something is wrong on the way.</returns>
    public bool ToContent(bool isFlow = false)
    {
        while (Problem is null && !IsAtEnd)
        {
            SkipSpaces();
            if (Current == '#' && IsLineEnd)
                _at = text.IndexOf('\n', _at) is var end and >= 0 ? end : text.Length;
            if (IsAtEnd)
                break;
            if (Current == '\n')
                (_line, _lineStart) = (_line + 1, _at + 1);
            else if (Current != '\r' || At(1) != '\n')
                break;
            _at++;
        }

        if (!isFlow && !IsAtEnd && text.AsSpan(_lineStart, Column).Contains('\t') && text.AsSpan(_lineStart, Column).IsWhiteSpace())
            Fail("lines are indented by spaces, not by tabs");
        return Problem is null;
    }

    /// <summary>A text on one line.</summary>
    /// <param name="isFlow">True within braces.</param>
    public YamlNode? Scalar(bool isFlow) => Current switch
    {
        '"' => DoubleQuoted(),
        '\'' => SingleQuoted(),
        '[' => Fail("a list is not understood here"),
        '-' or '?' when IsBlankAt(1) => Fail("a list or a key with a question mark is not understood here"),
        '&' or '*' or '!' or '|' or '>' or '%' or '@' or '`' or ',' or ']' or '{' or '}' or '#' =>
            Fail($"a text that begins with {Current} must stand in quotes"),
        ':' when IsBlankAt(1) => Fail("a key was expected in front of the colon"),
        _ => Plain(isFlow),
    };

    private YamlNode? Plain(bool isFlow)
    {
        var start = _at;
        while (!IsPlainEnd(isFlow))
            _at++;
        var scalar = text[start.._at].TrimEnd(' ', '\t');
        return scalar.Length > 0 ? new YamlNode { Text = scalar } : Fail("a text was expected");
    }

    private bool IsPlainEnd(bool isFlow) =>
        IsLineEnd
        || (Current == ':' && (IsBlankAt(1) || (isFlow && At(1) is ',' or '[' or ']' or '{' or '}')))
        || (isFlow && Current is ',' or '[' or ']' or '{' or '}');

    private YamlNode? SingleQuoted()
    {
        var value = new StringBuilder();
        for (_at++; Current is not ('\n' or '\r'); _at++)
        {
            if (Current == '\'')
            {
                _at++;
                if (Current != '\'')
                    return new YamlNode { Text = value.ToString(), IsQuoted = true };
            }

            value.Append(Current);
        }

        return Fail("a closing quote is missing");
    }

    private YamlNode? DoubleQuoted()
    {
        var value = new StringBuilder();
        for (_at++; Current is not ('\n' or '\r'); _at++)
        {
            if (Current == '"')
            {
                _at++;
                return new YamlNode { Text = value.ToString(), IsQuoted = true };
            }

            if (Current != '\\')
                value.Append(Current);
            else if (Escape() is { } character)
                value.Append(character);
            else
                return Fail("an unknown escape stands behind a backslash");
        }

        return Fail("a closing quote is missing");
    }

    private char? Escape()
    {
        _at++;
        switch (Current)
        {
            case '\\' or '"' or '/' or ' ':
                return Current;
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'x':
                return Code(2);
            case 'u':
                return Code(4);
            default:
                return null;
        }
    }

    private char? Code(int digits)
    {
        if (_at + digits >= text.Length
            || !ushort.TryParse(text.AsSpan(_at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            return null;
        _at += digits;
        return (char)code;
    }

    /// <summary>Notes what is wrong, the first time.</summary>
    /// <param name="problem">A clause.</param>
    public YamlNode? Fail(string problem)
    {
        Problem ??= string.Create(CultureInfo.InvariantCulture, $"line {_line}: {problem}");
        return null;
    }

    private char At(int offset) => _at + offset < text.Length ? text[_at + offset] : '\n';
}
