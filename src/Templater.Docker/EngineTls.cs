using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Docker;

/// <summary>The files of a TLS connection to an engine, in PEM. The engine's certificate is always verified.</summary>
/// <remarks>They are read when the client is made; a changed file needs a new client.</remarks>
public sealed record EngineTls
{
    /// <summary>Certificates of the authorities that may vouch for the engine; null trusts those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>Our certificate; null when the engine asks for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its private key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The files <c>ca.pem</c>, <c>cert.pem</c> and <c>key.pem</c> of a directory, those that are there.</summary>
    /// <param name="directory">What <c>DOCKER_CERT_PATH</c> names.</param>
    /// <exception cref="DockerException"><see cref="DockerErrorReason.InvalidSettings"/>: no such directory, or a certificate without its key.</exception>
    public static EngineTls FromDirectory(string directory)
    {
        if (!Directory.Exists(directory))
            throw new DockerException(DockerErrorReason.InvalidSettings, $"the directory of the engine's TLS files does not exist: {OneLine.From(directory)}");
        var files = new EngineTls
        {
            CaFile = Existing("ca.pem"),
            CertificateFile = Existing("cert.pem"),
            KeyFile = Existing("key.pem"),
        };
        return (files.CertificateFile is null) == (files.KeyFile is null)
            ? files
            : throw new DockerException(DockerErrorReason.InvalidSettings, $"{OneLine.From(directory)} holds only one of cert.pem and key.pem; both are needed, or none");

        string? Existing(string name) => Path.Combine(directory, name) is var path && File.Exists(path) ? path : null;
    }

    internal static EngineTls? FromEnvironment(Func<string, string?> variable, bool isHttps)
    {
        if (variable("DOCKER_CERT_PATH") is { Length: > 0 } directory)
            return FromDirectory(directory);
        if (variable("DOCKER_TLS_VERIFY") is { Length: > 0 })
            return FromDirectory(Path.Combine(variable("HOME") is { Length: > 0 } home ? home : "/", ".docker"));
        return isHttps ? new EngineTls() : null;
    }

    internal X509Certificate2Collection? LoadAuthorities()
    {
        if (CaFile is null)
            return null;
        var authorities = new X509Certificate2Collection();
        Load(CaFile, () => authorities.ImportFromPemFile(CaFile));
        return authorities.Count > 0 ? authorities : throw Unusable(CaFile, "it holds no certificate", null);
    }

    internal X509Certificate2? LoadOwnCertificate()
    {
        if (CertificateFile is null)
            return null;
        X509Certificate2? own = null;
        if (KeyFile is not null)
            Load(KeyFile, static () => { });
        Load(CertificateFile, () => own = X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile));
        return own;
    }

    private static void Load(string file, Action load)
    {
        try
        {
            // Pipes and devices have no length either, and reading one could wait or go on for ever.
            if (new FileInfo(file) is { Exists: true, Length: 0 })
                throw Unusable(file, "it is empty, or no file", null);
            load();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Unusable(file, e.Message, e);
        }
    }

    private static DockerException Unusable(string file, string why, Exception? inner) =>
        new(DockerErrorReason.InvalidSettings, $"cannot use {OneLine.From(file)} for TLS with the engine: {OneLine.From(why)}", inner);
}
