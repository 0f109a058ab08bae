using System.Net;
using System.Net.Sockets;

namespace Templater.Testing;

/// <summary>
/// Ports for programs that are started a moment later. They lie below those that Linux gives to connections by itself
/// (ip_local_port_range), so that no connection of another test takes one meanwhile, and each process goes through them from another
/// place on. Thread-safe.
/// </summary>
public static class FreePort
{
    private const int First = 20_000;
    private const int Count = 12_000;

    // A prime, so that neighbouring process ids begin far from each other.
    private const int Stride = 5_003;

    private static int _last = (int)((long)Environment.ProcessId * Stride % Count);

    /// <summary>One that nobody listens on, on loopback, and that this process gives nobody else soon.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // The next one.
            }
        }
    }
}
