namespace Templater.Pipeline.Watching;

/// <summary>Says in a few words how two generations of an output differ in their hosts. Pure.</summary>
internal static class GenerationSummary
{
    /// <summary>How many hosts are named before the rest is only counted.</summary>
    public const int MaxNamed = 5;

    private const int MaxNameLength = 80;

    /// <summary>The difference, for example <c>+localhost (1 server), -old.example.com</c>.</summary>
    /// <param name="before">Hosts of the generation before; null when there was none.</param>
    /// <param name="after">Hosts of this one.</param>
    public static string Of(IReadOnlyCollection<HostSummary>? before, IReadOnlyCollection<HostSummary> after)
    {
        if (before is null)
            return $"{after.Count} {(after.Count == 1 ? "host" : "hosts")}";
        var old = Servers(before);
        var now = Servers(after);
        var changes = Ordered(now.Where(host => !old.ContainsKey(host.Key))).Select(static host => $"+{Name(host.Key)} ({Count(host.Value)})")
            .Concat(Ordered(old.Where(host => !now.ContainsKey(host.Key))).Select(static host => $"-{Name(host.Key)}"))
            .Concat(Ordered(now.Where(host => old.TryGetValue(host.Key, out var servers) && servers != host.Value))
                .Select(host => $"{Name(host.Key)} ({old[host.Key]} -> {Count(host.Value)})"))
            .ToList();
        if (changes.Count == 0)
            return "same hosts";
        var more = changes.Count - MaxNamed;
        return string.Join(", ", changes.Take(MaxNamed)) + (more > 0 ? $" and {more} more" : "");
    }

    // Only what differs is put in order: of many hosts few do.
    private static IEnumerable<KeyValuePair<string, int>> Ordered(IEnumerable<KeyValuePair<string, int>> hosts) =>
        hosts.OrderBy(static host => host.Key, StringComparer.Ordinal);

    private static Dictionary<string, int> Servers(IReadOnlyCollection<HostSummary> hosts)
    {
        var servers = new Dictionary<string, int>(hosts.Count, StringComparer.Ordinal);
        foreach (var host in hosts)
            servers[host.Name] = servers.GetValueOrDefault(host.Name) + host.Servers;
        return servers;
    }

    private static string Name(string name) => Inventory.UntrustedText.Printable(name, MaxNameLength);

    private static string Count(int servers) => servers == 1 ? "1 server" : $"{servers} servers";
}
