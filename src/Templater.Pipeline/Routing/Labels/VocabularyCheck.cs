using System.Collections.Immutable;
using System.Globalization;
using Templater.Language;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Labels;

/// <summary>
/// Looks at every native label of a container once: what is not known is named with the nearest known key, what is
/// known and not honoured is said, and refuses the container where ignoring it would open what should be closed.
/// </summary>
internal static class VocabularyCheck
{
    private const int MaxRouteNameLength = 40;

    /// <summary>Most unknown labels of one container that are named: looking for the nearest known key costs time.</summary>
    public const int MaxUnknown = 20;

    /// <summary>Most routes of one container.</summary>
    public const int MaxRoutes = 100;

    /// <summary>Checks all labels under the prefix.</summary>
    /// <param name="container">The container.</param>
    /// <param name="prefix">Prefix without dot.</param>
    /// <param name="findings">Where complaints go.</param>
    /// <returns>Why the container must not be routed; null when nothing speaks against it.</returns>
    public static Refusal? Examine(Container container, string prefix, ContainerFindings findings)
    {
        Refusal? refusal = null;
        foreach (var (label, value) in container.Labels)
        {
            var isOurs = label.StartsWith(prefix + ".", StringComparison.OrdinalIgnoreCase);
            if ((isOurs ? label[(prefix.Length + 1)..] : MisspeltPrefix.KeyOf(label, prefix)) is not { } key)
                continue;
            // Keys are lower-case: to the engine and to every dialect another case is another label.
            var found = label.StartsWith(prefix + ".", StringComparison.Ordinal)
                ? ExamineOne(label, key, value, prefix, findings)
                : Unknown(label, $"{prefix}.", key, value, findings);
            refusal = Refusal.Graver(refusal, found);
        }

        if (findings.UnknownLabels > MaxUnknown)
        {
            var more = (findings.UnknownLabels - MaxUnknown).ToString(CultureInfo.InvariantCulture);
            findings.Warn(ReasonIds.UnknownLabel, $"container {findings.Name}: {more} more labels under {prefix} are not known. They have no effect.");
        }

        return Refusal.Graver(refusal, TooManyRoutes(container, prefix, findings));
    }

    /// <summary>
    /// The labels that must not be ignored when another dialect names the hosts, ordinal order. A host alone is none: it is
    /// what makes this dialect the one that is read.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="prefix">Prefix without dot.</param>
    public static IEnumerable<string> FailClosedLabels(Container container, string prefix) =>
        container.Labels.Keys
            .Where(label => label.StartsWith(prefix + ".", StringComparison.Ordinal)
                // Streams are read whatever dialect names the hosts.
                && !label.AsSpan(prefix.Length + 1).StartsWith(StreamKeys.Group + ".", StringComparison.Ordinal)
                && NativeKeys.Find(Split(label[(prefix.Length + 1)..]).Key) is { FailsClosed: true, Scope: not KeyScope.Container } key
                && key.Name != "host"
                && !key.Harmless.Contains(container.Labels[label].Trim(), StringComparer.OrdinalIgnoreCase));

    /// <summary>True when a route's own labels close something.</summary>
    /// <param name="container">The container.</param>
    /// <param name="prefix">Prefix without dot.</param>
    /// <param name="route">Name of the route.</param>
    public static bool Restricts(Container container, string prefix, string route)
    {
        var start = $"{prefix}.routes.{route}.";
        return container.Labels.Keys.Any(label =>
            label.StartsWith(start, StringComparison.Ordinal) && NativeKeys.Find(label[start.Length..]) is { Restricts: true });
    }

    /// <summary>The names of the container's routes, ordinal order; no more than <see cref="MaxRoutes"/>.</summary>
    /// <param name="container">The container.</param>
    /// <param name="prefix">Prefix without dot.</param>
    public static ImmutableArray<string> RouteNames(Container container, string prefix) =>
        [.. AllRouteNames(container, prefix).Order(StringComparer.Ordinal).Take(MaxRoutes)];

    private static IEnumerable<string> AllRouteNames(Container container, string prefix)
    {
        var start = $"{prefix}.routes.";
        return container.Labels.Keys
            .Where(label => label.StartsWith(start, StringComparison.Ordinal))
            .Select(label => label[start.Length..].Split('.')[0])
            .Where(IsRouteName)
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>A route that is not looked at may be one that closes something.</summary>
    private static Refusal? TooManyRoutes(Container container, string prefix, ContainerFindings findings)
    {
        if (AllRouteNames(container, prefix).Skip(MaxRoutes).FirstOrDefault() is null)
            return null;
        var detail = $"it has more than {MaxRoutes} routes.";
        findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name} is not routed: {detail}");
        return new Refusal(ReasonIds.UnsupportedOption, detail) { Closes = Closure.Place };
    }

    private static Refusal? ExamineOne(string label, string name, string value, string prefix, ContainerFindings findings)
    {
        var (group, key) = Split(name);
        if (group.StartsWith("streams.", StringComparison.Ordinal))
        {
            if (StreamKeys.Find(key) is null)
                UnknownOfStream(label, $"{prefix}.{group}.", key, value, findings);
            return null;
        }

        var known = NativeKeys.Find(key);
        if (known is null || (group.Length > 0 && known.Scope == KeyScope.Container))
        {
            return MisnamedRoute(label, name, findings) ?? Unknown(label, $"{prefix}.", name, value, findings);
        }

        if (known.Support == KeySupport.Full || known.Harmless.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase))
            return null;
        if (known.Support == KeySupport.Ignored)
        {
            findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: {Untrusted.Shown(label)} is not supported by this version; it has no effect.", label);
            return null;
        }

        // The value may be a password hash: it is never repeated.
        var detail = $"{Untrusted.Shown(label)} is not supported by this version, and serving the routes without it would open what it closes.";
        findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name} is not routed: {detail}", label);
        return new Refusal(ReasonIds.UnsupportedOption, detail) { Closes = known.Closes };
    }

    /// <summary>A route whose name is none is not served, and then another route would answer for what it closes.</summary>
    private static Refusal? MisnamedRoute(string label, string name, ContainerFindings findings)
    {
        var parts = name.Split('.', 3);
        if (parts.Length < 3 || parts[0] != "routes" || IsRouteName(parts[1]) || NativeKeys.Find(parts[2]) is not { Restricts: true })
            return null;
        var detail = $"the name of a route has at most {MaxRouteNameLength} characters a-z, 0-9 and -, "
            + $"and serving the other routes without {Untrusted.Shown(label)} would open what it closes.";
        findings.Warn(ReasonIds.UnknownLabel, $"container {findings.Name} is not routed: {detail}", label);
        return new Refusal(ReasonIds.UnknownLabel, detail) { Closes = Closure.Place };
    }

    /// <returns>Why the container must not be routed, when the label was meant to close something.</returns>
    private static Refusal? Unknown(string label, string start, string key, string value, ContainerFindings findings)
    {
        var isNamed = ++findings.UnknownLabels <= MaxUnknown;
        // Only a known key in the wrong case is surely meant.
        key = key.ToLowerInvariant();
        var isClosing = MisspeltRestriction.IsMeant(Split(key).Key, value);
        if (!isNamed && !isClosing)
            return null;
        var hint = Nearest(key) is { } nearest ? $"; did you mean {Untrusted.Shown(start + nearest)}?" : ".";
        // A blank at an end is seen only in quotes.
        var quote = label.Any(char.IsWhiteSpace) ? "\"" : "";
        var what = $"{quote}{Untrusted.Shown(label)}{quote} is not known{hint}";
        if (!isClosing)
        {
            findings.Warn(ReasonIds.UnknownLabel, $"container {findings.Name}: {what} It has no effect.", label);
            return null;
        }

        var detail = $"{what} Serving the routes without it could open what it was meant to close.";
        findings.Warn(ReasonIds.UnknownLabel, $"container {findings.Name} is not routed: {detail}", label);
        // What is said of the container as a whole says nothing about its replicas.
        var isOfContainer = Nearest(key) is { } found && NativeKeys.Find(Split(found).Key)?.Scope == KeyScope.Container;
        return new Refusal(ReasonIds.UnknownLabel, detail) { Closes = isOfContainer ? Closure.Nothing : Closure.Place };
    }

    private static string? Nearest(string key)
    {
        var (group, last) = Split(key);
        var candidates = NativeKeys.All.Select(static known => known.Name).Where(static name => !name.EndsWith('.'));
        if (NativeKeys.Find(last) is { } meant && (group.Length == 0 || meant.Scope != KeyScope.Container))
            return key;
        if (group.StartsWith(StreamKeys.Group + ".", StringComparison.Ordinal))
            return NearestName.Find(last, StreamKeys.All.Select(static known => known.Name)) is { } ofStream ? $"{group}.{ofStream}" : null;
        if (!group.StartsWith("routes.", StringComparison.Ordinal))
            return NearestName.Find(key, candidates);
        return NearestName.Find(last, candidates) is { } found
            ? NativeKeys.Find(found)?.Scope == KeyScope.Container ? found : $"{group}.{found}"
            : null;
    }

    private static void UnknownOfStream(string label, string start, string key, string value, ContainerFindings findings)
    {
        var isClosing = StreamKeys.IsMisspeltRestriction(key, value);
        if (++findings.UnknownLabels > MaxUnknown && !isClosing)
            return;
        var hint = NearestName.Find(key.ToLowerInvariant(), StreamKeys.All.Select(static known => known.Name)) is { } nearest ? $"; did you mean {Untrusted.Shown(start + nearest)}?" : ".";
        var consequence = isClosing ? "The stream is not served, because it could open what that was meant to close." : "It has no effect.";
        findings.Warn(ReasonIds.UnknownLabel, $"container {findings.Name}: {Untrusted.Shown(label)} is not known{hint} {consequence}", label);
    }

    /// <summary>Separates <c>routes.NAME</c> or <c>streams.NAME</c> from the key behind it.</summary>
    private static (string Group, string Key) Split(string name)
    {
        var parts = name.Split('.', 3);
        return parts.Length == 3 && parts[0] is "routes" or "streams" && IsRouteName(parts[1])
            ? ($"{parts[0]}.{parts[1]}", parts[2])
            : ("", name);
    }

    /// <summary>True for what may name a route or a stream.</summary>
    public static bool IsRouteName(string name) =>
        name.Length is > 0 and <= MaxRouteNameLength
        && name.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');
}
