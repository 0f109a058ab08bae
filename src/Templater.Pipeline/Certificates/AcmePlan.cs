using System.Collections.Immutable;
using System.Net;
using Templater.Acme.Dns.Providers;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Certificates;

/// <summary>What the operator decided about obtaining certificates. Immutable; no text of it holds a credential.</summary>
public sealed record AcmePlan
{
    /// <summary>What labels may choose from, and what holds where they choose nothing.</summary>
    public required AcmePolicy Policy { get; init; }

    /// <summary>The certification authorities, by name.</summary>
    public required ImmutableSortedDictionary<string, AcmeAuthority> Authorities { get; init; }

    /// <summary>The DNS providers, by the name that labels use.</summary>
    public ImmutableSortedDictionary<string, AcmeDnsProvider> Dns { get; init; } = ImmutableSortedDictionary.Create<string, AcmeDnsProvider>(StringComparer.Ordinal);

    /// <summary>Directory below which answers to http-01 are written, <c>.well-known/acme-challenge/TOKEN</c>; null = they are not written.</summary>
    public string? Webroot { get; init; }

    /// <summary>Where Templater answers http-01 itself; null = it does not.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>Certificates that the operator asks for, whatever runs; each has names.</summary>
    public ImmutableArray<AcmeChoice> Certificates { get; init; } = [];

    /// <summary>True when it is looked at whether a challenge can succeed before the authority is bothered.</summary>
    public bool IsChecked { get; init; } = true;

    /// <summary>True when a pair signed by itself stands for the real one until that is there.</summary>
    public bool HasPlaceholder { get; init; }

    /// <summary>How certificates are kept.</summary>
    public CertificateStorage Storage { get; init; } = new();
}

/// <summary>A certification authority that the operator knows by a name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Directory">URL of its directory (RFC 8555 section 7.1.1).</param>
public sealed record AcmeAuthority(string Name, Uri Directory)
{
    /// <summary>Mail addresses of the account, without <c>mailto:</c>; may be empty.</summary>
    public ImmutableArray<string> Contacts { get; init; } = [];

    /// <summary>What binds the account to one of another kind there; null = nothing. Its text tells the key's id alone.</summary>
    public ExternalAccountBinding? Binding { get; init; }

    /// <summary>File with the roots that alone are trusted for its own TLS; null = those of the system.</summary>
    public string? CaBundle { get; init; }

    /// <summary>What is known of its rate limits.</summary>
    public OrderLimits Limits { get; init; } = OrderLimits.Unknown;
}

/// <summary>A DNS provider with its credentials, under the name that labels use.</summary>
/// <param name="Name">The name.</param>
/// <param name="Provider">What it is.</param>
public sealed record AcmeDnsProvider(string Name, DnsProvider Provider)
{
    private readonly ImmutableSortedDictionary<string, string> _values = Ordinal.Empty;

    /// <summary>Takes the values of its variables, by their names at lego.</summary>
    /// <param name="name">The name.</param>
    /// <param name="provider">What it is.</param>
    /// <param name="values">The values.</param>
    public AcmeDnsProvider(string name, DnsProvider provider, ImmutableSortedDictionary<string, string> values)
        : this(name, provider) => _values = values;

    /// <summary>The value of a variable; null where it is not set.</summary>
    /// <param name="variable">Its name.</param>
    public string? Read(string variable) => _values.GetValueOrDefault(variable);

    /// <summary>Its name alone: the values are credentials.</summary>
    public override string ToString() => $"DNS provider {Name} ({Provider.Code})";
}

/// <summary>How files of certificates are named.</summary>
public enum CertificateLayout
{
    /// <summary><c>NAME/fullchain.pem</c>, <c>privkey.pem</c>, <c>chain.pem</c>, <c>cert.pem</c>.</summary>
    Live,

    /// <summary><c>haproxy/NAME.pem</c>, chain and key in one file.</summary>
    HAProxy,

    /// <summary><c>NAME.crt</c>, <c>NAME.key</c>, <c>NAME.chain.pem</c>.</summary>
    NginxProxy,
}

/// <summary>How certificates are kept.</summary>
public sealed record CertificateStorage
{
    /// <summary>How files are named, each layout once; not empty.</summary>
    public ImmutableArray<CertificateLayout> Layouts { get; init; } = [CertificateLayout.Live];

    /// <summary>Permissions of files with keys.</summary>
    public UnixFileMode KeyMode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>Owner of the files; null = whoever Templater runs as.</summary>
    public int? Owner { get; init; }

    /// <summary>Group of the files; null = that of whoever Templater runs as.</summary>
    public int? Group { get; init; }

    /// <summary>How long a certificate stays after nobody wants it.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(7);
}
