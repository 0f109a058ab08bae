using System.Collections.Immutable;

namespace Templater.Pipeline.Routing.Labels;

/// <summary>The vocabulary of <c>streams.NAME.</c>: always named, and without defaults from the keys of routes.</summary>
internal static class StreamKeys
{
    /// <summary>First word of the labels.</summary>
    public const string Group = "streams";

    /// <summary>Every key.</summary>
    public static readonly ImmutableArray<NativeKey> All =
    [
        new("allow", KeyScope.Route, FailsClosed: true),
        new("backup", KeyScope.Route),
        new("balance", KeyScope.Route),
        new("check", KeyScope.Route),
        new("deny", KeyScope.Route, FailsClosed: true),
        new("host", KeyScope.Route, FailsClosed: true),
        new("listen", KeyScope.Route, FailsClosed: true),
        new("maxconn", KeyScope.Route),
        new("port", KeyScope.Route, FailsClosed: true),
        new("proxy-protocol", KeyScope.Route),
        new("timeout.connect", KeyScope.Route),
        new("timeout.tunnel", KeyScope.Route),
        new("tls", KeyScope.Route, FailsClosed: true),
        new("weight", KeyScope.Route),
    ];

    /// <summary>The key of a name; null when it is not known.</summary>
    /// <param name="name">The name behind <c>streams.NAME.</c>.</param>
    public static NativeKey? Find(string name) => All.FirstOrDefault(key => key.Name == name);

    /// <summary>True for an unknown key that was surely meant to close the stream.</summary>
    /// <param name="key">The key behind <c>streams.NAME.</c>.</param>
    /// <param name="value">Its value.</param>
    public static bool IsMisspeltRestriction(string key, string value) =>
        Find(key) is null
        && (MisspeltRestriction.IsMeant(key.ToLowerInvariant(), value)
            || All.Any(known => known.Restricts && MisspeltRestriction.IsSlip(key.ToLowerInvariant(), known.Name)));

    /// <summary>The names of a container's streams, those with a known key, ordinal order.</summary>
    /// <param name="labels">The container's labels.</param>
    /// <param name="prefix">Prefix without dot.</param>
    public static ImmutableArray<string> Names(ImmutableSortedDictionary<string, string> labels, string prefix)
    {
        var start = $"{prefix}.{Group}.";
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (label, _) in labels)
            if (label.StartsWith(start, StringComparison.Ordinal) && label.IndexOf('.', start.Length) is > 0 and var dot && VocabularyCheck.IsRouteName(label[start.Length..dot])
                && Find(label[(dot + 1)..]) is not null)
                names.Add(label[start.Length..dot]);
        return [.. names];
    }
}
