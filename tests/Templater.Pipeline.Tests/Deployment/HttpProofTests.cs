using System.Net;
using System.Net.Sockets;
using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Proving;

namespace Templater.Pipeline.Tests.Deployment;

[CancelAfter(30_000)]
public sealed class HttpProofTests
{
    private const string Generation = "0123456789abcdef";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    [SetUp]
    public void Listen() => _listener.Start();

    [TearDown]
    public void StopListening() => _listener.Dispose();

    [TestCase("text/plain", Generation + "\n", "proven by generation endpoint")]
    [TestCase("text/html; charset=klingon", "<html>", "proven by 127.0.0.1:PORT answers", TestName = "A charset that nobody knows")]
    [TestCase("text/html; charset=utf-7", Generation, "proven by generation endpoint", TestName = "A charset that is not read any more")]
    [TestCase("application/octet-stream", "\xFF\xFE\x00\x80", "proven by 127.0.0.1:PORT answers")]
    [TestCase("text/html", "BIG", "proven by 127.0.0.1:PORT answers", TestName = "A page of any size")]
    [TestCase("text/plain", "fedcba9876543210", "127.0.0.1:PORT/: another generation after 0.3 s")]
    [TestCase("text/plain", "HANG", "127.0.0.1:PORT/: no answer after 0.3 s", TestName = "A page that never comes to its end")]
    public async Task AnyAnswerIsReadAsFarAsItIsOfUse(string type, string body, string expected)
    {
        using var end = new CancellationTokenSource();
        var serving = ServeAsync(type, body, end.Token);
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        var proof = new HttpProof(new Uri($"http://127.0.0.1:{port}/"), TimeSpan.FromMilliseconds(300), TimeProvider.System);
        var entry = new JournalEntry { Generation = Generation, Content = "", Phase = DeliveryPhase.Swapped };

        var result = await proof.ProveAsync(new ProofRequest(null!, entry, ProofBaseline.None, TimeProvider.System.GetTimestamp()), CancellationToken.None);

        Assert.That(Short(result), Is.EqualTo(expected.Replace("PORT", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)));
        await end.CancelAsync();
        await Assert.ThatAsync(() => serving, Throws.InstanceOf<OperationCanceledException>());
    }

    private static string Short(ProofResult result) => result switch
    {
        ProofResult.Proven proven => $"proven by {proven.How}",
        ProofResult.NotSeen unseen => unseen.Why,
        _ => result.ToString(),
    };

    private async Task ServeAsync(string type, string body, CancellationToken cancellationToken)
    {
        var (content, length) = body switch
        {
            "BIG" => (new string('x', 100_000), 100_000),
            "HANG" => ("x", 10),
            _ => (body, body.Length),
        };
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(cancellationToken);
            await using var stream = client.GetStream();
            await stream.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false, cancellationToken);
            try
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{content}"), cancellationToken);
                // Until the other side has enough.
                await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, cancellationToken);
            }
            catch (IOException)
            {
                // It may have had enough before everything was written.
            }
        }
    }
}
