using System.Collections.Immutable;

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
