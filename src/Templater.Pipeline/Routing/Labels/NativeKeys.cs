using System.Collections.Frozen;
using System.Collections.Immutable;
using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Routing.Labels;

/// <summary>Where a native key may stand.</summary>
internal enum KeyScope
{
    /// <summary>Only without a route name.</summary>
    Container,
    /// <summary>With or without a route name.</summary>
    Route,
    /// <summary>As <see cref="Route"/>, and all containers of the host must agree.</summary>
    Host,
}

/// <summary>Whether this version does what a key asks for.</summary>
internal enum KeySupport
{
    /// <summary>It does.</summary>
    Full,
    /// <summary>Not yet: ignored with a warning.</summary>
    Ignored,
    /// <summary>Not yet, and ignoring it would open what was meant to be closed: the container's routes are refused.</summary>
    Refused,
}

/// <summary>One key of the native vocabulary.</summary>
/// <param name="Name">The key without prefix; one that ends in a dot stands for all keys that begin with it.</param>
/// <param name="Scope">Where it may stand.</param>
/// <param name="FailsClosed">A bad value refuses the route instead of being ignored.</param>
/// <param name="Support">Whether it is honoured.</param>
internal sealed record NativeKey(string Name, KeyScope Scope, bool FailsClosed = false, KeySupport Support = KeySupport.Full)
{
    /// <summary>
    /// True when the key closes something: without it the same place would be open to more clients, or in plain text. The other
    /// keys that fail closed only say where a route is and where it leads.
    /// </summary>
    public bool Restricts => FailsClosed && Scope != KeyScope.Container
        && Name is not ("host" or "path" or "port" or "listen" or "protocol" or "upstream.group");

    /// <summary>What is closed when it cannot be honoured.</summary>
    public Closure Closes => !Restricts ? Closure.Nothing : Scope == KeyScope.Host ? Closure.Host : Closure.Place;

    /// <summary>Values that ask for nothing, so that an unsupported key needs no warning.</summary>
    public ImmutableArray<string> Harmless { get; init; } = [];
}

/// <summary>The native vocabulary: the one table that tells a typing mistake from a wish.</summary>
internal static class NativeKeys
{
    /// <summary>Every key.</summary>
    public static readonly ImmutableArray<NativeKey> All =
    [
        new("enable", KeyScope.Container, FailsClosed: true),
        new("instance", KeyScope.Container, FailsClosed: true),
        new("network", KeyScope.Container, FailsClosed: true),
        new("health", KeyScope.Container),
        new("ready-after", KeyScope.Container),
        new("drain", KeyScope.Container),
        new("endpoints", KeyScope.Container),
        new("proxy", KeyScope.Container),
        new("data.", KeyScope.Route),

        new("host", KeyScope.Route, FailsClosed: true),
        new("path", KeyScope.Route, FailsClosed: true),
        new("priority", KeyScope.Route),
        new("listen.http", KeyScope.Host),
        new("listen.https", KeyScope.Host),

        new("port", KeyScope.Route, FailsClosed: true),
        new("protocol", KeyScope.Route, FailsClosed: true),
        new("upstream.verify", KeyScope.Route, FailsClosed: true) { Harmless = ["false", "no", "off", "0"] },
        new("upstream.group", KeyScope.Route, FailsClosed: true),
        new("upstream.server-name", KeyScope.Route),
        new("rewrite", KeyScope.Route),
        new("fastcgi.root", KeyScope.Route),
        new("fastcgi.index", KeyScope.Route),
        new("weight", KeyScope.Route),
        new("backup", KeyScope.Route),
        new("balance", KeyScope.Route),
        new("sticky", KeyScope.Route),
        new("keepalive", KeyScope.Route),
        new("maxconn", KeyScope.Route),
        new("check", KeyScope.Route),
        new("check.interval", KeyScope.Route),
        new("check.rise", KeyScope.Route),
        new("check.fall", KeyScope.Route),
        new("timeout.connect", KeyScope.Route),
        new("timeout.server", KeyScope.Route),
        new("timeout.tunnel", KeyScope.Route),
        new("max-body", KeyScope.Route),
        new("buffering", KeyScope.Route),

        new("https", KeyScope.Host, FailsClosed: true),
        new("https.code", KeyScope.Host),
        new("hsts", KeyScope.Host),
        new("http2", KeyScope.Host),
        new("http3", KeyScope.Host),
        new("tls.policy", KeyScope.Host),
        new("tls.certificate", KeyScope.Host, FailsClosed: true),
        new("tls.client-auth", KeyScope.Host, FailsClosed: true) { Harmless = ["off"] },
        new("tls.client-ca", KeyScope.Host, FailsClosed: true),
        new("acme", KeyScope.Host) { Harmless = ["false", "no", "off", "0"] },
        new("acme.names", KeyScope.Host),
        new("acme.ca", KeyScope.Host),
        new("acme.challenge", KeyScope.Host),
        new("acme.dns", KeyScope.Host),
        new("acme.profile", KeyScope.Host),
        new("acme.key-type", KeyScope.Host),

        new("redirect.from", KeyScope.Host),
        new("redirect.to", KeyScope.Route, FailsClosed: true),
        new("redirect.code", KeyScope.Route),
        new("response.set.", KeyScope.Route),
        new("response.add.", KeyScope.Route),
        new("response.default.", KeyScope.Route),
        new("response.delete", KeyScope.Route),
        new("request.set.", KeyScope.Route),
        new("request.add.", KeyScope.Route),
        new("request.default.", KeyScope.Route),
        new("request.delete", KeyScope.Route),
        new("allow", KeyScope.Route, FailsClosed: true),
        new("deny", KeyScope.Route, FailsClosed: true),
        new("auth.basic", KeyScope.Route, FailsClosed: true),
        new("auth.basic.file", KeyScope.Route, FailsClosed: true),
        new("auth.realm", KeyScope.Route),
        new("auth.forward", KeyScope.Route, FailsClosed: true),
        new("errors.", KeyScope.Route),
    ];

    private static readonly FrozenDictionary<string, NativeKey> ByName =
        All.ToFrozenDictionary(key => key.Name, StringComparer.Ordinal);

    private static readonly ImmutableArray<NativeKey> Prefixes = [.. All.Where(key => key.Name.EndsWith('.'))];

    /// <summary>The key of a name; null when it is not known.</summary>
    /// <param name="name">The name without the prefix of labels and without a route.</param>
    public static NativeKey? Find(string name) =>
        ByName.TryGetValue(name, out var key) && !name.EndsWith('.')
            ? key
            : Prefixes.FirstOrDefault(prefix => name.Length > prefix.Name.Length && name.StartsWith(prefix.Name, StringComparison.Ordinal));
}
