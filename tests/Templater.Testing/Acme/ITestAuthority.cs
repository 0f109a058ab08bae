using System.Security.Cryptography.X509Certificates;

namespace Templater.Testing;

/// <summary>A real CA that a test has started.</summary>
public interface ITestAuthority : IAsyncDisposable
{
    /// <summary>The directory of its API.</summary>
    Uri DirectoryUrl { get; }

    /// <summary>Whom to trust for its own TLS, in PEM.</summary>
    string Bundle { get; }

    /// <summary>The root that it signs with.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    Task<X509Certificate2> RootCertificateAsync(CancellationToken cancellationToken);
}
