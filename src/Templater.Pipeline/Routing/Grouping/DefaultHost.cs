using System.Collections.Immutable;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>Makes the host of <c>DEFAULT_HOST</c> answer all names that nobody claims. Pure.</summary>
internal static class DefaultHost
{
    private static readonly HostPattern Everything = new(HostMatch.Default, "*");

    /// <summary>The same hosts, of which one has everything as a further name, unless a container claims that.</summary>
    /// <param name="hosts">The hosts.</param>
    /// <param name="chosen">The operator's choice; null = none.</param>
    public static ImmutableArray<VirtualHost> Apply(ImmutableArray<VirtualHost> hosts, HostPattern? chosen)
    {
        if (chosen is null || hosts.Any(static host => Names(host).Contains(Everything)))
            return hosts;
        var index = -1;
        for (var at = 0; index < 0 && at < hosts.Length; at++)
            if (Names(hosts[at]).Contains(chosen))
                index = at;
        return index < 0 ? hosts : hosts.SetItem(index, hosts[index] with { Aliases = [.. hosts[index].Aliases, Everything] });
    }

    private static IEnumerable<HostPattern> Names(VirtualHost host) => host.Aliases.Prepend(host.Pattern);
}
