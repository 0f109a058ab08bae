using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>The checker that a kind of proxy, or of file, has by itself.</summary>
internal static class ProxyCheckers
{
    /// <param name="output">The output.</param>
    /// <param name="scratch">A writable directory for what a check leaves behind.</param>
    /// <param name="runner">Runs programs.</param>
    /// <returns>Null when its program is not installed here, or none is known.</returns>
    public static IConfigChecker? Find(OutputDefinition output, string scratch, CommandRunner runner) => output.Kind switch
    {
        ProxyKind.Centauri => new CentauriChecker(),
        ProxyKind.Nginx when ProgramPath.Find("nginx") is { } program => new NginxChecker(program, scratch, runner),
        ProxyKind.HAProxy when ProgramPath.Find("haproxy") is { } program => new HAProxyChecker(program, runner),
        ProxyKind.Other => WellFormedChecker.For(output.Path),
        _ => null,
    };

    /// <summary>The checker of a part of a configuration, within what includes it.</summary>
    /// <param name="output">The output, which nginx reads.</param>
    /// <param name="main">The configuration that includes it.</param>
    /// <param name="scratch">A writable directory for what a check leaves behind.</param>
    /// <param name="runner">Runs programs.</param>
    /// <returns>Null when nginx is not installed here.</returns>
    public static IConfigChecker? FindPart(OutputDefinition output, string main, string scratch, CommandRunner runner) => ProgramPath.Find("nginx") is { } program
        ? new NginxPartChecker(new NginxChecker(program, scratch, runner), main, Path.Combine(scratch, StateDirectory.FileNameOf(output.Name) + ".including"))
        : null;

    /// <summary>
    /// Centauri ends on a bad file: there is no going without its own rules, whoever else is to judge. A file that is not even well-formed
    /// is not shown to others.
    /// </summary>
    /// <param name="output">The output.</param>
    /// <param name="named">The checker that the operator named; null for none.</param>
    public static IConfigChecker? WithOwnRules(OutputDefinition output, IConfigChecker? named)
    {
        var own = output.Kind switch
        {
            ProxyKind.Centauri => new CentauriChecker(),
            ProxyKind.Other when named is not null => WellFormedChecker.For(output.Path),
            _ => null,
        };
        return own is null || named is null ? own ?? named : new CheckersInTurn(own, named);
    }
}
