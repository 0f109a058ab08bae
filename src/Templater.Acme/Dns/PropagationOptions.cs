using System.Net;

namespace Templater.Acme.Dns;

/// <summary>Where it is looked for a new value before the CA is told.</summary>
public enum PropagationMode
{
    /// <summary>At every server of the zone, asked directly.</summary>
    Authoritative,

    /// <summary>At the servers of <see cref="PropagationOptions.Servers"/>, for networks that see another DNS than the world.</summary>
    Servers,

    /// <summary>Nowhere.</summary>
    Off,
}

/// <summary>How it is made sure that the CA will see a new value.</summary>
public sealed record PropagationOptions
{
    /// <summary>Where to look.</summary>
    public PropagationMode Mode { get; init; }

    /// <summary>The servers of <see cref="PropagationMode.Servers"/>.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>Replaces <see cref="TxtCapabilities.PropagationTimeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Replaces <see cref="TxtCapabilities.PollingInterval"/>.</summary>
    public TimeSpan? PollingInterval { get; init; }

    /// <summary>Waited after all have it (or instead of looking): for servers behind those that answer. None by default.</summary>
    public TimeSpan ExtraWait { get; init; }
}
