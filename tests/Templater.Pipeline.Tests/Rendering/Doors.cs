using System.Net;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>A place of a configuration that leads to a server.</summary>
/// <param name="Place">Where it is, for messages.</param>
/// <param name="Rules">Who may pass, in order: networks to let in or to keep out; what no rule names passes when there is no rule that lets in.</param>
/// <param name="AsksForPassword">True when a user and a password are asked for.</param>
internal sealed record Door(string Place, IReadOnlyList<(bool Allow, string Network)> Rules, bool AsksForPassword)
{
    /// <summary>Whether a client may pass.</summary>
    /// <param name="client">An address, or a network as the rules write it.</param>
    public bool Allows(string client)
    {
        foreach (var (allow, network) in Rules)
        {
            if (network == "all" || network == client || (IPAddress.TryParse(client, out var address) && IPNetwork.TryParse(network, out var range) && range.Contains(address)))
                return allow;
        }

        return true;
    }
}

/// <summary>Reads a configuration for the places that lead to a server. On purpose without the product's code.</summary>
internal sealed class Doors(string template, string text)
{
    /// <summary>The places that lead to an address.</summary>
    public List<Door> To(string address) => template == "haproxy" ? InHAProxy(address) : InNginx(address);

    private List<Door> InNginx(string address)
    {
        List<Door> doors = [];
        var upstreams = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<List<List<string>>>([[]]);
        foreach (var words in ConfigSkeleton.Nginx(text))
        {
            if (words[^1] == "{")
            {
                open.Push([words]);
                continue;
            }

            if (words[^1] != "}")
            {
                open.Peek().Add(words);
                continue;
            }

            var block = open.Pop();
            if (block[0][0] == "upstream" && block.Any(line => line[0] == "server" && IsAt(line[1], address)))
                upstreams.Add(block[0][1]);
            else if (block.Any(line => line[0].EndsWith("_pass", StringComparison.Ordinal) && (Leads(line[1], address) || upstreams.Any(name => Leads(line[1], name)))))
                doors.Add(NginxDoor(block, open));
        }

        return doors;
    }

    private static Door NginxDoor(List<List<string>> block, Stack<List<List<string>>> around) => new(
        string.Join(' ', around.Reverse().SelectMany(outer => outer.Take(1).Concat(outer.Where(line => line[0] == "server_name"))).Append(block[0]).SelectMany(words => words)),
        [.. block.Where(line => line[0] is "allow" or "deny").Select(line => (line[0] == "allow", line[1]))],
        block.Any(line => line[0] == "auth_basic" && line[1] != "off") && block.Any(line => line[0] == "auth_basic_user_file"));

    private List<Door> InHAProxy(string address)
    {
        List<Door> doors = [];
        List<List<string>> section = [];
        foreach (var words in ConfigSkeleton.HAProxy(text).Append(["end"]))
        {
            if (words[0] is not ("global" or "defaults" or "frontend" or "backend" or "userlist" or "resolvers" or "end"))
            {
                section.Add(words);
                continue;
            }

            if (section.Any(line => line[0] is "server" or "server-template" && line.Skip(1).Any(word => IsAt(word, address))))
                doors.Add(HAProxyDoor(section));
            section = [words];
        }

        return doors;
    }

    private static Door HAProxyDoor(List<List<string>> section)
    {
        List<(bool, string)> rules = [];
        var lists = section.Where(line => line is ["acl", "allowed", "src", ..]).SelectMany(line => line.Skip(3)).ToArray();
        foreach (var line in section)
        {
            if (line is ["http-request", "deny", "deny_status", "403", "if", "{", "src", .. var networks, "}"])
                rules.AddRange(networks.Select(network => (false, network)));
            else if (line is ["http-request", "deny", "deny_status", "403", "unless", "allowed"])
                rules.AddRange([.. lists.Select(network => (true, network)), (false, "all")]);
        }

        return new Door(string.Join(' ', section[0]), rules, section.Any(line => line is ["http-request", "auth", ..] && line.Contains("unless")));
    }

    private static bool Leads(string target, string name) =>
        target == name || target.EndsWith("://" + name, StringComparison.Ordinal) || target.Contains($"://{name}/", StringComparison.Ordinal) || target.Contains($"://{name}$", StringComparison.Ordinal) || IsAt(target, name);

    private static bool IsAt(string word, string address) =>
        word.StartsWith($"{address}:", StringComparison.Ordinal) || word.Contains($"[{address}]:", StringComparison.Ordinal) || word.Contains($"//{address}:", StringComparison.Ordinal);
}
