using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>
/// Paths as the proxy sees them: Templater's own, translated by what both containers mount. Remembers of those that a template
/// asked for which the proxy cannot see: one for each mount that is missing, however many files lie in it. For one render at a time.
/// </summary>
internal sealed class ProxyPaths
{
    private readonly Container? _self;
    private readonly ImmutableArray<Container> _proxies;
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<Place, Finding> _findings = [];

    /// <summary>Prepares the views.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxy">The proxy that reads the file.</param>
    public ProxyPaths(Snapshot snapshot, ProxyContext proxy)
    {
        _self = snapshot.Containers.FirstOrDefault(container => container.Id == snapshot.Self);
        // Unknown on either side, or the same container: there is one view only.
        _proxies = _self is null || _self.Mounts.IsEmpty
            ? []
            : [.. snapshot.Containers.Where(container => container.Id != _self.Id && proxy.Containers.Contains(container.Id))];
    }

    /// <summary>The paths so far that the proxy does not see, by proxy and path.</summary>
    public IEnumerable<Finding> Findings => _findings.Values
        .OrderBy(static finding => finding.Container, StringComparer.Ordinal).ThenBy(static finding => finding.Value, StringComparer.Ordinal);

    /// <summary>A path of Templater's own container as the proxy sees it; unchanged where that cannot be known.</summary>
    /// <param name="path">Absolute path.</param>
    public string Of(string path)
    {
        if (_proxies.IsEmpty)
            return path;
        if (!_known.TryGetValue(path, out var seen))
            _known[path] = seen = Translate(path);
        return seen;
    }

    /// <summary>False where it is known that a proxy does not see a path, or sees it under another name than the configuration gives.</summary>
    /// <param name="path">Absolute path.</param>
    public bool IsSeen(string path) => _proxies.All(proxy => PathView.Translate(_self!.Mounts, proxy.Mounts, path) == Of(path));

    private string Translate(string path)
    {
        var views = _proxies.Select(proxy => PathView.Translate(_self!.Mounts, proxy.Mounts, path)).ToList();
        // One file, one path: a proxy that sees it elsewhere does not see it there.
        var chosen = views.Contains(path) ? path : views.Find(static view => view is not null) ?? path;
        for (var i = 0; i < views.Count; i++)
        {
            if (views[i] != chosen)
                Note(_proxies[i], PathView.Holder(_self!.Mounts, path), path, views[i], chosen);
        }

        return chosen;
    }

    // The first by name, whatever the order in which a template asks.
    private void Note(Container proxy, Mount? holder, string path, string? view, string chosen)
    {
        var place = new Place(proxy.Id, holder);
        if (!_findings.TryGetValue(place, out var known) || string.CompareOrdinal(path, known.Value) < 0)
            _findings[place] = NotShared(proxy, holder, path, view, chosen);
    }

    private Finding NotShared(Container proxy, Mount? holder, string path, string? view, string chosen)
    {
        var (name, self) = (Untrusted.Shown(proxy.Name), Untrusted.Shown(_self!.Name));
        var place = holder switch
        {
            null => "it lies in that container alone",
            { Name.Length: > 0 } volume => $"it lies in the volume \"{Untrusted.Shown(volume.Name)}\", mounted at {Untrusted.Shown(volume.Destination)}",
            var directory => $"it lies in {Untrusted.Shown(directory.Source)} of the host, mounted at {Untrusted.Shown(directory.Destination)}",
        };
        var why = view is null
            ? $"does not see {path} of container \"{self}\": {place}. The configuration names it nevertheless"
            : $"sees {path} of container \"{self}\" as {Untrusted.Shown(view)}, another proxy as {Untrusted.Shown(chosen)}. The configuration names the latter";
        return new Finding(FindingSeverity.Error, ReasonIds.PathNotShared, $"the proxy \"{name}\" {why}. Mount the same volume at the same path in both containers.")
        {
            Container = proxy.Name,
            Value = path,
        };
    }

    /// <summary>What a proxy does not see: a mount, or what lies in none.</summary>
    private sealed record Place(ContainerId Proxy, Mount? Holder);
}
