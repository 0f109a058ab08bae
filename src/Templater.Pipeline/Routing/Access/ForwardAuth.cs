using System.Collections.Immutable;

namespace Templater.Pipeline.Routing;

/// <summary>Somebody who is asked about every request of a route whether it may pass (Authelia, oauth2-proxy), as the operator defined it.</summary>
public sealed record ForwardAuth
{
    /// <summary>The name by which labels choose it: lower-case letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is asked over TLS; then its certificate is verified.</summary>
    public bool IsSecure { get; init; }

    /// <summary>Its name or address, without brackets: a container's, or one that the proxy looks up.</summary>
    public required string Host { get; init; }

    /// <summary>Its port.</summary>
    public required int Port { get; init; }

    /// <summary>Path, with a query if there is one, that answers 2xx, 401 or 403.</summary>
    public string Path { get; init; } = "/";

    /// <summary>
    /// Where people are sent who are to log in, unless its answer names another place; the URL that was asked for is appended when
    /// this ends in an equals sign. Null = they get the 401.
    /// </summary>
    public string? Login { get; init; }

    /// <summary>Headers of its answer that are passed on to the container; what clients say in them is not. In order, each once.</summary>
    public ImmutableArray<string> Headers { get; init; } = [];

    /// <summary>Address of the container that is called <see cref="Host"/>, or an address that the operator wrote; null = the proxy looks the name up.</summary>
    public string? Address { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
