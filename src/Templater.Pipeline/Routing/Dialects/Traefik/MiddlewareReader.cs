using System.Collections.Immutable;
using Templater.Pipeline.Routing.Access;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.Traefik;

/// <summary>
/// Finds and reads the middlewares of a router. One that is not known, or has an option that is not, refuses the router: without it
/// the service would be open to more clients, or answer otherwise, than its author wanted.
/// </summary>
internal sealed class MiddlewareReader(ImmutableArray<TraefikObject> middlewares)
{
    private const string StripPrefix = "stripprefix";
    private const string RedirectScheme = "redirectscheme";
    private const string BasicAuth = "basicauth";
    private const string Https = "https";
    private const string HttpsPort = "443";
    // Traefik answers GET with 301 and 302, and everything else with these, which mean the same.
    private const int Permanent = 308;
    private const int Temporary = 307;

    private LabelProblem? _problem;
    private MiddlewareEffects _effects = new();

    /// <summary>Kinds that keep nobody out, so that a container that is described in other words may be served without them.</summary>
    /// <param name="kind">The kind, in lower case.</param>
    public static bool IsHarmless(string kind) => kind is StripPrefix or RedirectScheme or "redirectregex" or "compress" or "retry" or "addprefix";

    /// <summary>The kind of a middleware; empty when it has none, or several.</summary>
    /// <param name="middleware">The middleware.</param>
    public static string KindOf(TraefikObject middleware)
    {
        var kind = Head(middleware.Options[0].Key);
        return middleware.Options.All(option => Head(option.Key) == kind) ? kind : "";
    }

    /// <summary>Reads what a router names.</summary>
    /// <param name="wanted">The option with the names.</param>
    /// <param name="problem">Why it cannot be honoured.</param>
    public MiddlewareEffects Read(TraefikOption wanted, out LabelProblem? problem)
    {
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        foreach (var reference in ValueList.Split(wanted.Value))
        {
            if (Find(reference) is not { } middleware)
                _problem ??= LabelProblem.Unsupported(wanted, $"no label of this container describes the middleware {Untrusted.Shown(reference)}");
            else if (KindOf(middleware) is var kind && !kinds.Add(kind))
                _problem ??= LabelProblem.Unsupported(wanted, "two middlewares of one kind are not supported");
            else
                Apply(kind, middleware);
        }

        problem = _problem;
        return _effects;
    }

    private TraefikObject? Find(string reference)
    {
        var name = TraefikWords.LocalName(reference);
        foreach (var middleware in middlewares)
            if (middleware.Name == name)
                return middleware;
        return null;
    }

    private void Apply(string kind, TraefikObject middleware)
    {
        foreach (var option in middleware.Options)
            _problem ??= LabelProblem.Unreadable(option);
        switch (kind)
        {
            case StripPrefix:
                ReadStripPrefix(middleware);
                break;
            case RedirectScheme:
                ReadRedirect(middleware);
                break;
            case BasicAuth:
                ReadLogin(middleware);
                break;
            default:
                _problem ??= LabelProblem.Unsupported(middleware.Options[0], "of the middlewares only stripprefix, redirectscheme and basicauth are supported, each by itself") with { ShowsValue = false };
                break;
        }
    }

    private void ReadStripPrefix(TraefikObject middleware)
    {
        foreach (var option in middleware.Options)
        {
            if (option.Key != StripPrefix + ".prefixes")
            {
                Unknown(option);
                continue;
            }

            var prefixes = ValueList.Split(option.Value);
            if (prefixes.Length == 0 || !prefixes.All(static prefix => PathPatternParser.TryParseRawPrefix(prefix, out _)))
                _problem ??= LabelProblem.Expected(option, "a list of paths that begin with /, decoded and without empty or dot segments,");
            _effects = _effects with { Stripped = prefixes };
        }
    }

    private void ReadRedirect(TraefikObject middleware)
    {
        var scheme = middleware.Find(RedirectScheme + ".scheme");
        if (scheme is null)
            _problem ??= LabelProblem.Unsupported(middleware.Options[0], "the redirect names no scheme");
        var isPermanent = false;
        foreach (var option in middleware.Options)
        {
            _problem ??= option.Key switch
            {
                RedirectScheme + ".scheme" => option.Value == Https ? null : LabelProblem.Unsupported(option, "only https is supported"),
                RedirectScheme + ".port" => option.Value == HttpsPort ? null : LabelProblem.Unsupported(option, $"only {HttpsPort} is supported"),
                RedirectScheme + ".permanent" => TraefikWords.TryTruth(option.Value, out isPermanent) ? null : LabelProblem.Expected(option, TraefikWords.LegalTruth),
                _ => LabelProblem.Unsupported(option, "this option is not supported"),
            };
        }

        _effects = _effects with { RedirectCode = isPermanent ? Permanent : Temporary };
    }

    private void ReadLogin(TraefikObject middleware)
    {
        var users = ImmutableArray<BasicUser>.Empty;
        string? realm = null;
        if (middleware.Find(BasicAuth + ".users") is null)
            _problem ??= LabelProblem.Unsupported(middleware.Options[0], "the login has no users in labels") with { ShowsValue = false };
        foreach (var option in middleware.Options)
        {
            switch (option.Key)
            {
                case BasicAuth + ".users":
                    users = BasicUsers.Parse(ValueList.Split(option.Value), Untrusted.Shown(option.Label), out var text);
                    _problem ??= text.Length == 0 ? null : new LabelProblem(null, ReasonIds.AuthUnusable, text);
                    break;
                case BasicAuth + ".realm":
                    _problem ??= BasicUsers.TryRealm(option.Value, out realm) ? null : LabelProblem.Expected(option, BasicUsers.LegalRealm);
                    break;
                case BasicAuth + ".removeheader" when TraefikWords.TryTruth(option.Value, out var removes) && !removes:
                    break;
                default:
                    Unknown(option);
                    break;
            }
        }

        _effects = _effects with { Login = new RouteLogin(realm, users, null) };
    }

    private void Unknown(TraefikOption option) => _problem ??= LabelProblem.Unsupported(option, "this option is not supported") with { ShowsValue = false };

    private static string Head(string key)
    {
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? key : key[..dot];
    }
}
