namespace Templater.Pipeline.Routing.Dialects.NginxProxy;

/// <summary>What a container says about one route: texts with the names by which messages call them.</summary>
internal sealed record RouteWords
{
    /// <summary>Variable that findings are about; null = the names of the texts are variables.</summary>
    public string? Variable { get; init; }

    /// <summary>Name of the port's text.</summary>
    public string PortKey { get; init; } = "VIRTUAL_PORT";

    /// <summary>Name of the destination's text.</summary>
    public string DestinationKey { get; init; } = "VIRTUAL_DEST";

    /// <summary>Name of the protocol's text.</summary>
    public string ProtocolKey { get; init; } = "VIRTUAL_PROTO";

    /// <summary>The port.</summary>
    public string Port { get; init; } = "";

    /// <summary>The destination.</summary>
    public string Destination { get; init; } = "";

    /// <summary>The protocol.</summary>
    public string Protocol { get; init; } = "";

    /// <summary>The folder of a FastCGI application's files.</summary>
    public string Root { get; init; } = "";

    /// <summary>External port for http; null = what the container says for all its hosts.</summary>
    public int? HttpPort { get; init; }

    /// <summary>External port for https; null = what the container says for all its hosts.</summary>
    public int? HttpsPort { get; init; }
}
