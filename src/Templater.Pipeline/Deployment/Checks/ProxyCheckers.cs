using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>The checker that a kind of proxy has by itself.</summary>
internal static class ProxyCheckers
{
    /// <param name="kind">The proxy.</param>
    /// <param name="scratch">A writable directory for what a check leaves behind.</param>
    /// <param name="runner">Runs programs.</param>
    /// <returns>Null when its program is not installed here, or none is known.</returns>
    public static IConfigChecker? Find(ProxyKind kind, string scratch, CommandRunner runner) => kind switch
    {
        ProxyKind.Centauri => new CentauriChecker(),
        ProxyKind.Nginx when ProgramPath.Find("nginx") is { } program => new NginxChecker(program, scratch, runner),
        ProxyKind.HAProxy when ProgramPath.Find("haproxy") is { } program => new HAProxyChecker(program, runner),
        _ => null,
    };

    /// <summary>Centauri ends on a bad file: there is no going without its own rules, whoever else is to judge.</summary>
    /// <param name="kind">The proxy.</param>
    /// <param name="named">The checker that the operator named; null for none.</param>
    public static IConfigChecker? WithOwnRules(ProxyKind kind, IConfigChecker? named) => (kind, named) switch
    {
        (ProxyKind.Centauri, null) => new CentauriChecker(),
        (ProxyKind.Centauri, not null) => new CheckersInTurn(new CentauriChecker(), named),
        _ => named,
    };
}
