using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Live;

/// <summary>
/// A CA behind a proxy that breaks requests and replies. After each fault a certificate comes nevertheless, or one clear failure does and
/// nothing is ordered needlessly.
/// </summary>
public abstract class ProtocolFaultFixture
{
    private protected const string NewOrder = "/order-plz";
    private protected const string Finalize = "/finalize-order/";
    private protected const string OrderUrl = "/my-order/";
    private protected const string CertificateUrl = "/certZ/";
    private protected const string NewNonce = "/nonce-plz";

    private protected static readonly AcmeLimits Brief = TestCa.Quick with { RequestTimeout = TimeSpan.FromSeconds(2), PollDeadline = TimeSpan.FromSeconds(2) };

    private protected Pebble Pebble { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => Pebble = await Testing.Pebble.StartAsync(new PebbleOptions { AlwaysValid = true });

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Pebble is not null)
            await Pebble.DisposeAsync();
    }

    private protected static Task<IssuedCertificate> ObtainAsync(TestCa ca) => ca.ObtainAsync(TestCa.Wish(TestCa.NewName()), new NoSolver());

    // The first request to a resource (of nonces: all requests until one was broken) meets the fault, and all others pass.
    private protected static void FaultOnce(TestCa ca, string resource, Func<ProxiedRequest, AcmeFaultProxy.Onward, Task<ProxiedReply?>> fault, bool everyNonce = false)
    {
        var done = 0;
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            if (request.Path.StartsWith(resource, StringComparison.Ordinal) && Interlocked.Exchange(ref done, 1) == 0)
                return await fault(request, onward);
            var reply = await onward(request);
            return everyNonce && done == 0 ? reply.WithHeader("Replay-Nonce") : reply;
        };
    }

    /// <summary>Presents nothing: this Pebble finds every challenge answered.</summary>
    private protected sealed class NoSolver() : TestSolver(ChallengeType.Http01)
    {
        protected override Task AddAsync(PendingChallenge challenge) => Task.CompletedTask;

        protected override Task RemoveAsync(PendingChallenge challenge) => Task.CompletedTask;
    }
}
