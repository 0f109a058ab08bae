using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Templater.Pipeline.Routing.Spelling;

namespace Templater.Cli.Explaining;

/// <summary>Writes native labels as a compose file has them; what has no native word is a comment.</summary>
internal static class LabelsText
{
    /// <summary>The text; containers of one compose service with the same labels stand once.</summary>
    /// <param name="containers">The containers in order.</param>
    public static string Of(ImmutableArray<SpelledContainer> containers)
    {
        if (containers.IsEmpty)
            return "# no container names a host\n";
        var text = new StringBuilder("services:\n");
        var written = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var spelled in containers)
        {
            var isService = spelled.Container.Origin is not null;
            var body = Body(spelled, isService);
            var name = spelled.Container.Compose?.Service ?? spelled.Container.Swarm?.Service ?? spelled.Container.Name;
            // Two projects may have services of one name.
            if (written.TryGetValue(name, out var other) && other != body)
                name = spelled.Container.Name;
            if (written.TryAdd(name, body))
                text.Append(CultureInfo.InvariantCulture, $"  {Key(name)}:\n{body}");
        }

        return text.ToString();
    }

    private static string Body(SpelledContainer spelled, bool isService)
    {
        var text = new StringBuilder();
        text.Append(spelled.DialectName is { } dialect ? $"    # read as {dialect}\n" : "    # no label names a host\n");
        foreach (var remark in spelled.Remarks)
            text.Append("    # ").Append(VisibleText.Of(remark)).Append('\n');
        if (spelled.Labels.IsEmpty)
            return text.ToString();
        var indent = isService ? "        " : "      ";
        text.Append(isService ? "    deploy:\n      labels:\n" : "    labels:\n");
        foreach (var label in spelled.Labels)
            text.Append(CultureInfo.InvariantCulture, $"{indent}{Key(label.Key)}: {Quoted(label.Value)}\n");
        return text.ToString();
    }

    private static string Key(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_')
            && text.ToLowerInvariant() is not ("true" or "false" or "yes" or "no" or "on" or "off" or "null" or "y" or "n")
            ? text
            : Quoted(text);

    /// <summary>A YAML text in double quotes, in which compose finds no variable.</summary>
    private static string Quoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var character in value)
        {
            _ = character switch
            {
                '$' => text.Append("$$"),
                '"' or '\\' => text.Append('\\').Append(character),
                _ when NeedsEscape(character) => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        }

        return text.Append('"').ToString();
    }

    private static bool NeedsEscape(char character) => !char.IsSurrogate(character) && CharUnicodeInfo.GetUnicodeCategory(character) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
