using System.Text;

namespace Templater.Pipeline.Watching.Metrics;

/// <summary>Labels of a sample, as Prometheus' text form 0.0.4 writes them.</summary>
internal static class MetricLabels
{
    /// <summary>The labels, in the order given: <c>{output="nginx",reason="start"}</c>; nothing when there are none.</summary>
    public static string Of(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (labels.IsEmpty)
            return "";
        var text = new StringBuilder("{");
        foreach (var (name, value) in labels)
        {
            if (text.Length > 1)
                text.Append(',');
            text.Append(name).Append("=\"");
            foreach (var c in value)
                Append(text, c);
            text.Append('"');
        }

        return text.Append('}').ToString();
    }

    private static void Append(StringBuilder text, char c)
    {
        switch (c)
        {
            case '\\':
                text.Append(@"\\");
                break;
            case '"':
                text.Append("\\\"");
                break;
            case '\n':
                text.Append(@"\n");
                break;
            default:
                text.Append(c);
                break;
        }
    }
}
