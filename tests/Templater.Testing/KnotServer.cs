using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Templater.Testing;

/// <summary>A real Knot DNS, which is the primary server of <see cref="Zone"/> and takes updates that are signed with one of its keys.</summary>
public sealed class KnotServer : IDisposable
{
    /// <summary>The zone.</summary>
    public const string Zone = "rfc2136.test";

    /// <summary>The secret of each key, base64.</summary>
    public const string Secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private const int Attempts = 5;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly TempDirectory _directory;

    private KnotServer(Process process, TempDirectory directory, IPEndPoint endPoint) => (_process, _directory, EndPoint) = (process, directory, endPoint);

    /// <summary>The algorithms, for each of which there is a key of the same name.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = ["hmac-sha1", "hmac-sha256", "hmac-sha384", "hmac-sha512"];

    /// <summary>Where it listens, by UDP and TCP; what the zone says of its server, too.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The port, for UDP and TCP.</summary>
    public int Port => EndPoint.Port;

    /// <summary>Starts it; the test is skipped where it was not fetched.</summary>
    /// <param name="records">More lines of the zone.</param>
    /// <param name="at">Where it listens; null for a free port of 127.0.0.1.</param>
    public static async Task<KnotServer> StartAsync(string records = "", IPEndPoint? at = null)
    {
        var knot = FetchedPackage.Require("knot", "usr/sbin/knotd");
        for (var attempt = 1; ; attempt++)
        {
            var directory = new TempDirectory("knot-");
            var endPoint = at ?? new IPEndPoint(IPAddress.Loopback, FreePort.Next());
            directory.Write($"{Zone}.zone", $"$TTL 5\n@ SOA ns.{Zone}. hostmaster.{Zone}. 1 60 60 600 5\n@ NS ns\nns A {endPoint.Address}\n{records}\n");
            var configuration = directory.Write("knot.conf", Configuration(directory.Path, endPoint));
            var start = ChildProcess.StartInfo(knot.Path, ["-c", configuration], knot.Environment);
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            // Read to the end, or it would wait for a reader.
            var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            var server = new KnotServer(process, directory, endPoint);
            if (await server.AnswersAsync())
                return server;
            server.Dispose();
            if (attempt == Attempts)
                throw new InvalidOperationException($"knotd does not answer: {string.Concat(await said)}");
        }
    }

    /// <summary>Stops it and removes its files.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _directory.Dispose();
    }

    private static string Configuration(string directory, IPEndPoint endPoint)
    {
        var keys = string.Concat(Algorithms.Select(algorithm => $"  - id: {algorithm}.key.\n    algorithm: {algorithm}\n    secret: {Secret}\n"));
        return $"""
            server:
                rundir: {directory}
                listen: {endPoint.Address}@{endPoint.Port}
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1
            log:
              - target: stderr
                any: warning
            database:
                storage: {directory}
            key:
            {keys}acl:
              - id: update
                key: [{string.Join(", ", Algorithms.Select(algorithm => $"{algorithm}.key."))}]
                action: update
            template:
              - id: default
                storage: {directory}
                file: "%s.zone"
                zonefile-sync: -1
                zonefile-load: difference
                journal-content: all
            zone:
              - domain: {Zone}
                acl: update

            """;
    }

    private async Task<bool> AnswersAsync()
    {
        // Asked for the SOA record of the zone: it listens before the zone is there.
        byte[] question = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. Zone.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. label.Select(character => (byte)character)]), 0, 0, 6, 0, 1];
        using var limit = new CancellationTokenSource(StartLimit);
        while (!limit.IsCancellationRequested && !_process.HasExited)
        {
            using var client = new UdpClient();
            using var once = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            once.CancelAfter(TimeSpan.FromMilliseconds(500));
            try
            {
                client.Connect(EndPoint);
                await client.SendAsync(question, once.Token);
                var answer = (await client.ReceiveAsync(once.Token)).Buffer;
                if ((answer[3] & 0xf) == 0 && answer[7] == 1)
                    return true;
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // Not yet there.
            }

            await Task.Delay(20, CancellationToken.None);
        }

        return false;
    }
}
