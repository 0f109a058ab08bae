using System.Collections.Immutable;
using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Routing.Dialects.Traefik;

/// <summary>A router as far as it could be read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Terms">The ways to fulfil its rule; empty when that cannot be honoured.</param>
internal sealed record TraefikRouter(string Name, ImmutableArray<RuleTerm> Terms)
{
    /// <summary>It answers plain http.</summary>
    public bool IsPlain { get; init; }

    /// <summary>It answers https.</summary>
    public bool IsSecure { get; init; }

    /// <summary>Something between it and the service was named, be it known or not.</summary>
    public bool HasMiddlewares { get; init; }

    /// <summary>What its middlewares do.</summary>
    public MiddlewareEffects Effects { get; init; } = new();

    /// <summary>What its service says.</summary>
    public ServiceWords Service { get; init; } = new();

    /// <summary>Winner of conflicts.</summary>
    public int Priority { get; init; }

    /// <summary>Length of its rule: the priority of a router that has none.</summary>
    public int RuleLength { get; init; }

    /// <summary>Whom it wants a certificate from; null when it does not say.</summary>
    public TraefikOption? Resolver { get; init; }

    /// <summary>Why it is not served; null when it is.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>True when all that it does is to send plain http to https.</summary>
    public bool OnlyRedirects => IsPlain && !IsSecure && Effects.RedirectCode is not null;
}

/// <summary>What the middlewares of a router do.</summary>
internal sealed record MiddlewareEffects
{
    /// <summary>Prefixes of which the first that fits is taken off the path.</summary>
    public ImmutableArray<string> Stripped { get; init; } = [];

    /// <summary>Status of the redirect from http to https; null = there is none.</summary>
    public int? RedirectCode { get; init; }

    /// <summary>Who has to log in; null = nobody.</summary>
    public RouteLogin? Login { get; init; }
}

/// <summary>What the service of a router says.</summary>
internal sealed record ServiceWords
{
    /// <summary>The port; null = the lowest exposed one.</summary>
    public int? Port { get; init; }

    /// <summary>The protocol.</summary>
    public UpstreamProtocol Protocol { get; init; }

    /// <summary>Cookie of the affinity; empty = none.</summary>
    public string Cookie { get; init; } = "";
}
