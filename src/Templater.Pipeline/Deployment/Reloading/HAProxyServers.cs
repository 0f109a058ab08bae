using System.Globalization;
using System.Net;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>One server as HAProxy has it.</summary>
/// <param name="Address">Its address; null when it has none yet.</param>
/// <param name="Port">Its port.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Administration">What was decided about it: the bits of srv_admin_state.</param>
internal sealed record RunningServer(IPAddress? Address, int Port, int Weight, int Administration)
{
    // Forced, inherited and by a resolver; that the file says "disabled" is only remembered (4).
    private const int Maintenance = 0x01 | 0x02 | 0x20;
    private const int Draining = 0x08 | 0x10;

    /// <summary>True when it gets no requests by decision.</summary>
    public bool IsParked => (Administration & Maintenance) != 0;

    /// <summary>True when it gets what its weight says.</summary>
    public bool IsReady => (Administration & (Maintenance | Draining)) == 0;

    public bool HasPlaceOf(ServerSlot slot) => Port == slot.Port && slot.Address.Equals(Address);

    public bool Is(ServerSlot slot) => HasPlaceOf(slot) && Weight == slot.Weight && (slot.IsParked ? IsParked : IsReady);
}

/// <summary>Reads <c>show servers state</c> (management guide, 9.3): a version, the names of the columns, a line for each server.</summary>
internal static class HAProxyServers
{
    private const string Version = "1";

    private static readonly string[] Columns = ["be_name", "srv_name", "srv_addr", "srv_port", "srv_uweight", "srv_admin_state"];

    /// <returns>The servers by backend and name; null when the answer is another one.</returns>
    public static Dictionary<(string Backend, string Server), RunningServer>? Parse(string answer)
    {
        var lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length < 2 || lines[0] != Version || !lines[1].StartsWith("# ", StringComparison.Ordinal))
            return null;
        var at = Array.ConvertAll(Columns, column => Array.IndexOf(lines[1][2..].Split(' '), column));
        if (Array.Exists(at, static column => column < 0))
            return null;
        var servers = new Dictionary<(string, string), RunningServer>(lines.Length);
        foreach (var line in lines.AsSpan(2))
        {
            var fields = line.Split(' ');
            if (Array.Exists(at, column => column >= fields.Length)
                || !TryNumber(fields[at[3]], out var port) || !TryNumber(fields[at[4]], out var weight) || !TryNumber(fields[at[5]], out var administration))
                return null;
            servers[(fields[at[0]], fields[at[1]])] = new RunningServer(IPAddress.TryParse(fields[at[2]], out var address) ? address : null, port, weight, administration);
        }

        return servers;
    }

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
