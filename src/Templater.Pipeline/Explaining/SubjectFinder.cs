using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Explaining;

/// <summary>Finds what a word of the command line names.</summary>
internal sealed class SubjectFinder(Snapshot snapshot, RoutingResult routing)
{
    /// <summary>Fewer digits of an id are more likely a name that is wrong.</summary>
    private const int MinIdDigits = 4;

    /// <summary>Containers of that name; else those of that service; else those with a stream on that port or by that name; else those whose id begins so. By their place in the snapshot.</summary>
    public IEnumerable<int> Containers(string word)
    {
        var named = Where(container => container.Name == word);
        if (named.Length == 0)
            named = Where(container => container.Compose?.Service == word || container.Swarm?.Service == word);
        if (named.Length == 0)
            named = [.. Enumerable.Range(0, routing.Outcomes.Length).Where(index => routing.Outcomes[index].Streams.Any(claim => IsCalled(claim.Settings, word)))];
        return named.Length > 0 || word.Length < MinIdDigits ? named : Where(container => container.Id.Value.StartsWith(word, StringComparison.Ordinal));
    }

    /// <summary>The host that the word names or falls under; null when nobody asks for it.</summary>
    public string? Host(string word)
    {
        // A route of the operator's is named by its host.
        if (routing.StaticClaims.FirstOrDefault(claim => claim.Container.Name == word) is { } own)
            word = own.Route.Hosts[0].ToString();
        var host = HostPatternParser.TryParse(word, out var pattern, out _) ? pattern.ToString() : word;
        if (Asked().Contains(host, StringComparer.Ordinal))
            return host;
        if (Asked().Contains(word, StringComparer.OrdinalIgnoreCase))
            return word;
        // Below a wildcard: the longest one that covers it is what the proxies choose.
        for (var dot = host.IndexOf('.', StringComparison.Ordinal); dot > 0; dot = host.IndexOf('.', dot + 1))
            if (Asked().Contains("*" + host[dot..], StringComparer.Ordinal))
                return "*" + host[dot..];
        return null;
    }

    /// <summary>Everything that can be named.</summary>
    public IEnumerable<string> Names =>
        snapshot.Containers.Select(static container => container.Name)
            .Concat(snapshot.Containers.Select(static container => container.Compose?.Service).OfType<string>())
            .Concat(snapshot.Containers.Select(static container => container.Swarm?.Service).OfType<string>())
            .Concat(Asked())
            .Concat(routing.StaticClaims.Select(static claim => claim.Container.Name))
            .Concat(routing.Outcomes.SelectMany(static outcome => outcome.Streams).Select(static claim => claim.Settings.Listen?.ToString()).OfType<string>())
            .Distinct(StringComparer.Ordinal);

    private IEnumerable<string> Asked() =>
        routing.VirtualHosts.SelectMany(static host => host.Aliases.Prepend(host.Pattern).Concat(host.RedirectFrom)).Select(static pattern => pattern.ToString())
            .Concat(routing.Fates.SelectMany(static fate => fate.Hosts));

    private static bool IsCalled(StreamSettings stream, string word) =>
        stream.Listen?.ToString() == word || stream.Route.Hosts.Any(host => host.Text == word);

    private int[] Where(Func<Container, bool> isMeant) =>
        [.. Enumerable.Range(0, snapshot.Containers.Length).Where(index => isMeant(snapshot.Containers[index]))];
}
