using System.Net;
using System.Net.Sockets;
using System.Text;
using Templater.Language;

namespace Templater.Pipeline.Rendering.Functions;

/// <summary>Functions about addresses, versions and URLs.</summary>
internal static class NetworkFunctions
{
    private const string PathCharacters = "-._~!&'()*+,;=:@/";

    private static readonly TemplateType Text = new TemplateType.Any(Untrusted: true);

    // Made when first asked for: most templates never do, and reading eight networks is a good part of a start.
    private static readonly Lazy<IPNetwork[]> PrivateNetworks = new(static () =>
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ]);

    /// <summary>All of them.</summary>
    public static readonly FunctionDefinition[] All =
    [
        new()
        {
            Name = "net.in_subnet",
            Documentation = "Whether an address lies in a network such as 10.0.0.0/8; false when either is none.",
            Parameters = [new FunctionParameter("address", Text), new FunctionParameter("subnet", Text)],
            Body = call => TemplateValue.From(IsIn(call.Text(0), call.Text(1))),
            Result = _ => new TemplateType.Boolean(),
        },
        new()
        {
            Name = "net.is_private",
            Documentation = "Whether an address is loopback, link-local or of a private network.",
            Parameters = [new FunctionParameter("address", Text)],
            Body = call => TemplateValue.From(IPAddress.TryParse(call.Text(0), out var address) && PrivateNetworks.Value.Any(network => network.Contains(address))),
            Result = _ => new TemplateType.Boolean(),
        },
        new()
        {
            Name = "net.ip_family",
            Documentation = "4 or 6; 0 when the text is no address.",
            Parameters = [new FunctionParameter("address", Text)],
            Body = call => TemplateValue.From(Family(call.Text(0))),
            Result = _ => new TemplateType.Number(),
        },
        new()
        {
            Name = "version_at_least",
            Documentation = "Whether a version such as 1.25.1 is known and not older than another.",
            Parameters = [new FunctionParameter("version", Text), new FunctionParameter("least", Text)],
            Body = call => TemplateValue.From(Version.TryParse(call.Text(0), out var version) && Version.TryParse(call.Text(1), out var least) && version >= least),
            Result = _ => new TemplateType.Boolean(),
        },
        new()
        {
            Name = "url_path",
            Documentation = "A path with everything percent-encoded that a URL's path cannot hold; complete encodings stay.",
            Parameters = [new FunctionParameter("path", Text)],
            Body = call => call.Derive(EncodedPath(call.Text(0))),
            Result = _ => new TemplateType.Text(),
        },
    ];

    private static bool IsIn(string address, string subnet) =>
        IPAddress.TryParse(address, out var parsed) && IPNetwork.TryParse(subnet, out var network) && network.Contains(parsed);

    private static long Family(string address) => !IPAddress.TryParse(address, out var parsed)
        ? 0
        : parsed.AddressFamily == AddressFamily.InterNetworkV6 ? 6 : 4;

    private static string EncodedPath(string path)
    {
        var encoded = new StringBuilder(path.Length);
        var bytes = Encoding.UTF8.GetBytes(path);
        for (var i = 0; i < bytes.Length; i++)
        {
            var c = (char)bytes[i];
            var isEncoding = c == '%' && i + 2 < bytes.Length && char.IsAsciiHexDigit((char)bytes[i + 1]) && char.IsAsciiHexDigit((char)bytes[i + 2]);
            if (isEncoding || char.IsAsciiLetterOrDigit(c) || PathCharacters.Contains(c, StringComparison.Ordinal))
                encoded.Append(c);
            else
                encoded.Append('%').Append(Convert.ToHexString([bytes[i]]));
        }

        return encoded.ToString();
    }
}
