using System.Collections.Immutable;
using System.Net;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>What the checks of certificates that are obtained look at. Nothing in it is a secret.</summary>
public sealed record AcmeFacts
{
    /// <summary>The CAs that the operator names.</summary>
    public required ImmutableArray<AuthorityTrial> Authorities { get; init; }

    /// <summary>The certificates directory.</summary>
    public required string CertificatesDirectory { get; init; }

    /// <summary>Why it could not be written now; null when nothing is in its way.</summary>
    public Finding? CertificatesObstacle { get; init; }

    /// <summary>The challenges that are used where no label chooses another, the default first.</summary>
    public required ImmutableArray<string> Challenges { get; init; }

    /// <summary>Directory below which answers to http-01 are written; null = they are not written.</summary>
    public string? Webroot { get; init; }

    /// <summary>Why they could not be written now; null when nothing is in the way.</summary>
    public string? WebrootObstacle { get; init; }

    /// <summary>Where Templater answers http-01 and tls-alpn-01 itself; null = it does not.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>The DNS provider of dns-01 where no label chooses another; null = none.</summary>
    public string? DefaultDns { get; init; }

    /// <summary>The DNS providers.</summary>
    public ImmutableArray<DnsProviderTrial> Dns { get; init; } = [];
}

/// <summary>What came of reading a CA's directory once.</summary>
/// <param name="Name">The CA's name.</param>
/// <param name="Directory">URL of its directory.</param>
public sealed record AuthorityTrial(string Name, Uri Directory)
{
    /// <summary>Why it could not be read, with the way out; null when it was.</summary>
    public string? Trouble { get; init; }

    /// <summary>What it calls the account; null where none is known, which <c>run</c> makes then.</summary>
    public Uri? Account { get; init; }

    /// <summary>Why it is not known whether there is an account; null when it is.</summary>
    public string? AccountTrouble { get; init; }

    /// <summary>True when it makes no account without an external one, and none is set.</summary>
    public bool LacksBinding { get; init; }
}

/// <summary>Whether what is set for a DNS provider is enough; it is not asked for anything.</summary>
/// <param name="Name">The name that labels use.</param>
/// <param name="Code">What it is, in lego's word.</param>
/// <param name="Mistake">What is missing or wrong, without any credential; null when nothing is.</param>
public sealed record DnsProviderTrial(string Name, string Code, string? Mistake);
