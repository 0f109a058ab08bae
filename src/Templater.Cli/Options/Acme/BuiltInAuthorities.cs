using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Renewal;

namespace Templater.Cli.Options;

/// <summary>Certification authorities whose names need no definition.</summary>
internal static class BuiltInAuthorities
{
    public const string LetsEncrypt = "letsencrypt";
    public const string LetsEncryptStaging = "letsencrypt-staging";
    public const string ZeroSsl = "zerossl";

    private static readonly Uri LetsEncryptTrials = new("https://acme-staging-v02.api.letsencrypt.org/directory");

    /// <summary>All of them.</summary>
    public static IEnumerable<AcmeAuthority> All =>
    [
        new(LetsEncrypt, new Uri("https://acme-v02.api.letsencrypt.org/directory")) { Staging = LetsEncryptTrials, Limits = OrderLimits.LetsEncrypt },
        new(LetsEncryptStaging, LetsEncryptTrials) { Staging = LetsEncryptTrials },
        new(ZeroSsl, new Uri("https://acme.zerossl.com/v2/DV90")),
    ];
}
