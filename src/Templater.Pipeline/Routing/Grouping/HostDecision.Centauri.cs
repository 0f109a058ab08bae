using System.Collections.Immutable;
using Templater.Pipeline.Routing.Dialects.Dotege;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>What a proxy that makes its own certificates is told about them.</summary>
internal sealed partial class HostDecision
{
    /// <summary>Who makes the certificate; null = whom the proxy likes.</summary>
    public string? Provider() =>
        _claims.Any(static claim => claim.Route.Host.Provider is not null)
            ? First(static settings => settings.Provider, DotegeLabels.Provider, static provider => provider, "the default", static _ => false)
            : null;

    /// <summary>The names of the certificate; empty = those of the host.</summary>
    public ImmutableArray<string> Subject() =>
        _claims.Any(static claim => claim.Route.Host.Subject is not null)
            ? First(static settings => settings.Subject, DotegeLabels.Subject, static subject => subject, "the names of the host", static _ => false) is { } names ? [.. names.Split(' ')] : []
            : [];
}
