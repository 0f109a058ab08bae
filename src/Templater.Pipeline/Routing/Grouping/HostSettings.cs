using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>What one claim asks of its virtual host; null means that it asks nothing.</summary>
internal sealed record HostSettings
{
    /// <summary>External port for http.</summary>
    public int? HttpPort { get; init; }

    /// <summary>External port for https.</summary>
    public int? HttpsPort { get; init; }

    /// <summary>What http and https do.</summary>
    public HttpsMode? Https { get; init; }

    /// <summary>Status of the redirect to https.</summary>
    public int? HttpsCode { get; init; }

    /// <summary>Status of that redirect for other methods than GET and HEAD.</summary>
    public int? NonGetCode { get; init; }

    /// <summary>What http does while there is no pair.</summary>
    public MissingPair? WithoutPair { get; init; }

    /// <summary>The pair called <c>default</c> serves names that no pair covers.</summary>
    public bool? TrustsDefaultPair { get; init; }

    /// <summary>Anybody may ask what is known about the host.</summary>
    public bool? ShowsDebug { get; init; }

    /// <summary>What nginx tells about itself: on, off or build.</summary>
    public string? ServerTokens { get; init; }

    /// <summary>Strict-Transport-Security; empty = off.</summary>
    public string? Hsts { get; init; }

    /// <summary>HTTP/2 offered.</summary>
    public bool? Http2 { get; init; }

    /// <summary>HTTP/3 offered.</summary>
    public bool? Http3 { get; init; }

    /// <summary>Protocol and cipher set.</summary>
    public TlsPolicy? TlsPolicy { get; init; }

    /// <summary>Whether clients have to show a certificate; null says nothing.</summary>
    public ClientAuth? ClientAuth { get; init; }

    /// <summary>Whether clients have to show a certificate of the authorities whose file is called like the host; null = if there is one.</summary>
    public ClientAuthMode? VerifiesClients { get; init; }

    /// <summary>Where challenges for certificates are answered.</summary>
    public ChallengeMode? Challenges { get; init; }

    /// <summary>Name of the certificate to use.</summary>
    public string? Certificate { get; init; }

    /// <summary>Who makes the certificate in Centauri: lego or selfsigned.</summary>
    public string? Provider { get; init; }

    /// <summary>Names of that certificate, one space apart: exact names and wildcards.</summary>
    public string? Subject { get; init; }

    /// <summary>Which certificate is to be obtained; null says nothing.</summary>
    public AcmeSettings? Acme { get; init; }

    /// <summary>Names that only redirect; not empty.</summary>
    public ImmutableArray<HostPattern>? RedirectFrom { get; init; }

    /// <summary>Status of that redirect.</summary>
    public int? RedirectCode { get; init; }

    /// <summary>Data for templates.</summary>
    public ImmutableSortedDictionary<string, string> Data { get; init; } = Ordinal.Empty;

    /// <summary>Defaults of the dialect, which hold when no claim on the host says anything; null = the operator's.</summary>
    public HostSettings? Defaults { get; init; }
}
