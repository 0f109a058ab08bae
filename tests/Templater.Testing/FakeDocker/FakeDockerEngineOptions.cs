using System.Security.Cryptography.X509Certificates;

namespace Templater.Testing;

/// <summary>What a fake engine looks like from outside.</summary>
public sealed record FakeDockerEngineOptions
{
    /// <summary>API version it speaks: fields differ at 1.44, 1.48 and 1.52.</summary>
    public string ApiVersion { get; init; } = "1.41";

    /// <summary>Path of the unix socket; null makes one in a temporary directory.</summary>
    public string? SocketPath { get; init; }

    /// <summary>Listens on a free TCP port of 127.0.0.1 instead of a unix socket.</summary>
    public bool UseTcp { get; init; }

    /// <summary>Speaks TLS with this certificate; only with <see cref="UseTcp"/>.</summary>
    public X509Certificate2? ServerCertificate { get; init; }

    /// <summary>Refuses clients without this very certificate.</summary>
    public X509Certificate2? ClientCertificate { get; init; }
}
