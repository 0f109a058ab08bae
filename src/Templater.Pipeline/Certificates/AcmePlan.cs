using System.Collections.Immutable;
using System.Net;
using Templater.Acme.Dns;
using Templater.Acme.Dns.Providers;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Certificates;

/// <summary>What the operator decided about obtaining certificates. Immutable; no text of it holds a credential.</summary>
public sealed record AcmePlan
{
    /// <summary>What labels may choose from, and what holds where they choose nothing.</summary>
    public required AcmePolicy Policy { get; init; }

    /// <summary>The certification authorities, by name.</summary>
    public required ImmutableSortedDictionary<string, AcmeAuthority> Authorities { get; init; }

    /// <summary>Names of the authorities that the operator names himself, ordinal order; the others are known, and labels may choose them.</summary>
    public ImmutableArray<string> Named { get; init; } = [];

    /// <summary>The DNS providers, by the name that labels use.</summary>
    public ImmutableSortedDictionary<string, AcmeDnsProvider> Dns { get; init; } = ImmutableSortedDictionary.Create<string, AcmeDnsProvider>(StringComparer.Ordinal);

    /// <summary>Directory below which answers to http-01 are written, <c>.well-known/acme-challenge/TOKEN</c>; null = they are not written.</summary>
    public string? Webroot => Policy.Webroot;

    /// <summary>Where Templater answers http-01 and tls-alpn-01 itself; null = it does not.</summary>
    public IPEndPoint? Listen => Policy.Listen;

    /// <summary>Certificates that the operator asks for, whatever runs; each has names.</summary>
    public ImmutableArray<AcmeChoice> Certificates { get; init; } = [];

    /// <summary>True when it is looked at whether a challenge can succeed before the authority is bothered.</summary>
    public bool IsChecked { get; init; } = true;

    /// <summary>How it is made sure that a CA sees the records of dns-01.</summary>
    public PropagationOptions Propagation { get; init; } = new();

    /// <summary>When certificates are renewed.</summary>
    public RenewalPolicy Renewal { get; init; } = new();

    /// <summary>True when a renewal keeps the key.</summary>
    public bool ReusesKeys { get; init; }

    /// <summary>True when names that an authority does not sign for are left out of a certificate, rather than that it fails.</summary>
    public bool AllowsSubsets { get; init; }

    /// <summary>Common name of the root that chains should end at; null for the authority's default chain.</summary>
    public string? PreferredRoot { get; init; }

    /// <summary>True when a pair signed by itself stands for the real one until that is there.</summary>
    public bool HasPlaceholder { get; init; }

    /// <summary>How certificates are kept.</summary>
    public required StoreOptions Store { get; init; }
}

/// <summary>A certification authority that the operator knows by a name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Directory">URL of its directory (RFC 8555 section 7.1.1).</param>
public sealed record AcmeAuthority(string Name, Uri Directory)
{
    /// <summary>Mail addresses of the account, without <c>mailto:</c>; may be empty.</summary>
    public ImmutableArray<string> Contacts { get; init; } = [];

    /// <summary>URL of its directory for trials, which issues what nobody trusts; null where none is known.</summary>
    public Uri? Staging { get; init; }

    /// <summary>What binds the account to one of another kind there; null = nothing. Its text tells the key's id alone.</summary>
    public ExternalAccountBinding? Binding { get; init; }

    /// <summary>File with the roots that alone are trusted for its own TLS; null = those of the system.</summary>
    public string? CaBundle { get; init; }

    /// <summary>What is known of its rate limits.</summary>
    public OrderLimits Limits { get; init; } = OrderLimits.Unknown;
}

/// <summary>A DNS provider with its credentials, under the name that labels use. Immutable.</summary>
/// <param name="name">The name.</param>
/// <param name="provider">What it is.</param>
/// <param name="values">Values of its variables, by their names at lego; most of them are secrets.</param>
public sealed class AcmeDnsProvider(string name, DnsProvider provider, ImmutableSortedDictionary<string, string> values)
{
    /// <summary>The name.</summary>
    public string Name => name;

    /// <summary>What it is.</summary>
    public DnsProvider Provider => provider;

    /// <summary>The value of a variable; null where it is not set.</summary>
    /// <param name="variable">Its name.</param>
    public string? Read(string variable) => values.GetValueOrDefault(variable);

    /// <summary>Makes what writes its records.</summary>
    /// <param name="http">Sends to APIs; must follow no redirects.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentException">A variable is missing or wrong; the message names it, and no credential.</exception>
    public ITxtRecords Create(HttpClient http, TimeProvider time) => provider.Create(new DnsProviderContext(Read, http, time));

    /// <summary>Its name alone: the values are credentials.</summary>
    public override string ToString() => $"DNS provider {name} ({provider.Code})";
}
