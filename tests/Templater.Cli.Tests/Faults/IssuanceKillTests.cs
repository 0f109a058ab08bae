using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// The program is killed at every step of an issuance, once for each, and started again an hour later: what is there is a whole pair (or none,
/// where it is the first), the account's key is never lost, and no order is made twice but where the CA's reply to it was.
/// </summary>
[CancelAfter(600_000)]
[Platform("Linux")]
public sealed class IssuanceKillTests
{
    private const string NewOrder = "/order-plz";
    private const string Finalize = "/finalize-order/";

    // Each step is two starts of two seconds together, and one more where it is a renewal.
    private const int ShortPartsOfRequests = 13;

    /// <summary>At each request, before the CA has got it, or when its reply is lost.</summary>
    [Test]
    public async Task KilledAtAnyRequestItEndsWithOnePairOfOneAccount([Values] bool isRenewal, [Values] bool afterwards, CancellationToken cancellationToken)
    {
        await using var site = await IssuanceSite.OpenAsync(cancellationToken);
        await site.PrepareAsync(isRenewal, cancellationToken);
        site.Start();
        await site.StoredAsync(cancellationToken);
        var count = site.Requests;
        Assert.That((site.Granted(NewOrder), site.Granted(Finalize), site.Keys), Is.EqualTo((1, 1, 1)));

        var killed = 0;
        var numbers = Rotation.Of([.. Enumerable.Range(1, count)], ShortPartsOfRequests);
        foreach (var number in numbers)
        {
            await site.PrepareAsync(isRenewal, cancellationToken);
            (site.KillAt, site.KillsAfterwards) = (number, afterwards);
            site.Start();
            killed += await site.EndsOrIsStoredAsync(cancellationToken) ? 1 : 0;
            var isLost = afterwards && site.LastReplied == NewOrder;
            await EndsWellAsync(site, isRenewal, cancellationToken);

            Assert.That((site.Granted(NewOrder), site.Granted(Finalize), site.Keys), Is.EqualTo((isLost ? 2 : 1, 1, 1)), $"request {number} of {count}: orders, certificates, keys of accounts");
        }

        TestContext.Out.WriteLine($"killed at {killed} of {count} requests, {(afterwards ? "their replies lost" : "before they came")}");
        // The last one may come when the certificate is there already.
        Assert.That(killed, Is.GreaterThanOrEqualTo(numbers.Count - 1));
    }

    private static async Task EndsWellAsync(IssuanceSite site, bool isRenewal, CancellationToken cancellationToken)
    {
        using (var between = site.Pair())
            Assert.That(between is not null || !isRenewal);
        site.LetPass(TimeSpan.FromHours(1));
        site.Start();
        await site.StoredAsync(cancellationToken);
    }

    // Each step is two or three starts: minutes together.
    private static IEnumerable<bool> InTheFullTier => Rotation.IsFullTier ? [false, true] : [];

    /// <summary>At each system call that changes something in the store or what is remembered.</summary>
    [TestCaseSource(nameof(InTheFullTier))]
    public async Task KilledAtAnyWriteItEndsWithOnePairOfOneAccount(bool isRenewal, CancellationToken cancellationToken)
    {
        FaultProgram.RequireStrace();
        IReadOnlyList<TracedCall> steps;
        await using (var site = await IssuanceSite.OpenAsync(cancellationToken))
            steps = await StepsAsync(site, isRenewal, cancellationToken);
        Assert.That(steps, Has.Count.GreaterThan(30), string.Join('\n', steps));

        var shares = await Shares.RunAsync(share => KillAtAsync(steps.Where((_, i) => i % Shares.Count == share), isRenewal, cancellationToken));
        var killed = shares.Sum(static share => share.Killed);
        TestContext.Out.WriteLine($"killed at {killed} of {steps.Count} writes; ordered again after {string.Join(", ", shares.SelectMany(static share => share.Again))}");
        // strace counts by thread, and threads take turns as they like, the more so after each answer of the CA.
        Assert.That(steps.Count - killed, Is.LessThanOrEqualTo(steps.Count / 3));
    }

    private static async Task<(int Killed, List<string> Again)> KillAtAsync(IEnumerable<TracedCall> steps, bool isRenewal, CancellationToken cancellationToken)
    {
        await using var site = await IssuanceSite.OpenAsync(cancellationToken);
        var (killed, again) = (0, new List<string>());
        foreach (var step in steps)
        {
            await site.PrepareAsync(isRenewal, cancellationToken);
            site.Start("-P", Path.Combine(site.Root, step.Path!), "-o", "/dev/null", "-e", "trace=" + step.Name, "-e", $"inject={step.Name}:signal=KILL:when={step.Ordinal}");
            killed += await site.EndsOrIsStoredAsync(cancellationToken) ? 1 : 0;
            await EndsWellAsync(site, isRenewal, cancellationToken);
            var (orders, certificates, keys) = (site.Granted(NewOrder), site.Granted(Finalize), site.Keys);
            Assert.That((orders is 1 or 2, certificates, keys), Is.EqualTo((true, 1, 1)), $"{step}: {orders} orders, certificates, keys of accounts");
            if (orders == 2)
                again.Add(step.ToString());
        }

        return (killed, again);
    }

    // With paths from the site on.
    private static async Task<IReadOnlyList<TracedCall>> StepsAsync(IssuanceSite site, bool isRenewal, CancellationToken cancellationToken)
    {
        var trace = Path.Combine(site.Root, "trace");
        await site.PrepareAsync(isRenewal, cancellationToken);
        site.Start("--seccomp-bpf", "-y", "-o", trace, "-e", "trace=execve," + TracedCall.Changing);
        await site.StoredAsync(cancellationToken);
        await site.Program!.EndAsync();
        // How often the status is written is chance, and of the configuration other tests tell.
        return [.. TracedCall.Read(await File.ReadAllLinesAsync(trace, cancellationToken), site.Root, isWhole: true)
            .Where(call => call.Path is { } path && (path.StartsWith(site.Root + "/certs", StringComparison.Ordinal) || path.StartsWith(site.Root + "/state/acme", StringComparison.Ordinal)))
            .DistinctBy(static call => (call.Name, call.Path, call.Ordinal))
            .Select(call => call with { Path = Path.GetRelativePath(site.Root, call.Path!) })];
    }
}
