using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Templater.Testing;

namespace Templater.Cli.Tests.Certificates;

/// <summary>
/// What a CA does wrong, by a proxy before a real one, while a first certificate is obtained and again while it is renewed. The clock runs
/// faster than the real one, so that the pauses after a failure pass. What is there is always a whole pair, old or new, and nothing is
/// ordered, or signed for, more often than the fault makes necessary.
/// </summary>
[CancelAfter(120_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class AuthorityFaultTests : IAsyncDisposable
{
    private const string Host = IssuingProgram.Host;
    private const string NewOrder = "/order-plz";
    private const string Finalize = "/finalize-order/";
    private const string OrderUrl = "/my-order/";
    private const string CertificateUrl = "/certZ/";
    // Before it stands the number of a draft.
    private const string RenewalInfo = "/renewalInfo/";

    private static Pebble _pebble = null!;

    private readonly IssuingProgram _program;
    private volatile AuthorityFault? _fault;
    private int _orders;
    private int _signed;
    private int _met;
    private int _asked;

    public AuthorityFaultTests() => _program = new IssuingProgram { Counted = () => $"met {_met} times, {_orders} orders, {_signed} signed" };

    [OneTimeSetUp]
    public static async Task StartAsync() => _pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true });

    [OneTimeTearDown]
    public static async Task StopAsync()
    {
        if (_pebble is not null)
            await _pebble.DisposeAsync();
    }

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    private static IReadOnlyList<AuthorityFault> Faults =>
    [
        new("every other nonce is refused", null, static request => request.Method == "POST", static faulty =>
            faulty.Number % 2 == 0 ? Passed(faulty, static reply => reply) : Replied(ProxiedReply.Problem(400, "badNonce"))),
        new("limit, in seconds", "rateLimited", At(NewOrder), static _ => Replied(ProxiedReply.Problem(429, "rateLimited", ("Retry-After", "90")))),
        new("limit, as a date", "rateLimited", At(NewOrder), static faulty => Replied(ProxiedReply.Problem(429, "rateLimited", ("Retry-After", faulty.Now.AddSeconds(90).ToString("R", CultureInfo.InvariantCulture))))),
        new("out of service at a new order", "503", At(NewOrder), static _ => Replied(ProxiedReply.Of(503, "text/plain", "later"))),
        new("out of service at the certificate", "503", At(CertificateUrl), static _ => Replied(ProxiedReply.Of(503, "text/plain", "later", ("Retry-After", "1")))),
        new("a page in the place of an answer", "502", At(Finalize), static _ => Replied(ProxiedReply.Of(502, "text/html", "<html><h1>Bad Gateway</h1></html>"))),
        new("no answer to a new order", "did not answer", At(NewOrder), Never),
        new("no answer to the finalization", "did not answer", At(Finalize), Never),
        new("the reply to the finalization is lost", null, At(Finalize), static async faulty => await faulty.PassAsync() is null ? null : null),
        new("a chain that is cut", "cut off or damaged", At(CertificateUrl), static faulty => Passed(faulty, static reply => reply.With(reply.Text[..(reply.Text.Length * 2 / 3)]))),
        new("another key's chain", "is for another key", At(CertificateUrl), static faulty => Passed(faulty, static reply => reply.With(_pebble.Transport.Server.ExportCertificatePem() + "\n"))),
        new("a key in the chain", "a private key", At(CertificateUrl), static faulty => Passed(faulty, static reply => reply.With(reply.Text + _pebble.Transport.ServerKeyPem))),
        new("an order that is in work for a while", null, At(OrderUrl), static faulty => Passed(faulty, reply => faulty.Number > 5 ? reply : InWork(reply))),
        new("an order that stays in work", "did not finish .* within 10 minutes|no new certificate within 5 minutes", At(OrderUrl), static faulty => Passed(faulty, InWork)) { IsLong = true },
        new("a valid order without its certificate", null, At(OrderUrl), static faulty => Passed(faulty, reply => faulty.Number > 3 ? reply : WithoutCertificate(reply))),
        new("a valid order that stays without its certificate", "did not finish .* within 10 minutes|no new certificate within 5 minutes", At(OrderUrl), static faulty => Passed(faulty, WithoutCertificate)) { IsLong = true },
        new("renewal information that is none", null, AtRenewalInfo, static _ => Replied(ProxiedReply.Of(200, "application/json", "{\"suggestedWindow\":"))) { IsAfterwards = true },
        new("a window that is inverted", null, AtRenewalInfo, static _ => Replied(ProxiedReply.Of(200, "application/json", """{"suggestedWindow":{"start":"2020-01-02T00:00:00Z","end":"2020-01-01T00:00:00Z"}}"""))) { IsAfterwards = true },
    ];

    private static IEnumerable<TestCaseData> Cases => Rotation.Of([.. Faults.Where(static fault => Rotation.IsFullTier || !fault.IsLong).Select(static fault => new TestCaseData(fault).SetArgDisplayNames(fault.Name))]);

    [TestCaseSource(nameof(Cases))]
    public async Task ThePairIsWholeAndNothingIsOrderedNeedlessly(object given, CancellationToken cancellationToken)
    {
        var fault = (AuthorityFault)given;
        await using var proxy = new AcmeFaultProxy(_pebble.Transport, _pebble.Port) { Fault = PassAsync };
        _program.Write(_pebble, proxy.DirectoryUrl);
        _fault = fault;
        _program.Start();

        if (fault.Says is not null)
        {
            var listed = await _program.ListedAsync(static listed => listed["last_error"] is not null, cancellationToken);
            Assert.That((string)listed["last_error"]!, Does.Match(fault.Says));
            Assert.That(Serial(), Is.Null);
            _fault = null;
        }

        await _program.UntilAsync(() => Serial() is not null && (!fault.IsAfterwards || _met > 0), cancellationToken);
        Assert.That((_orders, _signed), Is.EqualTo((1, 1)), $"orders and signatures for the first certificate\n{_program.Log}");
        var first = Serial();
        if (fault.Says is null)
            Assert.That(_met, Is.GreaterThan(0));

        await _program.ListedAsync(static listed => listed["id"] is not null && listed["last_error"] is null, cancellationToken);
        (_fault, _met) = (fault, 0);
        var renewed = await _program.CommandAsync("certs", "renew", Host);
        Assert.That(renewed.ExitCode, fault.Says is null ? Is.Zero : Is.Not.Zero, renewed.ToString());
        if (fault.Says is not null)
        {
            Assert.That(renewed.Error, Does.Match(fault.Says));
            Assert.That(Serial(), Is.EqualTo(first));
            _fault = null;
        }

        await _program.UntilAsync(() => Serial() != first && (!fault.IsAfterwards || _met > 0), cancellationToken);
        Assert.That((_orders, _signed), Is.EqualTo((2, 2)), $"orders and signatures for both\n{_program.Log}");
        Assert.That(_met, Is.GreaterThan(0));

        await _program.EndAsync(cancellationToken);
        Assert.That(_program.Log, Does.Not.Contain("PRIVATE KEY"));
    }

    // A month ahead nothing is due, and a machine without a clock of its own begins in 1970.
    private static IEnumerable<TestCaseData> Jumps => !Rotation.IsFullTier ? [] :
    [
        new TestCaseData(TimeSpan.FromDays(30)).SetArgDisplayNames("a month ahead"),
        new TestCaseData(DateTimeOffset.UnixEpoch - TimeProvider.System.GetUtcNow()).SetArgDisplayNames("to 1970"),
    ];

    [TestCaseSource(nameof(Jumps))]
    public async Task AClockThatJumpsOrdersNothing(TimeSpan by, CancellationToken cancellationToken)
    {
        await using var proxy = new AcmeFaultProxy(_pebble.Transport, _pebble.Port) { Fault = PassAsync };
        _program.Write(_pebble, proxy.DirectoryUrl);
        _program.Start();
        await _program.UntilAsync(() => Serial() is not null && _asked > 0, cancellationToken);
        // What the CA said is remembered by the clock of before.
        await _program.UntilAsync(() => File.ReadAllText(Path.Combine(_program.State, "acme/keeper.json")).Contains("\"ask_at\"", StringComparison.Ordinal), cancellationToken);
        var (first, asked) = (Serial(), _asked);

        // The CA is asked about the renewal again as soon as that is thought of by the other clock.
        _program.Time.Jump(by);
        await _program.UntilAsync(() => _asked > asked, cancellationToken);
        await _program.ListedAsync(static listed => (string?)listed["activity"] == "resting", cancellationToken);
        Assert.That((Serial(), _orders, _signed), Is.EqualTo((first, 1, 1)), _program.Log);

        _program.Time.Jump(TimeProvider.System.GetUtcNow() - _program.Time.GetUtcNow());
        // By this clock it has said nothing for long, or speaks out of the future.
        await _program.UntilAsync(async () => (await _program.CommandAsync("status")).ExitCode == 0, cancellationToken);
        Assert.That((await _program.CommandAsync("certs", "renew", Host)).ExitCode, Is.Zero, _program.Log);
        Assert.That((_orders, _signed), Is.EqualTo((2, 2)), _program.Log);
        await _program.EndAsync(cancellationToken);
    }

    /// <summary>No room is left when a renewed pair is written: the old one stays, and afterwards what was signed is fetched.</summary>
    [Test]
    public async Task APairThatTheDiskHasNoRoomForIsFetchedOnceThereIs(CancellationToken cancellationToken)
    {
        await using var proxy = new AcmeFaultProxy(_pebble.Transport, _pebble.Port) { Fault = PassAsync };
        _program.Write(_pebble, proxy.DirectoryUrl);
        using var disk = await Mounts.SmallTmpfsAsync(_program.Directory["certs"], 256);
        _program.Start();
        await _program.ListedAsync(static listed => listed["id"] is not null, cancellationToken);
        var first = Serial();
        var filler = _program.Directory["certs/.filler"];
        using (var file = File.Create(filler))
            Mounts.Fill(file);

        var renewed = await _program.CommandAsync("certs", "renew", Host);
        Assert.That((renewed.ExitCode, renewed.Error.Contains("no space is left on its file system. Free some", StringComparison.Ordinal)), Is.EqualTo((4, true)), renewed.Error);
        Assert.That((Serial(), _orders, _signed), Is.EqualTo((first, 2, 2)));

        File.Delete(filler);
        await _program.UntilAsync(() => Serial() != first, cancellationToken);
        Assert.That((_orders, _signed), Is.EqualTo((2, 2)), _program.Log);
        await _program.EndAsync(cancellationToken);
    }

    private static Func<ProxiedRequest, bool> At(string resource) => request => request.Path.StartsWith(resource, StringComparison.Ordinal);

    private static bool AtRenewalInfo(ProxiedRequest request) => request.Path.Contains(RenewalInfo, StringComparison.Ordinal);

    private static Task<ProxiedReply?> Replied(ProxiedReply reply) => Task.FromResult<ProxiedReply?>(reply);

    private static async Task<ProxiedReply?> Passed(FaultyRequest faulty, Func<ProxiedReply, ProxiedReply> change) => change(await faulty.PassAsync());

    private static ProxiedReply WithoutCertificate(ProxiedReply reply) => reply.With(reply.Text.Replace("\"certificate\"", "\"former\"", StringComparison.Ordinal));

    private static ProxiedReply InWork(ProxiedReply reply)
    {
        var without = WithoutCertificate(reply);
        return without.With(without.Text.Replace("\"valid\"", "\"processing\"", StringComparison.Ordinal));
    }

    // It never comes on.
    private static async Task<ProxiedReply?> Never(FaultyRequest faulty)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, faulty.Cancellation);
        return null;
    }

    private async Task<ProxiedReply?> PassAsync(ProxiedRequest request, AcmeFaultProxy.Onward onward, CancellationToken cancellationToken)
    {
        async Task<ProxiedReply> CountedAsync(ProxiedRequest passed)
        {
            var reply = await onward(passed);
            if (reply.Status is 200 or 201 && passed.Path == NewOrder)
                Interlocked.Increment(ref _orders);
            if (passed.Path.Contains(RenewalInfo, StringComparison.Ordinal))
                Interlocked.Increment(ref _asked);
            if (reply.Status == 200 && passed.Path.StartsWith(Finalize, StringComparison.Ordinal))
                Interlocked.Increment(ref _signed);
            return reply;
        }

        return _fault is { } fault && fault.Meets(request)
            ? await fault.Reply(new(request, CountedAsync, Interlocked.Increment(ref _met), _program.Time.GetUtcNow(), cancellationToken))
            : await CountedAsync(request);
    }

    // Of the pair, whose two files belong together.
    private string? Serial()
    {
        var link = _program.Directory[$"certs/live/{Host}"];
        if (!Directory.Exists(link) || Directory.ResolveLinkTarget(link, returnFinalTarget: true) is not { } version)
            return null;
        using var pair = X509Certificate2.CreateFromPemFile(Path.Combine(version.FullName, "fullchain.pem"), Path.Combine(version.FullName, "privkey.pem"));
        return pair.SerialNumber;
    }
}

/// <summary>A request that meets a fault.</summary>
/// <param name="Request">The request.</param>
/// <param name="Onward">Passes it on.</param>
/// <param name="Number">The how many-th that meets it.</param>
/// <param name="Now">The program's clock.</param>
/// <param name="Cancellation">Ends with the test.</param>
internal sealed record FaultyRequest(ProxiedRequest Request, AcmeFaultProxy.Onward Onward, int Number, DateTimeOffset Now, CancellationToken Cancellation)
{
    public Task<ProxiedReply> PassAsync() => Onward(Request);
}

/// <summary>What a CA does wrong.</summary>
/// <param name="Name">What.</param>
/// <param name="Says">What the program says of it, as a pattern; null when it copes by itself.</param>
/// <param name="Meets">The requests that meet it.</param>
/// <param name="Reply">What becomes of them.</param>
internal sealed record AuthorityFault(string Name, string? Says, Func<ProxiedRequest, bool> Meets, Func<FaultyRequest, Task<ProxiedReply?>> Reply)
{
    /// <summary>Whether it is met only when the certificate is there.</summary>
    public bool IsAfterwards { get; init; }

    /// <summary>Whether it takes as long as an order is waited for.</summary>
    public bool IsLong { get; init; }
}
