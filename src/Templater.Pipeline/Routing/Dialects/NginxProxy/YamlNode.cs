using System.Collections.Immutable;

namespace Templater.Pipeline.Routing.Dialects.NginxProxy;

/// <summary>A value of the small part of YAML that <see cref="YamlReader"/> reads: a text, nothing, or a mapping.</summary>
internal sealed record YamlNode
{
    /// <summary>Nothing, as in <c>key:</c>.</summary>
    public static readonly YamlNode Nothing = new() { Text = "" };

    /// <summary>The text of a scalar; null for a mapping.</summary>
    public string? Text { get; init; }

    /// <summary>True when the text stood in quotes, so that it means nothing but itself.</summary>
    public bool IsQuoted { get; init; }

    /// <summary>Keys and values of a mapping in the order in which they are written; no key is there twice.</summary>
    public ImmutableArray<(string Key, YamlNode Value)> Members { get; init; } = [];

    /// <summary>True for a mapping, also an empty one.</summary>
    public bool IsMapping => Text is null;

    /// <summary>True for one of the words of YAML for no value.</summary>
    public bool IsNull => !IsQuoted && Text is "" or "~" or "null" or "Null" or "NULL";
}
