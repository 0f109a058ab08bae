namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>An HTTP/1.1 answer as it came over the wire.</summary>
internal sealed record Answer(int Status, IReadOnlyList<(string Name, string Value)> Headers, string Body)
{
    /// <summary>Values of a header, joined by a vertical bar; null when it is absent.</summary>
    public string? this[string name] => Joined(Headers, name);

    /// <summary>The request line that the backend saw; for answers of an <see cref="EchoBackend"/>.</summary>
    public string SeenLine => Body.Split("\r\n")[0];

    /// <summary>A header that the backend saw.</summary>
    public string? Seen(string name) => Joined(ReadHeaders(Body[..Math.Max(0, Body.IndexOf("\r\n\r\n", StringComparison.Ordinal))]), name);

    /// <summary>The header lines below a request or status line.</summary>
    public static IReadOnlyList<(string Name, string Value)> ReadHeaders(string head) =>
    [
        .. head.Split("\r\n").Skip(1).Select(line => line.Split(':', 2)).Where(parts => parts.Length == 2).Select(parts => (parts[0], parts[1].Trim(' '))),
    ];

    private static string? Joined(IEnumerable<(string Name, string Value)> headers, string name)
    {
        var values = headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToList();
        return values.Count == 0 ? null : string.Join('|', values);
    }
}
