using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Dialects.NginxProxy;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Explaining;

/// <summary>Puts the steps of a decision about a container into words.</summary>
internal sealed class StepWriter(RoutingPolicy policy)
{
    /// <summary>The steps that were taken, in their order.</summary>
    public ImmutableArray<ExplainedStep> Of(Container container, ContainerFate fate, DecisionSteps steps)
    {
        var written = ImmutableArray.CreateBuilder<ExplainedStep>();
        if (steps.Options is { } options)
        {
            Dialect(written, container, fate);
            written.Add(Enabled(container, options, steps.Asked, fate));
            Instance(written, options, steps.Asked);
        }

        written.Add(new ExplainedStep("state", State(container), steps.Options is { } ready ? $"policy \"{RouteSettings.Word(ready.Health)}\"" : ""));
        if (steps.Options is { ReadyAfter.Ticks: > 0 } waiting)
            written.Add(new ExplainedStep("ready-after", Quantity(waiting.ReadyAfter), steps.NotReady is { Reason: ReasonIds.NotReadyYet } ? "not passed yet" : "passed"));
        foreach (var host in fate.Hosts)
            written.Add(new ExplainedStep("host", Untrusted.Shown(host), HostPatternParser.TryParse(host, out var pattern, out _)
                ? DomainRule.Allows(policy.Domains, container, pattern) ? "valid" : "not allowed by the setting domains"
                : "not a host name"));
        var companion = string.Join(", ", container.Env.Keys.Where(name => policy.Acme is null ? EnvFilter.IsOfCompanion(name) : CompanionWords.IsOperators(name)));
        if (companion.Length > 0)
            written.Add(new ExplainedStep("no effect", companion, policy.Acme is null
                ? "no certificates are obtained here; who puts a pair into the certificates directory, such as acme-companion, is heard"
                : "the settings alone decide that"));
        foreach (var stream in fate.Streams)
            written.Add(new ExplainedStep("stream", $"port {Untrusted.Shown(stream)}"));
        return written.ToImmutable();
    }

    // The native label wins; then the dialect's own.
    private ExplainedStep Enabled(Container container, ContainerOptions options, ContainerClaims? asked, ContainerFate fate)
    {
        var enable = policy.LabelPrefix + ".enable";
        var isNative = container.Labels.ContainsKey(enable);
        var key = !isNative && asked?.EnableKey is { } own && container.Labels.ContainsKey(own) ? own : enable;
        var isEnabled = isNative || key == enable ? options.Enabled : fate.Reason != ReasonIds.Disabled;
        return new ExplainedStep("enabled", isEnabled ? "yes" : "no",
            container.Labels.TryGetValue(key, out var value) ? $"{Untrusted.Shown(key)}={Untrusted.Shown(value)}" : "by default");
    }

    private void Dialect(ImmutableArray<ExplainedStep>.Builder written, Container container, ContainerFate fate)
    {
        if (fate.Dialect is not { } dialect)
        {
            written.Add(new ExplainedStep("dialect", "none", "no label names a host"));
            return;
        }

        var labels = SourceLabels.Of(container, dialect, policy.LabelPrefix).Where(label => SourceLabels.IsHost(label.Key, policy.LabelPrefix) || SourceLabels.IsListen(label.Key, policy.LabelPrefix));
        written.Add(new ExplainedStep("dialect", SourceLabels.Word(dialect), string.Join(", ", labels.Select(static label => $"{label.Key}={label.Value}"))));
        var ignored = string.Join(", ", SourceLabels.Ignored(container, dialect, policy));
        if (ignored.Length > 0)
            written.Add(new ExplainedStep("ignored", ignored, $"names hosts too; {SourceLabels.Word(dialect)} is read first"));
    }

    private void Instance(ImmutableArray<ExplainedStep>.Builder written, ContainerOptions options, ContainerClaims? asked)
    {
        var wanted = options.Instances.Length > 0 ? options.Instances : asked?.Instances ?? [];
        if (wanted.Length > 0 || policy.Instance.Length > 0)
            written.Add(new ExplainedStep("instance",
                wanted.Length > 0 ? Untrusted.Shown(string.Join(", ", wanted)) : "without a name",
                policy.Instance.Length > 0 ? $"this one is {policy.Instance}" : "this one has no name"));
    }

    private static string State(Container container) => RouteSettings.Word(container.State) + (container.Health switch
    {
        _ when container.State != ContainerState.Running => "",
        HealthStatus.Healthy => ", health check passing",
        HealthStatus.Starting => ", health check not passed yet",
        HealthStatus.Unhealthy => ", health check failing",
        _ => ", no health check",
    });

    private static string Quantity(TimeSpan span) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###} s");
}
