namespace Templater.Docker;

/// <summary>How to reach an engine, and the bounds of every call. Immutable.</summary>
public sealed record EngineOptions
{
    /// <summary>Default of <see cref="MaxResponseBytes"/>: 5,000 containers with many labels are about 20 MB.</summary>
    public const long DefaultMaxResponseBytes = 256L * 1024 * 1024;

    /// <summary>Default of <see cref="MaxEventBytes"/>.</summary>
    public const int DefaultMaxEventBytes = 1024 * 1024;

    /// <summary>Default of <see cref="MaxConnections"/>.</summary>
    public const int DefaultMaxConnections = 16;

    /// <summary>Where the engine listens.</summary>
    public EngineAddress Address { get; init; } = EngineAddress.Default;

    /// <summary>TLS files; null means a plain connection. Not for unix sockets.</summary>
    public EngineTls? Tls { get; init; }

    /// <summary>Which calls may be made; anything else is a bug and throws. Watching only, unless widened.</summary>
    public AllowedCalls AllowedCalls { get; init; } = AllowedCalls.For(CallPurposes.Watch);

    /// <summary>Longest wait for a connection. Must be positive.</summary>
    public TimeSpan ConnectTimeout { get; init => field = Positive(value); } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time of one call, its body included; event streams are not bounded by it. Must be positive.</summary>
    public TimeSpan CallTimeout { get; init => field = Positive(value); } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait for a ping. Must be positive.</summary>
    public TimeSpan PingTimeout { get; init => field = Positive(value); } = TimeSpan.FromSeconds(5);

    /// <summary>An event stream that is silent for so long is checked by a ping on the side. Must be positive.</summary>
    public TimeSpan EventsIdleLimit { get; init => field = Positive(value); } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of one answer. Must be positive.</summary>
    public long MaxResponseBytes { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value)); } = DefaultMaxResponseBytes;

    /// <summary>Most bytes of one event. Must be positive.</summary>
    public int MaxEventBytes { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value)); } = DefaultMaxEventBytes;

    /// <summary>Most connections open at the same time, event streams aside. Must be positive.</summary>
    public int MaxConnections { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value)); } = DefaultMaxConnections;

    /// <summary>The clock behind every time limit.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Looks up who owns the socket, for the message about a refused permission; the class library has no call for it.
    /// Null, or an answer of null, leaves the numbers out of the message.
    /// </summary>
    public Func<string, SocketOwner?>? FindSocketOwner { get; init; }

    /// <summary>
    /// Reads the variables that the docker command reads: <c>DOCKER_HOST</c>, <c>DOCKER_TLS_VERIFY</c>, <c>DOCKER_CERT_PATH</c>.
    /// </summary>
    /// <remarks>
    /// As with the docker command, any non-empty <c>DOCKER_TLS_VERIFY</c> asks for TLS and the files default to <c>~/.docker</c>; a
    /// <c>DOCKER_CERT_PATH</c> alone does too. The engine's certificate is always verified.
    /// </remarks>
    /// <param name="variable">Gives the value of a variable, null when unset.</param>
    /// <exception cref="DockerException"><see cref="DockerErrorReason.InvalidSettings"/>.</exception>
    public static EngineOptions FromEnvironment(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var address = variable("DOCKER_HOST") is { Length: > 0 } host ? EngineAddress.Parse(host) : EngineAddress.Default;
        return new EngineOptions
        {
            Address = address,
            Tls = address.SocketPath is null ? EngineTls.FromEnvironment(variable, address.IsHttps) : null,
        };
    }

    private static TimeSpan Positive(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
        return value;
    }
}

/// <summary>Owner of a socket file.</summary>
/// <param name="UserId">Numeric user id.</param>
/// <param name="GroupId">Numeric group id.</param>
public readonly record struct SocketOwner(long UserId, long GroupId);
