using System.Globalization;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>curl on loopback, for what .NET does not speak by itself.</summary>
internal static class Curl
{
    private const string Marker = "\n==curl==";

    // Whether nobody listens is known at once from TCP; from UDP it is silence.
    private const string Patience = "8";

    /// <summary>Asks one host over TLS.</summary>
    /// <param name="stage">Where the proxy listens.</param>
    /// <param name="host">The name of the connection, and of the request unless an option says otherwise.</param>
    /// <param name="options">More options, such as <c>--http3-only</c>.</param>
    /// <returns>The answer, and the version of HTTP that it came by, <c>1.1</c>, <c>2</c> or <c>3</c>; status 0 and the reason as body where there was none.</returns>
    public static async Task<(Answer Answer, string Version)> GetAsync(Stage stage, string host, params string[] options)
    {
        var port = stage.HttpsPort.ToString(CultureInfo.InvariantCulture);
        var path = options.Length > 0 && options[0].StartsWith('/') ? options[0] : "/";
        var run = await ChildProcess.RunAsync(
            ProxyPrograms.Require("curl"),
            [
                "--silent", "--show-error", "--insecure", "--noproxy", "*", "--max-time", Patience, "--resolve", $"{host}:{port}:127.0.0.1",
                "--include", "--write-out", Marker + "%{http_version}", .. options.Where(option => option != path), $"https://{host}:{port}{path}",
            ]);
        if (run.ExitCode != 0)
            return (new Answer(0, [], run.Error), "");
        var end = run.Output.LastIndexOf(Marker, StringComparison.Ordinal);
        var parts = run.Output[..end].Split("\r\n\r\n", 2);
        return (new Answer(int.Parse(parts[0].Split(' ')[1], CultureInfo.InvariantCulture), Answer.ReadHeaders(parts[0]), parts[1]), run.Output[(end + Marker.Length)..]);
    }
}
