using System.Collections.Immutable;
using Templater.Cli.Options;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Cli;

/// <summary>Routes a snapshot for one output; the same for <c>run</c> and <c>render</c>. Pure.</summary>
internal static class OutputRouting
{
    public static RoutingResult Route(OutputPlan plan, Snapshot snapshot) => Router.Route(snapshot, Proxy(plan, snapshot), plan.Policy);

    public static ProxyContext Proxy(OutputPlan plan, Snapshot snapshot) =>
        ProxyLocator.Locate(snapshot, plan.Definition.Name, plan.Definition.Kind, Hint(plan.Deployment), plan.Policy.LabelPrefix, plan.Definition.Proxy.Version);

    /// <summary>The proxies of an output, those that have ended too.</summary>
    public static ImmutableArray<Container> Proxies(OutputPlan plan, Snapshot snapshot) =>
        ProxyLocator.Candidates(snapshot, plan.Definition.Name, Hint(plan.Deployment), plan.Policy.LabelPrefix);

    /// <summary>What the reload setting tells about the proxy.</summary>
    public static ProxyHint Hint(DeploymentSettings deployment) => deployment.Reload switch
    {
        ReloadSpec.Auto when deployment.ProxyMark is { } mark => new ProxyHint.Marked(mark),
        ReloadSpec.Docker spec => new ProxyHint.Named(spec.Name),
        ReloadSpec.Exec spec => new ProxyHint.Named(spec.Name),
        ReloadSpec.Label spec => new ProxyHint.Labelled(spec.Key, spec.Value),
        // A command may reach anything, but by itself it runs here.
        ReloadSpec.Process or ReloadSpec.PidFile or ReloadSpec.Command => new ProxyHint.Own(),
        _ => new ProxyHint.None(),
    };
}
