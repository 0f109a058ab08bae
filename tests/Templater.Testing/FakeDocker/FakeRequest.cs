namespace Templater.Testing;

/// <summary>A request that the fake engine received.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Version">Version prefix such as <c>1.41</c>; empty without one.</param>
/// <param name="Path">Path without the version prefix, unescaped.</param>
/// <param name="Query">Query parameters, unescaped.</param>
/// <param name="Body">The body as text.</param>
public sealed record FakeRequest(string Method, string Version, string Path, IReadOnlyDictionary<string, string> Query, string Body)
{
    /// <summary>Whether the client uses the connection for nothing after it.</summary>
    public bool EndsConnection { get; init; }

    /// <summary>A query parameter, or the empty string.</summary>
    /// <param name="name">Its name.</param>
    public string this[string name] => Query.GetValueOrDefault(name, "");

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Method} {Path}{(Query.Count == 0 ? "" : "?" + string.Join('&', Query.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")))}";
}
