using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects.Dotege;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>The labels of Dotege and centauri-docker-confd, <c>com.chameth.*</c>.</summary>
internal static class DotegeDialect
{
    /// <summary>The label that names hosts.</summary>
    public const string HostLabel = DotegeLabels.Host;

    private const string PortLabel = DotegeLabels.Port;
    private const string AuthLabel = DotegeLabels.Auth;

    /// <summary>Dotege always redirects, and its own template sends half a year of HSTS.</summary>
    private static readonly HostSettings Defaults = new() { Https = HttpsMode.Redirect, HttpsCode = 301, Hsts = "max-age=15768000" };

    /// <summary>Reads the claims; null when no such label names a host.</summary>
    /// <param name="container">The container.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="findings">Where complaints go.</param>
    public static ContainerClaims? Read(Container container, RoutingPolicy policy, ContainerFindings findings)
    {
        if (!container.Labels.TryGetValue(HostLabel, out var value))
            return null;
        var hosts = Untrusted.IsReadable(value) ? HostListReader.Read(HostLabel, value, findings) : TooLong(value, findings);
        var claims = new ContainerClaims
        {
            Dialect = Dialect.Dotege,
            PortKey = PortLabel,
            Requested = [.. HostListReader.AsWritten(value)],
            Instances = container.Labels.TryGetValue(DotegeLabels.Tag, out var tag) && tag.Length > 0 ? [tag] : [],
        };
        if (hosts.Length == 0)
            return claims with { Refusal = new Refusal(ReasonIds.InvalidHost, $"{HostLabel} names no usable host.") };
        var (port, refusal) = ReadPort(container, findings);
        var isSplit = DotegeCertificates.IsSplit(container, findings, out var contradiction);
        var login = DotegeLogin.Read(container, policy.DotegeUsers, findings, out var closed);
        refusal = Refusal.Graver(Refusal.Graver(refusal, contradiction), closed);
        return claims with
        {
            Routes =
            [
                new RouteClaim
                {
                    Hosts = hosts,
                    Port = port,
                    IsSplit = isSplit,
                    Refusal = Refusal.Graver(refusal, DotegeLabels.Examine(container, findings)),
                    Settings = new RouteSettings
                    {
                        Balance = policy.Balance,
                        MaxBody = policy.MaxBody,
                        ResponseHeaders = DotegeHeaders.Read(container, findings),
                        ErrorPages = DotegeErrors.Read(container, findings),
                        Login = login,
                    },
                    Host = DotegeCertificates.Apply(container, new HostSettings { Defaults = Defaults }, findings),
                },
            ],
        };
    }

    /// <summary>Labels of this dialect that close something.</summary>
    /// <param name="container">The container.</param>
    public static IEnumerable<string> RestrictingLabels(Container container) =>
        container.Labels.ContainsKey(AuthLabel) ? [AuthLabel] : [];

    private static ImmutableArray<HostPattern> TooLong(string value, ContainerFindings findings)
    {
        findings.Warn(
            ReasonIds.InvalidHost,
            $"container {findings.Name}: {HostLabel}: text of at most {Untrusted.MaxValueBytes} bytes was expected. The container is not routed by it.",
            HostLabel,
            value);
        return [];
    }

    private static (int? Port, Refusal? Refusal) ReadPort(Container container, ContainerFindings findings)
    {
        if (!container.Labels.TryGetValue(PortLabel, out var text))
            return (null, null);
        if (Quantities.TryPort(text.Trim(), out var port))
            return (port, null);
        var detail = $"{PortLabel}=\"{Untrusted.Shown(text)}\": {Quantities.LegalPort} was expected.";
        findings.Warn(ReasonIds.InvalidPort, $"container {findings.Name}: {detail} The route is not served.", PortLabel, text);
        return (null, new Refusal(ReasonIds.InvalidPort, detail));
    }
}
