using Templater.Docker.Wire;

namespace Templater.Pipeline.Inventory.Engine;

/// <summary>Turns engine events into hints: what a person calls them, and whether they can explain that a route disappears. Pure.</summary>
internal static class EventWords
{
    private const string HealthAction = "health_status";

    /// <summary>The hint that an event gives; null when it cannot change what is routed.</summary>
    /// <param name="message">The event.</param>
    /// <param name="nameOf">The name of a listed container; null when it is not known.</param>
    /// <param name="stopSignalOf">The signal that stops a listed container; null or empty = SIGTERM.</param>
    public static SourceChange? Read(DockerEvent message, Func<ContainerId, string?> nameOf, Func<ContainerId, string?> stopSignalOf)
    {
        var attributes = message.Actor.Attributes;
        ContainerId? container = message.ContainerId is { Length: > 0 } id ? new ContainerId(id) : null;
        if (message.Type == "container")
        {
            var signal = attributes.GetValueOrDefault("signal", "");
            var isStop = message.Action == "kill" && StopSignals.Announces(signal, (container is { } told ? stopSignalOf(told) : null) ?? "");
            if (message.Action == "kill" && !isStop && IsHarmless(signal))
                return null;
            var name = Shown(attributes.GetValueOrDefault("name") ?? Known(container, nameOf));
            var (words, explains) = OfContainer(message.Action, attributes);
            return Change(container, name, $"{name} {words}", explains) with
            {
                IsStep = message.Action == "kill",
                Sign = isStop ? LifecycleSign.Stopping : Sign(message.Action),
                Expects = message.Action == "unpause" && container is { } resumed ? new(resumed, null) : null,
            };
        }

        if (message.Type is "service" or "node")
        {
            var named = Shown(attributes.GetValueOrDefault("name") ?? message.Actor.ID);
            var verb = message.Action == "remove" ? "removed" : message.Action == "create" ? "created" : "updated";
            return Change(null, "", $"{message.Type} {named} {verb}", explains: message.Action != "create");
        }

        if (message.Type != "network")
            return null;
        var network = Shown(attributes.GetValueOrDefault("name") ?? "a network");
        var member = Shown(Known(container, nameOf));
        return message.Action switch
        {
            "connect" => Change(container, member, $"{member} joined {network}", explains: false) with { IsStep = true, Expects = container is { } joining ? new(joining, message.Actor.ID) : null },
            "disconnect" => Change(container, member, $"{member} left {network}", explains: true) with { IsStep = true },
            "create" => Change(null, "", $"network {network} created", explains: false),
            _ => Change(null, "", $"network {network} removed", explains: true),
        };
    }

    // Signals that ask a process for something other than its end: our own reloads above all.
    private static bool IsHarmless(string signal) => StopSignals.Number(signal) is 1 or 10 or 12 or 17 or 28;

    private static LifecycleSign Sign(string action) => action switch
    {
        "start" => LifecycleSign.Started,
        "die" or "destroy" => LifecycleSign.Ended,
        _ => LifecycleSign.None,
    };

    private static (string Words, bool Explains) OfContainer(string action, IReadOnlyDictionary<string, string> attributes) => action switch
    {
        "create" => ("created", false),
        "start" => ("started", false),
        "restart" => ("restarted", false),
        "unpause" => ("resumed", false),
        "update" => ("updated", false),
        "die" => ($"ended (exit {Shown(attributes.GetValueOrDefault("exitCode", "?"))})", true),
        "stop" => ("stopped", true),
        "kill" => ("is being stopped", true),
        "destroy" => ("removed", true),
        "rename" => ("renamed", true),
        "pause" => ("paused", true),
        "oom" => ("ran out of memory", true),
        _ when action.StartsWith(HealthAction, StringComparison.Ordinal) => Health(action),
        _ => (Shown(action), true),
    };

    private static (string Words, bool Explains) Health(string action)
    {
        var status = action[HealthAction.Length..].TrimStart(':', ' ');
        return ($"is {Shown(status)}", status != "healthy");
    }

    private static string Known(ContainerId? container, Func<ContainerId, string?> nameOf) =>
        container is { } id ? nameOf(id) ?? id.ShortId : "a container";

    private static string Shown(string text) => UntrustedText.Printable(text, 80);

    private static SourceChange Change(ContainerId? container, string name, string text, bool explains) =>
        new(SourceChangeKind.Event, container, container is null ? "" : name,
            UntrustedText.Printable(text, SourceChange.MaxTextLength), explains);
}
