using Templater.Testing;

namespace Templater.Cli.Tests.Certificates;

/// <summary>What a Templater is given that obtains one certificate, with a proxy that nobody runs.</summary>
internal static class IssuanceSettings
{
    /// <summary>Writes <c>t.yaml</c>, <c>containers.json</c> with one container and the roots of the CA; certificates go to <c>certs</c>.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="pebble">The CA.</param>
    /// <param name="url">The directory by which it is asked.</param>
    /// <param name="host">What the container wants.</param>
    public static void Write(TempDirectory directory, Pebble pebble, Uri url, string host)
    {
        foreach (var folder in (string[])["certs", "config"])
            Directory.CreateDirectory(directory[folder]);
        directory.Write("authority.pem", pebble.Transport.Authority.ExportCertificatePem() + "\n");
        directory.Write("containers.json", Commands.RenderFixture.Containers("shop", "templater.host", host));
        directory.Write("t.yaml", string.Join('\n',
        [
            "template: nginx", $"output: {directory["config/nginx.conf"]}", "reload: none", "validate: none", $"certs_dir: {directory["certs"]}", $"state_dir: {directory["state"]}",
            "acme_email: ops@example.com", $"acme_ca: {url}", $"acme_ca_bundle: {directory["authority.pem"]}",
            $"acme_listen: 127.0.0.1:{FreePort.Next()}", "acme_preflight: false",
            // Else it is one of them by chance.
            "acme_profile: classic", "",
        ]));
    }
}
