using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>Reads the native keys that describe a container as a whole; they hold whatever dialect names its hosts.</summary>
internal static class ContainerOptionsReader
{
    private static readonly TimeSpan MaxReadyAfter = TimeSpan.FromMinutes(10);

    /// <summary>Reads the options and examines the vocabulary.</summary>
    /// <param name="container">The container.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="findings">Where complaints go.</param>
    public static ContainerOptions Read(Container container, RoutingPolicy policy, ContainerFindings findings)
    {
        var reader = new LabelReader(container, policy.LabelPrefix, route: null, findings);
        var enable = reader.Value<bool>("enable", Quantities.TryBoolean, Quantities.LegalBoolean);
        // An empty one is a variable that was not set: it meant some instance or network, and not any.
        var instances = reader.Value<ImmutableArray<string>>("instance", TryNames, "a list of instances");
        var options = new ContainerOptions
        {
            // Somebody who wrote it wrongly wanted something: that is a refusal which is said, not a silent default.
            Enabled = enable ?? (reader.Refusal is not null || policy.EnableDefault),
            Instances = instances ?? [],
            IsInstanceKnown = instances is not null || !container.Labels.ContainsKey($"{policy.LabelPrefix}.instance"),
            Networks = reader.Value<ImmutableArray<string>>("network", TryNames, "a list of networks") ?? [],
            Health = reader.Choice<HealthPolicy>("health") ?? policy.Health,
            ReadyAfter = reader.Value<TimeSpan>("ready-after", TryReadyAfter, "a duration of at most 10m") ?? TimeSpan.Zero,
            Endpoints = reader.Choice<EndpointMode>("endpoints") ?? EndpointMode.Tasks,
            Drain = reader.Value<bool>("drain", Quantities.TryBoolean, Quantities.LegalBoolean) ?? false,
            ProxyOf = reader.Raw("proxy")?.Value.Trim(),
        };
        var unsupported = VocabularyCheck.Examine(container, policy.LabelPrefix, findings);
        return options with { Refusal = Refusal.Graver(reader.Refusal, unsupported) };
    }

    private static bool TryNames(string text, out ImmutableArray<string> names)
    {
        names = ValueList.Split(text);
        return names.Length > 0;
    }

    private static bool TryReadyAfter(string text, out TimeSpan value) =>
        Quantities.TryDuration(text, out value) && value <= MaxReadyAfter;
}
