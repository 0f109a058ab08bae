using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>The proxies' own checkers, as an ordinary user would run them; the test is skipped where one is missing.</summary>
internal static class RealChecker
{
    /// <summary>Fails the test when <c>nginx -t</c> refuses the configuration or warns about it.</summary>
    public static async Task AcceptsNginx(string config, string? fileName = null)
    {
        using var directory = new TempDirectory();
        var path = directory.Write(fileName ?? "nginx.conf", config);
        var result = await ChildProcess.RunAsync(
            ProxyPrograms.Require("nginx"), ["-t", "-e", "stderr", "-p", directory.Path, "-c", path, "-g", $"pid {directory["nginx.pid"]};"]);
        var complaints = result.Error.Split('\n')
            .Where(line => (line.Contains("[emerg]") || line.Contains("[warn]") || line.Contains("[alert]")) && !line.Contains("\"user\" directive"));
        Assert.That(result.ExitCode == 0 && !complaints.Any(), Is.True, () => $"{result.Error}\n{Numbered(config)}");
    }

    /// <summary>Fails the test when <c>haproxy -c</c> refuses the configuration or warns about it.</summary>
    public static async Task AcceptsHAProxy(string config)
    {
        using var directory = new TempDirectory();
        var path = directory.Write("haproxy.cfg", config);
        var result = await ChildProcess.RunAsync(ProxyPrograms.Require("haproxy"), ["-c", "-f", path]);
        // Names of containers are known where the proxy runs; a checker elsewhere says so, and accepts them.
        string[] known = ["no SSL certificate specified", ": could not resolve address '"];
        var complaints = result.Error.Split('\n').Where(line => line.Contains("[WARNING]") && !known.Any(line.Contains));
        Assert.That(result.ExitCode == 0 && !complaints.Any(), Is.True, () => $"{result.Error}\n{Numbered(config)}");
    }

    /// <summary>Whether <c>haproxy -c</c> accepts the configuration.</summary>
    public static async Task<bool> IsAcceptedByHAProxy(string config)
    {
        using var directory = new TempDirectory();
        return (await ChildProcess.RunAsync(ProxyPrograms.Require("haproxy"), ["-c", "-f", directory.Write("haproxy.cfg", config)])).ExitCode == 0;
    }

    /// <summary>Whether <c>nginx -t</c> accepts the configuration.</summary>
    public static async Task<bool> IsAcceptedByNginx(string config)
    {
        using var directory = new TempDirectory();
        var path = directory.Write("nginx.conf", config);
        return (await ChildProcess.RunAsync(
            ProxyPrograms.Require("nginx"), ["-t", "-e", "stderr", "-p", directory.Path, "-c", path, "-g", $"pid {directory["nginx.pid"]};"])).ExitCode == 0;
    }

    private static string Numbered(string text) =>
        string.Join('\n', text.Split('\n').Take(400).Select((line, i) => $"{i + 1,4} {line}"));
}
