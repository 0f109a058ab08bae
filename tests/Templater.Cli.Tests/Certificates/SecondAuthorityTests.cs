using Templater.Cli.Tests.Faults;
using Templater.Testing;

namespace Templater.Cli.Tests.Certificates;

/// <summary>
/// Another account answers for the names of a host: that of the next authority when the first one is gone, or the same one with
/// another key. A proxy that answers out of its configuration is told before anything is ordered, so that no validation fails.
/// </summary>
[CancelAfter(120_000)]
[Platform("Linux")]
public sealed class SecondAuthorityTests
{
    private const int MaxRenewals = 3;

    private static IEnumerable<string> Proxies => Rotation.Of([FaultProxy.Nginx, FaultProxy.HAProxy], parts: 2);

    [TestCaseSource(nameof(Proxies))]
    public async Task NeitherAnotherAuthorityNorAnotherKeyCostsAFailedValidation(string kind, CancellationToken cancellationToken)
    {
        await using var bench = await AcmeBench.OpenAsync(kind, cancellationToken);
        var second = await bench.AddAuthorityAsync(cancellationToken);
        using var firstRoot = await bench.Pebble.RootCertificateAsync(cancellationToken);
        using var secondRoot = await second.RootCertificateAsync(cancellationToken);
        bench.Settings(["acme_ca: one two", "cas:", $"  one: {bench.Pebble.DirectoryUrl}", $"  two: {second.DirectoryUrl}"]);
        bench.Add("shop", AcmeBench.Host);
        await bench.StartAsync(cancellationToken);
        using (await bench.HttpsAsync(firstRoot, cancellationToken))
            Assert.That(second.Validations, Is.Empty);

        bench.Pebble.Stop();
        var fallenOver = await bench.CertsAsync("renew", AcmeBench.Host);
        Assert.That((fallenOver.ExitCode, fallenOver.Error), Is.EqualTo((0, "")), bench.Run.Log);
        using var before = await bench.HttpsAsync(secondRoot, cancellationToken);
        await bench.TellsAsync($"{AcmeBench.Host}: two, ends ", cancellationToken);
        // Pebble tells of it a moment later.
        await bench.Run.Until(() => second.Validations.Count > 0, cancellationToken);
        Assert.That(second.Validations, Has.Count.EqualTo(1));

        var asked = await bench.CertsAsync("roll-over", "two");
        Assert.That((asked.ExitCode, asked.Error), Is.EqualTo((0, "")), bench.Run.Log);
        Assert.That(asked.Output, Does.EndWith("two: the account has another key\n"));
        Assert.That(bench.Run.Log, Does.Contain("the account at two has another key"));
        Assert.That((await CommandRun.Now("status", "--state-dir", bench.State)).Output, Does.Contain("\n  account at two: has another key since "));
        // Now and then Pebble takes the former validation for this one.
        for (var renewals = 0; second.Validations.Count < 2 && renewals < MaxRenewals; renewals++)
        {
            var renewed = await bench.CertsAsync("renew", AcmeBench.Host);
            Assert.That((renewed.ExitCode, renewed.Error), Is.EqualTo((0, "")), bench.Run.Log);
            (await bench.HttpsAsync(secondRoot, cancellationToken, not: before.SerialNumber)).Dispose();
        }

        Assert.That(second.Validations, Has.Count.EqualTo(2));
        Assert.That(bench.Pebble.Validations.Concat(second.Validations), Is.All.True);
        Assert.That(await bench.Run.End(), Is.Zero);
    }
}
