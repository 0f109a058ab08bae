using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A real proxy program of this machine, run in the foreground on loopback and killed with its children on disposal.</summary>
internal sealed class RealProxy : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private RealProxy(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
                _errors.Append(line.Data).Append('\n');
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    public int Pid => _process.Id;

    /// <summary>What it wrote to standard error, as the engine would show it.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    public bool HasExited => _process.HasExited;

    public static string Require(string program) => ProxyPrograms.Require(program);

    public static RealProxy Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program.Contains('/', StringComparison.Ordinal) ? program : Require(program), arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        return new RealProxy(Process.Start(start)!);
    }

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort() => Templater.Testing.FreePort.Next();

    public static async Task<string> GetAsync(int port, string path = "")
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
        return await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/{path}"));
    }

    public static Task WaitForAsync(int port) => WaitForAsync(new IPEndPoint(IPAddress.Loopback, port));

    public static async Task WaitForAsync(EndPoint listener)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                using var socket = new Socket(listener.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(listener);
                return;
            }
            catch (SocketException) when (i < 200)
            {
                await Task.Delay(25);
            }
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
