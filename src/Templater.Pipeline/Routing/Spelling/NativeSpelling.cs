using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects;
using Templater.Pipeline.Routing.Files;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Spelling;

/// <summary>
/// Writes what containers say in any dialect as native labels. Pure. Where a restriction cannot be said natively, nothing of the
/// container is said: labels without it would open what it closes.
/// </summary>
public static class NativeSpelling
{
    /// <summary>The containers of a snapshot, by name.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="policy">The operator's settings.</param>
    public static ImmutableArray<SpelledContainer> Of(Snapshot snapshot, RoutingPolicy policy)
    {
        var files = new HostFiles(snapshot.OperatorFiles);
        var readings = snapshot.Containers.Select(container => new Reading(ServiceView.Of(container), policy, files)).ToArray();
        var groups = MergedPlaces.Of(readings.SelectMany(static reading => reading.Claims), policy);
        return
        [
            .. readings.Select(reading => reading.Spell(groups))
                .OrderBy(static spelled => spelled.Container.Name, StringComparer.Ordinal)
                .ThenBy(static spelled => spelled.Container.Id.Value, StringComparer.Ordinal),
        ];
    }

    /// <summary>One container on its way.</summary>
    private sealed class Reading
    {
        private readonly Container _container;
        private readonly RoutingPolicy _policy;
        private readonly HostFiles _files;
        private readonly ContainerFindings _findings;
        private readonly ContainerOptions _options;
        private readonly ContainerClaims? _claims;
        private readonly Refusal? _refusal;
        private readonly List<string> _remarks = [];

        public Reading(Container container, RoutingPolicy policy, HostFiles files)
        {
            (_container, _policy, _files, _findings) = (container, policy, files, new ContainerFindings(container));
            _options = ContainerOptionsReader.Read(container, policy, _findings);
            _claims = DialectReader.Read(container, policy, _findings);
            if (_claims is null)
                return;
            var unheard = UnheardRestrictions.Find(container, _claims.Dialect, policy, _findings);
            _refusal = Refusal.Graver(Refusal.Graver(_options.Refusal, unheard), _claims.Refusal);
            Claims = [.. _claims.Routes.Select(route => new Claim { Container = container, Dialect = _claims.Dialect, Route = route })];
        }

        /// <summary>Its claims as they were read.</summary>
        public ImmutableArray<Claim> Claims { get; } = [];

        public SpelledContainer Spell(MergedPlaces groups)
        {
            var labels = _claims is null ? [] : Labels(groups);
            return new SpelledContainer
            {
                Container = _container,
                Dialect = _claims is null or { Refusal.Reason: ReasonIds.NoHost or ReasonIds.Disabled, Streams.IsEmpty: true } ? null : _claims.Dialect,
                Hosts = _claims?.Requested ?? [],
                Labels = labels,
                Remarks = [.. _remarks.Distinct(StringComparer.Ordinal)],
                Findings = [.. _findings.Items],
            };
        }

        private ImmutableArray<SpelledLabel> Labels(MergedPlaces groups)
        {
            var closing = Claims.Select(static claim => claim.Route).Concat(_claims!.Streams.Select(static stream => stream.Route))
                .Select(static route => route.Refusal).FirstOrDefault(static refusal => refusal is { Closes: not Closure.Nothing });
            if ((_refusal ?? closing) is { } refusal)
                return Nothing(refusal.Detail.TrimEnd('.'));
            foreach (var route in Claims.Select(static claim => claim.Route).Concat(_claims.Streams.Select(static stream => stream.Route)))
                if (route.Refusal is { } bad)
                    Remark($"not written: {bad.Detail.TrimEnd('.')}");
            var view = new NativeView(_container, _policy, new FileWords(_files, _claims.Dialect), Remark);
            var routes = Claims.Where(static claim => claim.Route.Refusal is null)
                .SelectMany(claim => view.Of(claim.Route with { Group = claim.Route.Group ?? groups.GroupOf(claim) }))
                .ToImmutableArray();
            if (view.Unspeakable is { } why)
                return Nothing(why);
            var streams = _claims.Streams.Where(static stream => stream.Route.Refusal is null).ToArray();
            if (routes.Length == 0 && streams.Length == 0)
                return [];
            var named = RouteLabels.Named(routes, _claims.Dialect == Dialect.Templater);
            var labels = (routes.Length > 0 ? RouteLabels.Of(named, _policy) : [])
                .AddRange(streams.SelectMany(stream => StreamSpelling.Of(stream, _policy)))
                .AddRange(ContainerLabels.Of(_container, _options, _claims, _policy));
            if (labels.FirstOrDefault(static label => !Untrusted.IsReadable(label.Value)) is { } endless)
                return Nothing(string.Create(CultureInfo.InvariantCulture, $"{endless.Key} would be longer than {Untrusted.MaxValueBytes} bytes"));
            return [.. labels.Select(label => label with { Key = $"{_policy.LabelPrefix}.{label.Key}" })];
        }

        private ImmutableArray<SpelledLabel> Nothing(string why)
        {
            _remarks.Clear();
            Remark($"nothing is written: {why}");
            return [];
        }

        private void Remark(string text) => _remarks.Add(text + ".");
    }
}
