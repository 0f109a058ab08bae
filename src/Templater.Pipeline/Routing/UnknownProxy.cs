using System.Collections.Immutable;
using Templater.Language;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing;

/// <summary>Says that nobody is the proxy of an output, and who was probably meant to be. Pure and thread-safe.</summary>
public static class UnknownProxy
{
    private const int MostNamed = 3;

    /// <summary>
    /// A warning where somebody looks like the proxy; else a note, because on the first start of a compose file the proxy is
    /// created only when Templater is healthy.
    /// </summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxy">The output's proxy, which is not known.</param>
    /// <param name="outputPath">Where Templater writes the output, as Templater sees it.</param>
    /// <param name="outputs">The names of all outputs: their proxies are not this one's.</param>
    /// <param name="isToldByLabel">True when only labelled containers are told to reload.</param>
    /// <param name="labelPrefix">Prefix of native labels, without dot.</param>
    public static Finding Describe(
        Snapshot snapshot, ProxyContext proxy, string outputPath, ImmutableArray<string> outputs, bool isToldByLabel, string labelPrefix = "templater")
    {
        var label = $"{labelPrefix}.proxy";
        var project = ProxyLocator.OwnProject(snapshot);
        var candidates = snapshot.Containers
            .Where(container => container.Id != snapshot.Self && container.State is not (ContainerState.Exited or ContainerState.Dead))
            .Select(container => Slip(container, proxy, outputs, label, labelPrefix)
                ?? (isToldByLabel && IsProbable(snapshot, container, proxy.Kind, project, outputPath, label, labelPrefix)
                    ? $"{Name(container)} runs {Untrusted.Shown(container.Image.ToString())}"
                    : null))
            .OfType<string>()
            .Order(StringComparer.Ordinal)
            .ToArray();
        var consequence = isToldByLabel
            ? $"no container is labelled {label}={proxy.Output}, so nobody is reloaded and all networks count as reachable. Label the proxy."
            : $"the proxy is not known, so all networks count as reachable. Label it {label}={proxy.Output} to narrow that.";
        var more = candidates.Length > MostNamed ? $"; and {candidates.Length - MostNamed} more" : "";
        var named = candidates.Length == 0 ? "" : $" ({string.Join("; ", candidates.Take(MostNamed))}{more})";
        return new Finding(
            candidates.Length == 0 ? FindingSeverity.Info : FindingSeverity.Warning,
            ReasonIds.ProxyUnknown,
            $"output \"{proxy.Output}\": {consequence}{named}");
    }

    private static string Name(Container container) => $"\"{Untrusted.Shown(container.Name)}\"";

    // Asked of every container at every look: texts are made only of those that are suspected.
    private static string? Slip(Container container, ProxyContext proxy, ImmutableArray<string> outputs, string label, string labelPrefix)
    {
        if (container.Labels.TryGetValue(label, out var value))
        {
            value = value.Trim();
            return !outputs.Contains(value) && (LooksLike(container, proxy.Kind) || NearestName.Find(value, [proxy.Output]) is not null)
                ? $"{Name(container)} carries {Untrusted.Shown($"{label}={value}")}; did you mean {proxy.Output}?"
                : null;
        }

        // A key in the wrong case or with a slip is a label of another name, and so nobody's.
        foreach (var (key, _) in container.Labels)
            if (IsMisspelt(key, labelPrefix))
                return $"{Name(container)} carries {Untrusted.Shown(key)}; did you mean {label}={proxy.Output}?";
        return null;
    }

    // Where the reload takes another way, a proxy without a label is nothing unusual; and a web server is an application. An image
    // of that name in another project is another's: many a host runs several, and ours reads what Templater writes.
    private static bool IsProbable(
        Snapshot snapshot, Container container, ProxyKind kind, string? project, string outputPath, string label, string labelPrefix) =>
        LooksLike(container, kind)
        && !container.Labels.ContainsKey(label)
        && !IsApplication(container, labelPrefix)
        && (container.Compose?.Project == project || SharedFolders.Hold(snapshot, container, outputPath));

    private static bool IsMisspelt(string key, string labelPrefix) =>
        key.LastIndexOf('.') is > 0 and var dot
        && key.AsSpan(0, dot).Equals(labelPrefix, StringComparison.OrdinalIgnoreCase)
        && key[(dot + 1)..] is var name
        && (name.Equals("proxy", StringComparison.OrdinalIgnoreCase) || NativeSlip(name));

    private static bool NativeSlip(string name) =>
        Labels.NativeKeys.Find(name) is null && NearestName.Find(name, Labels.NativeKeys.All.Select(static key => key.Name)) == "proxy";

    private static bool LooksLike(Container container, ProxyKind kind) =>
        Word(kind) is { } word && container.Image.Repository is var repository
        && repository.AsSpan(repository.LastIndexOf('/') + 1).Contains(word, StringComparison.OrdinalIgnoreCase);

    private static string? Word(ProxyKind kind) => kind switch
    {
        ProxyKind.Nginx => "nginx",
        ProxyKind.HAProxy => "haproxy",
        ProxyKind.Centauri => "centauri",
        _ => null,
    };

    private static bool IsApplication(Container container, string labelPrefix) =>
        container.Labels.Keys.Any(key => key.StartsWith(labelPrefix + ".", StringComparison.Ordinal) || key.StartsWith("com.chameth.", StringComparison.Ordinal))
        || container.Env.ContainsKey("VIRTUAL_HOST");
}
