using System.Collections.Immutable;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.Traefik;

/// <summary>Reads one router with what it refers to. The first thing that cannot be honoured refuses it.</summary>
/// <param name="labels">The container's labels.</param>
/// <param name="isObtaining">Whether the operator lets certificates be obtained.</param>
/// <param name="findings">Where complaints go.</param>
internal sealed class RouterReader(TraefikLabels labels, bool isObtaining, ContainerFindings findings)
{
    private const string Rule = "rule";
    private const string EntryPoints = "entrypoints";
    private const string Tls = "tls";
    private const string Resolver = "tls.certresolver";
    private const string MiddlewareNames = "middlewares";
    private const string Service = "service";
    private const string Priority = "priority";

    private const string PlainEntry = "web";
    private const string SecureEntry = "websecure";

    /// <summary>What restricts, beside middlewares.</summary>
    public const string TlsOptions = "tls.options";

    /// <summary>The option with the middlewares.</summary>
    public const string Middlewares = MiddlewareNames;

    /// <summary>Reads a router.</summary>
    /// <param name="router">Its options.</param>
    /// <param name="general">Why nothing of the container is served; null when something is.</param>
    public TraefikRouter Read(TraefikObject router, LabelProblem? general)
    {
        var problem = general;
        foreach (var option in router.Options)
            problem ??= LabelProblem.Unreadable(option);
        var terms = ReadRule(router.Find(Rule), ref problem);
        foreach (var option in router.Options)
        {
            if (option.Key is not (Rule or EntryPoints or Tls or Resolver or MiddlewareNames or Service or Priority))
                problem ??= LabelProblem.Unsupported(option, "this option of a router is not supported");
        }

        var (isPlain, isSecure) = ReadEntries(router, ref problem);
        var priority = 0;
        if (router.Find(Priority) is { } wish && !Quantities.TryInteger(wish.Value, -1000, 1000, out priority))
            problem ??= LabelProblem.Expected(wish, "a number from -1000 to 1000");
        var effects = new MiddlewareEffects();
        if (router.Find(MiddlewareNames) is { } names)
        {
            effects = new MiddlewareReader(labels.Middlewares).Read(names, out var unknown);
            problem ??= unknown;
        }

        var service = ServiceReader.Read(labels.Services, router.Find(Service), out var wrong);
        problem ??= wrong;
        if (problem is null && !isObtaining && router.Find(Resolver) is { } resolver)
            SayWhoOrders(resolver);
        return new TraefikRouter(router.Name, terms)
        {
            IsPlain = isPlain,
            IsSecure = isSecure,
            HasMiddlewares = router.Find(MiddlewareNames) is not null || router.Find(TlsOptions) is not null,
            Effects = effects,
            Service = service,
            Priority = priority,
            Resolver = router.Find(Resolver),
            RuleLength = router.Find(Rule)?.Value.Length ?? 0,
            Refusal = problem is null ? null : Refuse(router.Name, problem),
        };
    }

    /// <summary>Says why a router is not served.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="problem">Why.</param>
    public Refusal Refuse(string name, LabelProblem problem)
    {
        var detail = $"the router \"{Untrusted.Shown(name)}\" is not served: {problem.Detail}.";
        findings.Warn(problem.Reason, $"container {findings.Name}: {detail}", problem.Option?.Label, problem.ShowsValue ? problem.Option?.Value : null);
        return new Refusal(problem.Reason, detail) { Closes = Closure.Place };
    }

    private void SayWhoOrders(TraefikOption resolver) => findings.Warn(
        ReasonIds.UnsupportedOption,
        $"container {findings.Name}: {Untrusted.Shown(resolver.Label)}: no certificates are obtained. Set acme_email, which accepts the CA's terms, or put a pair for the hosts into the certificates directory; until then https is refused.",
        resolver.Label,
        resolver.Value);

    private static ImmutableArray<RuleTerm> ReadRule(TraefikOption? rule, ref LabelProblem? problem)
    {
        if (rule is null)
        {
            problem ??= new LabelProblem(null, ReasonIds.NoHost, "it has no rule, and Traefik's default rule is not known here");
            return [];
        }

        if (!Untrusted.IsReadable(rule.Value))
            return [];
        var terms = RuleReader.Read(rule.Value, out var bad);
        if (bad is not null)
            problem ??= new LabelProblem(rule, bad.Reason, bad.Text);
        return terms;
    }

    /// <summary>
    /// With TLS a router answers https alone, wherever it listens. Without, what listens for https may have TLS by Traefik's own
    /// configuration.
    /// </summary>
    private static (bool IsPlain, bool IsSecure) ReadEntries(TraefikObject router, ref LabelProblem? problem)
    {
        var (isPlain, isSecure) = (true, true);
        if (router.Find(EntryPoints) is { } entries)
        {
            var names = ValueList.Split(entries.Value);
            isPlain = names.Contains(PlainEntry, StringComparer.OrdinalIgnoreCase);
            isSecure = names.Contains(SecureEntry, StringComparer.OrdinalIgnoreCase);
            if (names.Length == 0 || !names.All(static name => name.ToLowerInvariant() is PlainEntry or SecureEntry))
                problem ??= LabelProblem.Unsupported(entries, $"of the entry points only {PlainEntry} and {SecureEntry} are known");
        }

        var hasTls = router.Find(Resolver) is not null;
        if (router.Find(Tls) is { } tls)
        {
            if (TraefikWords.TryTruth(tls.Value, out var wanted))
                hasTls |= wanted;
            else
                problem ??= LabelProblem.Expected(tls, TraefikWords.LegalTruth);
        }

        return hasTls ? (false, true) : (isPlain, isSecure);
    }
}
