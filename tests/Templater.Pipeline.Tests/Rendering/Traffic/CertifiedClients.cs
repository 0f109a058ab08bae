using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Templater.Pipeline.Tests.Certificates;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Ann and Bob with certificates of one authority, Eve with one of another, and who has none: nobody.</summary>
internal sealed class CertifiedClients : IDisposable
{
    /// <summary>What is answered to a bad certificate, or to none.</summary>
    public const int BadRequest = 400;

    private readonly Dictionary<string, X509Certificate2> _certificates;

    public CertifiedClients() => _certificates = new() { ["ann"] = Own.Issue("ann"), ["bob"] = Own.Issue("bob"), ["eve"] = Other.Issue("eve") };

    public TestAuthority Own { get; } = new("own");

    public TestAuthority Other { get; } = new("other");

    public X509Certificate2 this[string who] => _certificates[who];

    /// <summary>A status as this proxy has it: HAProxy refuses the connection, nginx the request.</summary>
    public static int Refused(Stage stage, int status) => status == BadRequest && !stage.IsNginx ? 0 : status;

    /// <summary>Asks a stage over TLS.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="who">The client; an empty text for nobody.</param>
    /// <param name="host">Who is asked for.</param>
    /// <param name="serverName">The name of the connection; that of the host unless said otherwise.</param>
    /// <param name="headers">More lines, each with its end.</param>
    /// <param name="path">The path.</param>
    public async Task<Answer> AskAsync(Stage stage, string who, string host, string? serverName = null, string headers = "", string path = "/")
    {
        await using var connection = await RawConnection.OpenWithAsync(stage.HttpsPort, serverName ?? host, _certificates.GetValueOrDefault(who));
        await connection.SendAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n");
        return await connection.ReadAsync();
    }

    /// <summary>The status of the answer; 0 when the connection was refused.</summary>
    public async Task<int> StatusAsync(Stage stage, string who, string host, string? serverName = null, string path = "/")
    {
        try
        {
            return (await AskAsync(stage, who, host, serverName, path: path)).Status;
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return 0;
        }
    }

    public void Dispose()
    {
        foreach (var certificate in _certificates.Values)
            certificate.Dispose();
        Own.Dispose();
        Other.Dispose();
    }
}
