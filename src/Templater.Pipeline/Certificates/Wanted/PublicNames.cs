using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Certificates.Wanted;

/// <summary>Which names authorities of the public internet sign for at all. Pure.</summary>
internal static class PublicNames
{
    private static readonly ImmutableArray<string> PublicHosts = ["acme-v02.api.letsencrypt.org", "acme-staging-v02.api.letsencrypt.org", "acme.zerossl.com"];

    // RFC 6761, 6762, 7686, 8375 and ICANN's .internal: no registry has them.
    private static readonly ImmutableArray<string> SpecialUse =
        [".localhost", ".local", ".internal", ".home.arpa", ".test", ".invalid", ".onion", ".lan", ".home", ".corp", ".localdomain"];

    private static readonly ImmutableArray<IPNetwork> Private = [.. ((string[])["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "0.0.0.0/8", "224.0.0.0/3"]).Select(static text => IPNetwork.Parse(text))];

    /// <summary>True for an authority that only signs for what the public internet knows.</summary>
    /// <param name="directory">URL of its directory.</param>
    public static bool IsPublic(Uri directory) => PublicHosts.Contains(directory.Host, StringComparer.OrdinalIgnoreCase);

    /// <summary>True when the first authority of a choice could sign for a name: nobody does for one with an underscore.</summary>
    /// <param name="name">A name, <c>*.name</c> or an address.</param>
    /// <param name="choice">Who is asked.</param>
    /// <param name="policy">The operator's authorities.</param>
    public static bool IsSignable(string name, AcmeChoice choice, AcmePolicy policy) =>
        !name.Contains('_', StringComparison.Ordinal) && (!policy.Authorities.TryGetValue(choice.Authorities[0], out var directory) || !IsPublic(directory) || IsPublicName(name));

    private static bool IsPublicName(string name)
    {
        if (IPAddress.TryParse(name, out var address))
            return address.AddressFamily == AddressFamily.InterNetworkV6
                ? !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal && !address.IsIPv6UniqueLocal && !address.IsIPv6Multicast
                : !Private.Any(network => network.Contains(address));
        return name.IndexOf('.', StringComparison.Ordinal) > 0 && !SpecialUse.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal));
    }
}
