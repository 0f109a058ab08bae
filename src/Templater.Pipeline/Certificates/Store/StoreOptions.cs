using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>Where proxies find certificates below the certificates directory.</summary>
[Flags]
public enum StoreLayouts
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary><c>live/NAME/fullchain.pem, privkey.pem, chain.pem, cert.pem</c>, as certbot has it.</summary>
    Live = 1,

    /// <summary><c>haproxy/NAME.pem</c> with chain and key, for HAProxy, which loads that folder as a whole.</summary>
    HAProxy = 2,

    /// <summary><c>NAME.crt, NAME.key, NAME.chain.pem</c>, as nginx-proxy reads them.</summary>
    NginxProxy = 4,
}

/// <summary>How certificates are stored.</summary>
public sealed record StoreOptions
{
    /// <summary>Mode of files with a key unless the operator says otherwise.</summary>
    public const int DefaultMode = 0b110_100_000;

    /// <summary>The certificates directory.</summary>
    public required string Directory { get; init; }

    /// <summary>Where proxies look. Where something of the store lies already, it is kept up to date, too.</summary>
    public StoreLayouts Layouts { get; init; } = StoreLayouts.Live;

    /// <summary>Mode of files with a key.</summary>
    public int Mode { get; init; } = DefaultMode;

    /// <summary>User id of all files; null = Templater's own.</summary>
    public int? Owner { get; init; }

    /// <summary>Group id of all files; null = Templater's own.</summary>
    public int? Group { get; init; }

    /// <summary>How long a certificate is kept that nobody uses.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(7);

    internal OutputFileOptions OwnerOf => new() { Owner = Owner, Group = Group };
}
