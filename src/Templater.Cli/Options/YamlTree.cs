using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Templater.Cli.Options;

/// <summary>A YAML value with its place in the file.</summary>
internal abstract record YamlNode(FilePlace Place)
{
    /// <summary>One value; null for an empty one.</summary>
    internal sealed record Scalar(FilePlace Place, string? Text) : YamlNode(Place);

    /// <summary>A list of values.</summary>
    internal sealed record Sequence(FilePlace Place, IReadOnlyList<YamlNode> Items) : YamlNode(Place);

    /// <summary>Named values; names are unique.</summary>
    internal sealed record Mapping(FilePlace Place, IReadOnlyList<(Scalar Key, YamlNode Value)> Entries) : YamlNode(Place);
}

/// <summary>What is wrong with a file as YAML.</summary>
internal sealed class YamlMistakeException(FilePlace place, string message) : Exception(message)
{
    /// <summary>Where.</summary>
    public FilePlace Place { get; } = place;
}

/// <summary>
/// Reads a YAML file as a tree, with YamlDotNet's event parser (no reflection). Anchors, aliases, tags and second documents are
/// mistakes: settings do not need them, and what they do to a file is easily misread.
/// </summary>
internal sealed class YamlTree
{
    private const int MaxDepth = 8;
    private readonly string _path;
    private readonly Parser _parser;

    private YamlTree(string path, string text)
    {
        _path = path;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The tree of a text; null for an empty document.</summary>
    /// <exception cref="YamlMistakeException">It is not YAML, or uses what settings do not need.</exception>
    public static YamlNode? Read(string path, string text)
    {
        var tree = new YamlTree(path, text);
        try
        {
            return tree.Document();
        }
        catch (YamlException exception)
        {
            throw new YamlMistakeException(tree.PlaceOf(exception.Start), YamlMistakes.Of(exception));
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException)
        {
            // Some texts bring the parser itself out of step, an unclosed list with a colon behind it for one.
            throw new YamlMistakeException(tree.PlaceOf(tree._parser.Current?.End ?? Mark.Empty), YamlMistakes.Of(exception));
        }
    }

    private YamlNode? Document()
    {
        Advance<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            return null;
        Advance<DocumentStart>();
        var root = Node(0);
        Advance<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            throw new YamlMistakeException(PlaceOf(second.Start), "a second document was not expected");
        return root;
    }

    private YamlNode Node(int depth)
    {
        _parser.Accept<ParsingEvent>(out var next);
        var place = PlaceOf(next!.Start);
        if (depth > MaxDepth)
            throw new YamlMistakeException(place, $"values are nested deeper than {MaxDepth}");
        if (next is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
            throw new YamlMistakeException(place, "anchors and aliases are not supported");
        if (next is NodeEvent { Tag.IsEmpty: false })
            throw new YamlMistakeException(place, "tags are not supported");
        switch (next)
        {
            case Scalar scalar:
                Advance<Scalar>();
                return new YamlNode.Scalar(place, IsNull(scalar) ? null : scalar.Value);
            case SequenceStart:
                return Sequence(place, depth);
            case MappingStart:
                return Mapping(place, depth);
            default:
                throw new YamlMistakeException(place, "a value was expected");
        }
    }

    private YamlNode.Sequence Sequence(FilePlace place, int depth)
    {
        Advance<SequenceStart>();
        var items = new List<YamlNode>();
        while (!_parser.Accept<SequenceEnd>(out _))
            items.Add(Node(depth + 1));
        Advance<SequenceEnd>();
        return new YamlNode.Sequence(place, items);
    }

    private YamlNode.Mapping Mapping(FilePlace place, int depth)
    {
        Advance<MappingStart>();
        var entries = new List<(YamlNode.Scalar Key, YamlNode Value)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.Accept<MappingEnd>(out _))
        {
            if (Node(depth + 1) is not YamlNode.Scalar { Text: { } name } key)
                throw new YamlMistakeException(place, "a name was expected");
            if (!names.Add(name))
                throw new YamlMistakeException(key.Place, $"{VisibleText.Of(name)} is there twice");
            entries.Add((key, Node(depth + 1)));
        }

        Advance<MappingEnd>();
        return new YamlNode.Mapping(place, entries);
    }

    private void Advance<T>()
        where T : ParsingEvent => _parser.Consume<T>();

    private FilePlace PlaceOf(Mark mark) => new(_path, mark.Line, mark.Column);

    private static bool IsNull(Scalar scalar) =>
        scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL";
}
