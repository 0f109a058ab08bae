using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>Compares the program that checks with the proxy that will read the file. Pure.</summary>
internal static partial class ProgramVersion
{
    /// <summary>What <c>nginx -v</c> or <c>haproxy -v</c> says; null when it is neither, or did not run.</summary>
    public static Version? Read(CommandResult result) =>
        result.Succeeded && Line().Match(result.Output) is { Success: true } match && Version.TryParse(match.Groups[1].ValueSpan, out var version) ? version : null;

    /// <summary>Says that they differ; null when they do not, or when that cannot be known.</summary>
    /// <param name="checker">The checker, for the message.</param>
    /// <param name="version">Its version.</param>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxy">The proxy.</param>
    public static Finding? Difference(string checker, Version version, Snapshot snapshot, ProxyContext proxy)
    {
        if (proxy.ImageVersion is not { } other || AreEqual(version, other))
            return null;
        var names = snapshot.Containers.Where(container => proxy.Containers.Contains(container.Id))
            .Select(static container => $"\"{Untrusted.Shown(container.Name)}\"").ToImmutableArray();
        return new Finding(
            FindingSeverity.Warning,
            ReasonIds.CheckerVersion,
            $"{checker} is version {version}, the proxy {string.Join(", ", names)} runs {other}: one may refuse what the other takes. Build Templater's image on the proxy's own (--build-arg PROXY_IMAGE).");
    }

    // A tag such as 1.30 leaves the last number open.
    private static bool AreEqual(Version one, Version other) =>
        one.Major == other.Major && one.Minor == other.Minor && (one.Build < 0 || other.Build < 0 || one.Build == other.Build);

    [GeneratedRegex(@"^(?:nginx version: nginx/|HA-?Proxy version )(\d{1,4}(?:\.\d{1,4}){1,2})", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Multiline)]
    private static partial Regex Line();
}
