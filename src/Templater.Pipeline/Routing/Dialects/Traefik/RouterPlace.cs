using System.Collections.Immutable;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.Traefik;

/// <summary>One path under some hosts that a router answers.</summary>
/// <param name="Router">The router.</param>
/// <param name="Hosts">The hosts, in the order of the rule.</param>
/// <param name="Path">What paths begin with.</param>
internal sealed record RouterPlace(TraefikRouter Router, ImmutableArray<HostPattern> Hosts, string Path)
{
    /// <summary>It is answered in plain http.</summary>
    public bool IsPlain { get; init; } = Router.IsPlain;

    /// <summary>It is answered in https.</summary>
    public bool IsSecure { get; init; } = Router.IsSecure;

    /// <summary>What is taken off the path; null = nothing.</summary>
    public string? Stripped { get; init; }

    /// <summary>Why it is not served; null when it is.</summary>
    public Refusal? Refusal { get; init; } = Router.Refusal;

    /// <summary>True when plain http must not be answered there, but by a redirect.</summary>
    public bool IsSecureOnly => IsSecure && (!IsPlain || Router.Effects.RedirectCode is not null);

    /// <summary>What remains of the path once the prefix is off.</summary>
    private string Rest => Stripped is null ? Path : Path[Stripped.Length..];

    /// <summary>True when both name a host.</summary>
    /// <param name="other">The other place.</param>
    public bool SharesHost(RouterPlace other) => Hosts.Any(other.Hosts.Contains);

    /// <summary>True when both do the same with a request.</summary>
    /// <param name="other">The other place.</param>
    public bool Does(RouterPlace other) =>
        Router.Service == other.Router.Service && Stripped == other.Stripped
        && Router.Effects.Login?.Digest == other.Router.Effects.Login?.Digest && Router.Effects.Login?.Realm == other.Router.Effects.Login?.Realm;

    /// <summary>True when both name the same hosts.</summary>
    /// <param name="other">The other place.</param>
    public bool HasHostsOf(RouterPlace other) => Hosts.Length == other.Hosts.Length && Hosts.All(other.Hosts.Contains);

    /// <summary>
    /// The patterns by which requests are found. Traefik's prefix may end within a segment. Where nothing remains of a prefix that is
    /// taken off, this needs a pattern that ends with a segment; what else begins like that is left to others, unless it asks for a
    /// login: then that holds there too.
    /// </summary>
    public IEnumerable<PathPattern> Patterns()
    {
        _ = PathPatternParser.TryParseRawPrefix(Path, out var raw);
        var endsWithin = Rest.Length == 0 && !Path.EndsWith('/');
        if (endsWithin)
            yield return new PathPattern(PathMatch.Prefix, Path);
        if (!endsWithin || Router.Effects.Login is not null)
            yield return raw;
    }

    /// <summary>What it asks of the route.</summary>
    /// <param name="policy">The operator's settings.</param>
    public RouteSettings Settings(RoutingPolicy policy) => new()
    {
        Balance = policy.Balance,
        MaxBody = policy.MaxBody,
        Rewrite = Stripped is null ? null : "/" + Rest.TrimStart('/'),
        Protocol = Router.Service.Protocol,
        Sticky = Router.Service.Cookie.Length > 0 ? StickyMode.Cookie : StickyMode.Off,
        StickyCookie = Router.Service.Cookie,
        Login = Router.Effects.Login,
        RequestHeaders = Stripped is null ? [] : [new HeaderChange(HeaderOperation.Set, "X-Forwarded-Prefix", Stripped)],
    };
}
