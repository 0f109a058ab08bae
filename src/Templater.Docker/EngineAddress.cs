using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Templater.Docker;

/// <summary>Where an engine listens: a unix socket, or a host and port with or without TLS. Immutable.</summary>
public sealed record EngineAddress
{
    /// <summary>Longest path that a unix socket address holds (sun_path, without the closing NUL).</summary>
    public const int MaxSocketPathBytes = 107;

    private const int PlainPort = 2375;
    private const int TlsPort = 2376;
    private const string UnixScheme = "unix://";

    private EngineAddress()
    {
    }

    /// <summary><c>unix:///var/run/docker.sock</c>.</summary>
    public static EngineAddress Default { get; } = Parse("unix:///var/run/docker.sock");

    /// <summary>Absolute path of the socket; null for a TCP address.</summary>
    public string? SocketPath { get; private init; }

    /// <summary>Host name or IP address; null for a unix socket.</summary>
    public string? Host { get; private init; }

    /// <summary>TCP port; null when the address gave none (2375, with TLS 2376).</summary>
    public int? Port { get; private init; }

    /// <summary>Whether the address itself asks for TLS (<c>https://</c>).</summary>
    public bool IsHttps { get; private init; }

    /// <summary>Reads <c>unix://PATH</c>, <c>tcp://HOST[:PORT]</c>, <c>http://...</c> or <c>https://...</c>.</summary>
    /// <param name="text">The address.</param>
    /// <exception cref="DockerException"><see cref="DockerErrorReason.InvalidSettings"/>, saying what was expected.</exception>
    public static EngineAddress Parse(string text) => TryParse(text, out var address, out var error)
        ? address
        : throw new DockerException(DockerErrorReason.InvalidSettings, error);

    /// <summary>Reads an address as <see cref="Parse"/> does.</summary>
    /// <param name="text">The address.</param>
    /// <param name="address">The address read.</param>
    /// <param name="error">One line that names the text and what was expected.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EngineAddress? address, [NotNullWhen(false)] out string? error)
    {
        text = text?.Trim() ?? "";
        address = text.StartsWith(UnixScheme, StringComparison.Ordinal) ? FromSocket(text[UnixScheme.Length..]) : FromUrl(text);
        var advice = address is null && Advice(text) is { } way ? ". " + way : "";
        error = address is not null ? null
            : $"\"{OneLine.From(text)}\" is not an engine address: expected unix:///path/to/socket, tcp://host:port or https://host:port{advice}";
        return address is not null;
    }

    /// <summary>What to write instead of a text that is no address, in a sentence without full stop; null when the legal forms say it all.</summary>
    /// <param name="text">What <see cref="TryParse"/> refused.</param>
    public static string? Advice(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith('/'))
            return $"Write unix://{OneLine.From(text)}";
        if (text.StartsWith("ssh://", StringComparison.Ordinal) || text.StartsWith("npipe://", StringComparison.Ordinal) || text.StartsWith("fd://", StringComparison.Ordinal))
            return $"An address with {text[..text.IndexOf(':', StringComparison.Ordinal)]} is not supported; forward the socket and give a unix:// or tcp:// address";
        return text.StartsWith(UnixScheme + "/", StringComparison.Ordinal) && Encoding.UTF8.GetByteCount(text) - UnixScheme.Length > MaxSocketPathBytes
            ? $"The path is too long for a unix socket: at most {MaxSocketPathBytes} bytes"
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => SocketPath is not null
        ? UnixScheme + SocketPath
        : $"{(IsHttps ? "https" : "tcp")}://{(Host!.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}{(Port is { } port ? ":" + port : "")}";

    internal int PortOr(bool tls) => Port ?? (tls ? TlsPort : PlainPort);

    private static EngineAddress? FromSocket(string path) =>
        path.StartsWith('/') && !path.Contains('\0', StringComparison.Ordinal) && Encoding.UTF8.GetByteCount(path) <= MaxSocketPathBytes
            ? new EngineAddress { SocketPath = path }
            : null;

    private static EngineAddress? FromUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url)
            || url.Scheme is not ("tcp" or "http" or "https")
            || url.Host.Length == 0 || url.UserInfo.Length > 0 || url.PathAndQuery is not ("/" or "") || url.Fragment.Length > 0)
            return null;
        // Uri fills in 80 and 443 where docker has defaults of its own; a port that was written is kept.
        var port = text.TrimEnd('/').EndsWith($":{url.Port}", StringComparison.Ordinal) ? url.Port : (int?)null;
        return port is 0 ? null : new EngineAddress { Host = url.IdnHost, Port = port, IsHttps = url.Scheme == "https" };
    }
}
