using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>What is to be said about the certificate of a host.</summary>
internal static class HostPairFindings
{
    /// <summary>A label names a pair that is not there.</summary>
    public static Finding Missing(HostPattern host, Claim claim, string name, string labelPrefix)
    {
        var label = claim.Dialect == Dialect.NginxProxy ? "CERT_NAME" : $"{labelPrefix}.tls.certificate";
        return new Finding(
            FindingSeverity.Warning,
            ReasonIds.CertificateMissing,
            $"container \"{Untrusted.Shown(claim.Container.Name)}\": {label}=\"{Untrusted.Shown(name)}\": the certificates directory has no usable pair of that name that covers {Untrusted.Shown(host.ToString())}. It is served without https until there is one.")
        {
            Container = claim.Container.Name,
            Host = host.ToString(),
            Label = label,
            Value = Untrusted.Shown(name),
        };
    }

    /// <summary>There is no pair, and the host must not be served without.</summary>
    public static Finding Needed(HostPattern host, ImmutableArray<Claim> claims, bool isObtained)
    {
        var isRouter = claims.Any(static claim => claim is { Dialect: Dialect.Traefik, Route.Host.WithoutPair: MissingPair.Refuse });
        var keeps = isRouter ? "a router that answers https alone keeps" : $"{Dialects.NginxProxyHost.WithoutCertificate}=false keeps";
        return new Finding(
            FindingSeverity.Warning,
            ReasonIds.CertificateMissing,
            $"{Untrusted.Shown(host.ToString())} is not served: the certificates directory has no pair that covers it, and {keeps} it from being served without https. {(isObtained ? "One is obtained; templater certs tells how that goes." : "Put a pair there.")}")
        {
            Host = host.ToString(),
        };
    }

    /// <summary>The best pair has expired.</summary>
    public static Finding Expired(HostPattern host, CertificatePair pair) => new(
        FindingSeverity.Warning,
        ReasonIds.CertificateInvalid,
        string.Create(CultureInfo.InvariantCulture, $"the certificate \"{Untrusted.Shown(pair.Name)}\" of {Untrusted.Shown(host.ToString())} expired on {pair.NotAfter:yyyy-MM-dd}. It is still used, so that nothing that was sent by https is sent in plain text; browsers refuse it. Renew it."))
    {
        Host = host.ToString(),
    };

    /// <summary>The pair is there and cannot be used.</summary>
    public static Finding Unusable(HostPattern host, UnusablePair pair, HttpsMode mode, string labelPrefix)
    {
        var meanwhile = mode == HttpsMode.Optional
            ? $"http is served, as {labelPrefix}.https=optional wants it"
            : "http answers 503, so that nothing that was sent by https is sent in plain text";
        return new Finding(
            FindingSeverity.Error,
            ReasonIds.CertificateInvalid,
            $"{Untrusted.Shown(host.ToString())} has no https: its certificate \"{Untrusted.Shown(pair.Name)}\" cannot be used: {pair.Problem} Until there is a pair that fits, {meanwhile}. Put one there, or remove both files to serve the host without https.")
        {
            Host = host.ToString(),
        };
    }

    /// <summary>The pair is there and usable, but not where HAProxy reads it.</summary>
    public static Finding Elsewhere(HostPattern host, CertificatePair pair)
    {
        var files = pair.IsCombined ? Untrusted.Shown(pair.ChainPath) : $"{Untrusted.Shown(pair.ChainPath)} and {Untrusted.Shown(pair.KeyPath)}";
        return new Finding(
            FindingSeverity.Warning,
            ReasonIds.CertificateMissing,
            $"{Untrusted.Shown(host.ToString())} is served without https: HAProxy reads only the files of the folder {CertificateDirectory.HAProxyFolder} in the certificates directory, and the certificate \"{Untrusted.Shown(pair.Name)}\" that covers it lies in {files}. Write its chain and its key, one after the other, into the file {CertificateDirectory.HAProxyFolder}/{Untrusted.Shown(pair.Name)}.pem there.")
        {
            Host = host.ToString(),
        };
    }
}
