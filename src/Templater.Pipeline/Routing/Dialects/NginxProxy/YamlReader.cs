using System.Collections.Immutable;
using System.Globalization;

namespace Templater.Pipeline.Routing.Dialects.NginxProxy;

/// <summary>
/// Reads the part of YAML, and with it all of JSON but lists, in which people write mappings of mappings: block and flow
/// mappings, plain and quoted texts on one line, comments. Anchors, tags, lists, texts over several lines and keys that are
/// there twice are refused: nobody may find another meaning in the text than the one that is used here. Never throws.
/// </summary>
internal sealed class YamlReader
{
    private const int MaxDepth = 8;

    private readonly YamlCursor _cursor;

    private YamlReader(string text) => _cursor = new YamlCursor(text);

    /// <summary>Reads a document whose value is a mapping, or nothing.</summary>
    /// <param name="text">The document.</param>
    /// <param name="problem">What is wrong with it, as a clause with the line; null when nothing is.</param>
    /// <returns>The value; null when something is wrong.</returns>
    public static YamlNode? Read(string text, out string? problem)
    {
        var reader = new YamlReader(text);
        var node = reader.Document();
        problem = reader._cursor.Problem;
        return problem is null ? node : null;
    }

    private YamlNode? Document()
    {
        if (!_cursor.ToContent())
            return null;
        if (_cursor.Column == 0 && _cursor.StartsWith("---") && _cursor.IsBlankAt(3))
        {
            _cursor.Advance(3);
            if (!_cursor.ToContent())
                return null;
        }

        if (_cursor.IsAtEnd)
            return YamlNode.Nothing;
        var node = Block(-1, 0);
        if (node is not null && !_cursor.IsAtEnd)
            _cursor.Fail("nothing was expected behind the first value");
        return node;
    }

    /// <summary>A value that begins on a line of its own, further to the right than its key.</summary>
    private YamlNode? Block(int parent, int depth)
    {
        if (depth > MaxDepth)
            return _cursor.Fail($"mappings lie in each other more than {MaxDepth} deep");
        if (_cursor.Column <= parent)
            return YamlNode.Nothing;
        if (_cursor.Current == '{')
            return LineEnd(Flow(depth));
        var column = _cursor.Column;
        var first = _cursor.Scalar(isFlow: false);
        if (first is null)
            return null;
        return _cursor.IsColon(first.IsQuoted, isFlow: false) ? BlockMapping(column, first, depth) : LineEnd(first);
    }

    private YamlNode? BlockMapping(int column, YamlNode first, int depth)
    {
        var members = ImmutableArray.CreateBuilder<(string, YamlNode)>();
        var key = first;
        while (key is not null)
        {
            if (!IsNew(members, key.Text!))
                return null;
            _cursor.Advance(1);
            _cursor.SkipSpaces();
            if ((_cursor.IsLineEnd ? BelowKey(column, depth) : BesideKey(depth)) is not { } value)
                return null;
            members.Add((key.Text!, value));
            if (_cursor.IsAtEnd || _cursor.Column < column)
                break;
            if (_cursor.Column > column)
                return _cursor.Fail("the line is further to the right than its neighbours");
            key = _cursor.Scalar(isFlow: false);
            if (key is not null && !_cursor.IsColon(key.IsQuoted, isFlow: false))
                return _cursor.Fail("a key followed by a colon was expected");
        }

        return key is null ? null : new YamlNode { Members = members.ToImmutable() };
    }

    private YamlNode? BelowKey(int column, int depth)
    {
        if (!_cursor.ToContent())
            return null;
        return _cursor.IsAtEnd ? YamlNode.Nothing : Block(column, depth + 1);
    }

    private YamlNode? BesideKey(int depth) => LineEnd(_cursor.Current == '{' ? Flow(depth + 1) : _cursor.Scalar(isFlow: false));

    /// <summary>A value behind which its line must end.</summary>
    private YamlNode? LineEnd(YamlNode? node)
    {
        if (node is null)
            return null;
        _cursor.SkipSpaces();
        if (!_cursor.IsLineEnd)
            return _cursor.Fail("the end of the line was expected");
        return _cursor.ToContent() ? node : null;
    }

    private YamlNode? Flow(int depth)
    {
        if (depth > MaxDepth)
            return _cursor.Fail($"mappings lie in each other more than {MaxDepth} deep");
        _cursor.Advance(1);
        var members = ImmutableArray.CreateBuilder<(string, YamlNode)>();
        while (true)
        {
            if (!ToFlowContent())
                return null;
            if (_cursor.Current == '}')
                break;
            if (_cursor.Scalar(isFlow: true) is not { } key || !IsNew(members, key.Text!) || FlowValue(key.IsQuoted, depth) is not { } value || !ToFlowContent())
                return null;
            members.Add((key.Text!, value));
            if (_cursor.Current == ',')
                _cursor.Advance(1);
            else if (_cursor.Current != '}')
                return _cursor.Fail("a comma or a closing brace was expected");
        }

        _cursor.Advance(1);
        return new YamlNode { Members = members.ToImmutable() };
    }

    private YamlNode? FlowValue(bool isKeyQuoted, int depth)
    {
        if (!ToFlowContent())
            return null;
        if (!_cursor.IsColon(isKeyQuoted, isFlow: true))
            return YamlNode.Nothing;
        _cursor.Advance(1);
        if (!ToFlowContent())
            return null;
        return _cursor.Current switch
        {
            '{' => Flow(depth + 1),
            ',' or '}' => YamlNode.Nothing,
            _ => _cursor.Scalar(isFlow: true),
        };
    }

    private bool ToFlowContent()
    {
        if (_cursor.ToContent(isFlow: true) && _cursor.IsAtEnd)
            _cursor.Fail("a closing brace is missing");
        return _cursor.Problem is null;
    }

    private bool IsNew(ImmutableArray<(string Key, YamlNode Value)>.Builder members, string key)
    {
        foreach (var (other, _) in members)
        {
            if (string.Equals(other, key, StringComparison.Ordinal))
                _cursor.Fail($"the key \"{Names.Untrusted.Shown(key)}\" is there twice");
        }

        return _cursor.Problem is null;
    }
}

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
        var value = new System.Text.StringBuilder();
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
        var value = new System.Text.StringBuilder();
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
