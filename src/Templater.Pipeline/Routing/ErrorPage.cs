namespace Templater.Pipeline.Routing;

/// <summary>What a container answers in the place of an error. The status stays what it is.</summary>
/// <param name="Status">Three digits from 400 to 599, or <c>4xx</c> or <c>5xx</c> for all of a class that have no page of their own.</param>
/// <param name="Path">Path of the page, with a query if there is one; of characters that no proxy takes for syntax. Empty = the path that was asked for.</param>
public sealed record ErrorPage(string Status, string Path)
{
    /// <summary>Name or compose service of the container that has the page; null = those behind the route. Untrusted.</summary>
    public string? Container { get; init; }

    /// <summary>Its port; 0 when <see cref="Container"/> is null.</summary>
    public int Port { get; init; }

    /// <summary>Where the proxy reaches it; null when <see cref="Container"/> is null.</summary>
    public string? Address { get; init; }

    /// <summary>The label that asks for it; null = the native one.</summary>
    public string? Label { get; init; }

    /// <summary>True for a whole class.</summary>
    public bool IsClass => Status.EndsWith("xx", StringComparison.Ordinal);

    /// <summary>As a label says it.</summary>
    public override string ToString() => Container is null ? $"{Status} {Path}" : $"{Status} {Container}:{Port}{Path}";
}
