namespace Templater.Pipeline.Routing;

/// <summary>What the operator's reload setting tells about the proxy.</summary>
public abstract record ProxyHint
{
    private ProxyHint()
    {
    }

    /// <summary>The setting names no container.</summary>
    public sealed record None : ProxyHint;

    /// <summary>It reaches processes beside Templater and no others: the proxy runs in Templater's own container.</summary>
    public sealed record Own : ProxyHint;

    /// <summary>It names a container by name or id, or a compose service of Templater's own project.</summary>
    /// <param name="Name">The name.</param>
    public sealed record Named(string Name) : ProxyHint;

    /// <summary>It names containers by a label.</summary>
    /// <param name="Key">The label.</param>
    /// <param name="Value">Its value.</param>
    public sealed record Labelled(string Key, string Value) : ProxyHint;

    /// <summary>Containers with a label of any value, where none is labelled as the output's proxy.</summary>
    /// <param name="Key">The label.</param>
    public sealed record Marked(string Key) : ProxyHint;
}
