using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Labels;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>One place of a container where somebody may write anything.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Write">Writes a value there, into a container that is routed.</param>
/// <param name="Harmless">Legal values, one for each thing that a legal value can do to a configuration.</param>
internal sealed record Probe(string Name, Func<Container, string, Container> Write, params string[] Harmless)
{
    /// <summary>What the container is routed for, where the place is none for hosts.</summary>
    public const string Host = "victim.example.com";

    private const string NativeHost = "templater.host";

    // Names that sort before those of other containers, and names that sort after them.
    private static readonly string[] Hosts =
    [
        .. new[] { "a", "n" }.SelectMany(start => new[] { 1, 2, 3, 4, 200 }.Select(count => Names(start, count))),
        .. new[] { "a", "n" }.SelectMany(start => new[] { 1, 2, 3 }.Select(count => "~^R$ " + Names(start, count))),
        "*", "*.w.example.org", "~^R$", "10.0.0.1", "[2001:db8::1]", LongName,
    ];

    private static readonly string[] Headers = [.. Enumerable.Range(1, 4).Append(200).Select(count => string.Join(' ', Enumerable.Range(0, count).Select(i => $"X-{i}")))];

    private static readonly string[] HeaderLines = ["X-Some: V4lue", "X-Some V4lue"];

    private static readonly Dictionary<string, string[]> HarmlessByKey = new(StringComparer.Ordinal)
    {
        ["path"] = ["/p", "=/P", "~^/P$"],
        ["rewrite"] = ["/R"],
        ["redirect.to"] = ["https://X.example.org/a", "https://X.example.org/a!"],
        ["redirect.from"] = Hosts,
        ["hsts"] = ["31536000", "off"],
        ["sticky"] = ["source", "cookie:N4me"],
        ["allow"] = ["10.0.0.1"],
        ["deny"] = ["10.0.0.1"],
        ["upstream.server-name"] = ["inner.example.com", LongName],
        ["check"] = ["tcp", "/P"],
        ["response.delete"] = Headers,
        ["request.delete"] = Headers,
        ["listen.http"] = ["8080", "8"],
        ["listen.https"] = ["8443", "8"],
        ["weight"] = ["2"],
        ["maxconn"] = ["2"],
        ["keepalive"] = ["2"],
        ["max-body"] = ["2"],
        ["tls.certificate"] = ["nowhere"],
        ["response.set."] = ["V4lue"],
        ["response.add."] = ["V4lue"],
        ["response.default."] = ["V4lue"],
        ["request.set."] = ["V4lue"],
        ["request.add."] = ["V4lue"],
        ["request.default."] = ["V4lue"],
    };

    private static readonly string[] OtherVariables =
    [
        "ACME_CA_URI", "ACME_EMAIL", "ACME_HOST", "ENABLE_HTTP_ON_MISSING_CERT", "HAPROXY_VERSION",
        "HTTPS_METHOD", "LETSENCRYPT_HOST", "NETWORK_ACCESS", "NGINX_VERSION", "NON_GET_REDIRECT", "SERVER_TOKENS", "SSL_POLICY",
        "VIRTUAL_PORT", "VIRTUAL_PROTO", "VIRTUAL_ROOT",
    ];

    /// <summary>A name of 253 characters.</summary>
    public static string LongName => SampleHosts.LongName(253);

    /// <summary>All of them.</summary>
    public static ImmutableArray<Probe> All { get; } =
    [
        .. NativeKeys.All.Select(key => key.Name == "host"
            ? new Probe(NativeHost, (container, value) => container with { Labels = container.Labels.SetItem(NativeHost, value) }, Hosts)
            : Label($"templater.{key.Name}{(key.Name.EndsWith('.') ? "X-Some" : "")}", HarmlessByKey.GetValueOrDefault(key.Name, []))),
        Label("templater.routes.r.path", ["/p", "=/P", "~^/P$"]),
        .. NativeKeys.All.Where(key => key.Name.EndsWith('.')).Select(key => Key($"templater.{key.Name}")),
        Key("templater."), Key("templater.routes."), Key(""),
        Dotege("com.chameth.vhost", Hosts), Dotege("com.chameth.proxy"), Dotege("com.chameth.proxytag"), Dotege("com.chameth.auth"),
        Dotege("com.chameth.headers", HeaderLines), Dotege("com.chameth.headers.x", HeaderLines), Dotege("com.chameth.other"),
        Variable("VIRTUAL_HOST", Hosts), Variable("VIRTUAL_PATH", "/p", "= /P", "~ ^/P$"), Variable("VIRTUAL_DEST", "/R", "/R$request_uri"), Variable("HSTS", "max-age=1", "off"), Variable("CERT_NAME", "nowhere"), Variable("EXTERNAL_HTTP_PORT", "8", "8080"), Variable("EXTERNAL_HTTPS_PORT", "8", "8080"),
        Variable("VIRTUAL_HOST_MULTIPORTS", "unix:", "x-y: z", "vname.example.com: {/p: {port: 8}}"),
        .. OtherVariables.Select(name => Variable(name)),
        Fact("the container's name", (container, value) => container with { Name = "victim" + value }),
        Fact("the image", (container, value) => container with { Image = new ImageReference(value, value, value, value) }),
        Fact("the network's name", (container, value) => container with { Endpoints = [.. container.Endpoints.Select(endpoint => endpoint with { NetworkName = value, Aliases = [value] })] }),
        Fact("the compose project", (container, value) => container with { Compose = new ComposeIdentity(value, value, 1) }),
        Fact("user, stop signal and mounts", (container, value) => container with { User = value, StopSignal = value, Mounts = [new Mount("bind", value, value, value, true)] }),
    ];

    public override string ToString() => Name;

    /// <summary>True when something of a value can come into a file.</summary>
    public bool IsPrinted => Harmless.Length > 0 || !Name.Contains('.', StringComparison.Ordinal);

    /// <summary>True where the values are hosts or paths.</summary>
    public bool IsPlace => Name is NativeHost or "templater.path" or "templater.routes.r.path" or "com.chameth.vhost" or "VIRTUAL_HOST" or "VIRTUAL_PATH";

    /// <summary>True where the values are names of hosts or headers, of which one may be called like a directive.</summary>
    public bool IsNames => ReferenceEquals(Harmless, Hosts) || ReferenceEquals(Harmless, Headers) || ReferenceEquals(Harmless, HeaderLines);

    /// <summary>That many ordinary names, as one list.</summary>
    public static string Names(string start, int count) => string.Join(' ', Enumerable.Range(0, count).Select(i => $"{start}{i}.example.org"));

    private static Probe Label(string key, string[] harmless) => new(
        key,
        (container, value) => container with { Labels = container.Labels.SetItem(NativeHost, Host).SetItem(key, value).TryWithPath(key) },
        harmless);

    private static Probe Fact(string name, Func<Container, string, Container> write) =>
        new(name, (container, value) => write(container with { Labels = container.Labels.SetItem(NativeHost, Host) }, value));

    private static Probe Key(string start) => new(
        $"the key {start}…",
        (container, value) => container with { Labels = container.Labels.SetItem(NativeHost, Host).SetItem(start + value, "V4lue") },
        "X-Some");

    private static Probe Dotege(string key, params string[] harmless) => new(
        key,
        (container, value) => container with { Labels = container.Labels.SetItem("com.chameth.vhost", Host).SetItem(key, value) },
        harmless);

    private static Probe Variable(string name, params string[] harmless) => new(
        name,
        (container, value) => container with { Env = container.Env.SetItem("VIRTUAL_HOST", Host).SetItem(name, value) },
        harmless);
}

file static class Labels
{
    // Without a path there is nothing to rewrite.
    public static ImmutableSortedDictionary<string, string> TryWithPath(this ImmutableSortedDictionary<string, string> labels, string key) =>
        key == "templater.rewrite" ? labels.SetItem("templater.path", "/p") : labels;
}
