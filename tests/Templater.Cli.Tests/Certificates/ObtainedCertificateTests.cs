using System.Net;
using System.Security.Cryptography.X509Certificates;
using Templater.Cli.Tests.Faults;
using Templater.Cli.Tests.Running;
using Templater.Testing;

namespace Templater.Cli.Tests.Certificates;

/// <summary>From an empty disk to https: a real authority, a real proxy that answers its challenge, and nothing faked but names and containers.</summary>
[CancelAfter(60_000)]
[Platform("Linux"), System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ObtainedCertificateTests
{
    private const string Host = AcmeBench.Host;

    [TestCase(FaultProxy.Nginx, "")]
    [TestCase(FaultProxy.HAProxy, "")]
    [TestCase(FaultProxy.Nginx, "acme_webroot: ")]
    [TestCase(FaultProxy.Nginx, "acme_listen: ")]
    [TestCase(FaultProxy.HAProxy, "acme_listen: ")]
    [TestCase(FaultProxy.HAProxy, "acme_challenge: tls-alpn-01\nacme_listen: ")]
    public async Task AHostGetsItsCertificateThroughItsProxy(string kind, string form, CancellationToken cancellationToken)
    {
        await using var bench = await AcmeBench.OpenAsync(kind, cancellationToken);
        using var root = await bench.Pebble.RootCertificateAsync(cancellationToken);
        // nginx's workers are another user.
        File.SetUnixFileMode(bench.Run.Directory.Path, (UnixFileMode)0b111_001_001);
        var isByTls = form.StartsWith("acme_challenge: tls-alpn-01", StringComparison.Ordinal);
        if (isByTls)
            bench.Proxy.Port = bench.Pebble.TlsPort;
        bench.Settings(more: [form switch
        {
            "acme_webroot: " => form + Directory.CreateDirectory(bench.Run.Directory["webroot"]).FullName,
            _ when form.EndsWith("acme_listen: ", StringComparison.Ordinal) => form + $"127.0.0.1:{FreePort.Next()}",
            _ => "",
        }]);
        bench.Add("shop", Host);
        await bench.StartAsync(cancellationToken);

        var pending = await bench.HttpAsync(cancellationToken);
        Assert.That(pending != HttpStatusCode.PermanentRedirect || File.Exists(bench.Run.Directory[$"certs/live/{Host}/fullchain.pem"]), "http is served until the pair is there");
        using var first = await bench.HttpsAsync(root, cancellationToken);
        Assert.That(first.NotAfter, Is.GreaterThan(DateTime.Now));
        await bench.RedirectsAsync(cancellationToken);
        await bench.TellsAsync(", ends ", cancellationToken);

        var renewed = await bench.CertsAsync("renew", Host);
        Assert.That((renewed.ExitCode, renewed.Error), Is.EqualTo((0, "")), bench.Run.Log);
        Assert.That(renewed.Output, Does.Contain($"{Host}: renewed, ends "));
        using var second = await bench.HttpsAsync(root, cancellationToken, not: first.SerialNumber);
        Assert.That((await bench.CertsAsync("check")).ExitCode, Is.Zero);
        if (kind == FaultProxy.Nginx && form.Length == 0)
            await RevokedAsync(bench, root, second.SerialNumber, cancellationToken);
        else if (kind == FaultProxy.Nginx && form == "acme_listen: ")
            await DryRunAsync(bench, root, second.SerialNumber, cancellationToken);
        else if (isByTls)
            await NoDryRunAsync(bench);
        else if (form.Length == 0)
            await RestoredAsync(bench, root, first.SerialNumber, second.SerialNumber, cancellationToken);
        Assert.That(await bench.Run.End(), Is.Zero);
        foreach (var (command, code) in ((string, int)[])[("list", 0), ("check", 4)])
        {
            var left = await bench.CertsAsync(command);
            Assert.That((left.ExitCode, left.Error), Is.EqualTo((code, $"warning templater-not-running: no Templater runs with the state directory {bench.State}: this is what it left behind. Start it with templater run.\n")));
        }

        Assert.That(bench.Pebble.Validations, Is.Not.Empty.And.All.True);
        AssertThatNoSecretIsTold(bench.Run);
    }

    // The same authority stands for its staging directory: what it issues is thrown away.
    private static async Task DryRunAsync(AcmeBench bench, X509Certificate2 root, string serial, CancellationToken cancellationToken)
    {
        var none = await CommandRun.Now("certs", "issue", Host, "--dry-run", "--config", bench.Run.Directory["t.yaml"]);
        Assert.That((none.ExitCode, none.Error), Is.EqualTo((4, $"error acme-failed: {Host}: the dry run failed: no staging directory of the CA 127-0-0-1 is known; name one in the settings by cas.127-0-0-1.staging. Nothing has changed here.\n")));

        var url = bench.Pebble.DirectoryUrl;
        var trial = bench.Run.Directory.Write("trial.yaml", bench.Run.Directory.Read("t.yaml") + $"cas: {{ 127-0-0-1: {{ url: {url}, staging: {url} }} }}\n");
        var run = await CommandRun.Now("certs", "issue", Host, "--dry-run", "--config", trial);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")), run.Output);
        Assert.That(run.Output, Does.Match($"^{Host}: ordered at the staging directory of 127-0-0-1, by http-01\n{Host}: the dry run succeeded; what .* issued was thrown away"));
        using var shown = await bench.HttpsAsync(root, cancellationToken);
        Assert.That(shown.SerialNumber, Is.EqualTo(serial));
    }

    private static async Task NoDryRunAsync(AcmeBench bench)
    {
        var run = await CommandRun.Now("certs", "issue", Host, "--dry-run", "--config", bench.Run.Directory["t.yaml"]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((4, $"error acme-failed: {Host}: the dry run failed: tls-alpn-01 is answered by the Templater that runs, which knows nothing of a dry run. Stop it first. Nothing has changed here.\n")));
    }

    // The one that was kept takes the place of the present one at the proxy that runs, and stays until it is revoked.
    private static async Task RestoredAsync(AcmeBench bench, X509Certificate2 root, string former, string present, CancellationToken cancellationToken)
    {
        var restored = await CommandRun.Now("certs", "restore", Host, "--config", bench.Run.Directory["t.yaml"]);
        Assert.That((restored.ExitCode, restored.Error), Is.EqualTo((0, "")));
        Assert.That(restored.Output, Does.StartWith($"{Host}: the former one is restored, ends "));
        using var shown = await bench.HttpsAsync(root, cancellationToken, not: present);
        Assert.That(shown.SerialNumber, Is.EqualTo(former));
        // Who keeps certificates may not have looked since, and still knows the other one.
        var revoked = await CommandRun.Now("certs", "revoke", Host, "--reason", "superseded", "--config", bench.Run.Directory["t.yaml"]);
        Assert.That((revoked.ExitCode, revoked.Error), Is.EqualTo((0, "")), bench.Run.Log);
        Assert.That(revoked.Output, Does.Match($"^{Host}: revoked at .* \\(superseded\\), by the account that ordered it\n(.*\n)*{Host}: renewed, ends "));
        using var third = await bench.HttpsAsync(root, cancellationToken, not: former);
        Assert.That(third.SerialNumber, Is.Not.EqualTo(present));
    }

    // By its own key at the authority, and another one with another key takes its place.
    private static async Task RevokedAsync(AcmeBench bench, X509Certificate2 root, string serial, CancellationToken cancellationToken)
    {
        var config = bench.Run.Directory["t.yaml"];
        var there = await CommandRun.Now("certs", "issue", Host, "--config", config);
        Assert.That((there.ExitCode, there.Error.Contains($"the certificate for {Host} is there, and ends ", StringComparison.Ordinal)), Is.EqualTo((3, true)), there.Error);
        await DryRunAsync(bench, root, serial, cancellationToken);
        var key = bench.Run.Directory.Read($"certs/live/{Host}/privkey.pem");

        var revoked = await CommandRun.Now("certs", "revoke", Host, "--reason", "keyCompromise", "--config", config);

        Assert.That((revoked.ExitCode, revoked.Error), Is.EqualTo((0, "")), bench.Run.Log);
        Assert.That(revoked.Output, Does.Match($"^{Host}: revoked at .* \\(keyCompromise\\), by its own key\n(.*\n)*{Host}: renewed, ends "));
        using var third = await bench.HttpsAsync(root, cancellationToken, not: serial);
        Assert.That(bench.Run.Directory.Read($"certs/live/{Host}/privkey.pem"), Is.Not.EqualTo(key));
        var restored = await CommandRun.Now("certs", "restore", Host, "--config", config);
        Assert.That((restored.ExitCode, restored.Error), Is.EqualTo((3, $"error certificate-invalid: the former certificate for {Host} is not restored: it was revoked. The present one stays.\n")));
        var shown = await CommandRun.Now("certs", "show", Host, "--config", config);
        Assert.That(shown.Output, Does.Contain($"  issuer       ").And.Contain("  renewal      about ").And.Contain("  key          EC P-256\n"));
    }

    [Test]
    public async Task AnAuthorityThatRefusesIsToldAndHttpIsServedMeanwhile(CancellationToken cancellationToken)
    {
        await using var bench = await AcmeBench.OpenAsync(FaultProxy.Nginx, cancellationToken);
        bench.Settings(more: ["acme_placeholder: true"]);
        bench.Add("shop", Pebble.BlockedName);
        await bench.StartAsync(cancellationToken);
        await bench.Run.Says($"warning acme-failed: no certificate was obtained for {Pebble.BlockedName}: ", cancellationToken);
        await bench.TellsAsync("not there yet, a placeholder is shown, next attempt", cancellationToken);
        var placeholder = X509Certificate2.CreateFromPem(File.ReadAllText(Directory.GetFiles(bench.Run.Directory["certs/.templater-store/placeholders"]).Single()));
        using (placeholder)
        using (await bench.HttpsAsync(placeholder, cancellationToken, Pebble.BlockedName))
            Assert.That(placeholder.Issuer, Is.EqualTo("CN=Templater placeholder"));
        var listed = await bench.CertsAsync("--json");
        Assert.That(listed.Output, Does.StartWith("[{\"name\":\"" + Pebble.BlockedName).And.Contain("\"failed\":1"));
        var check = await bench.CertsAsync("check");
        Assert.That((check.ExitCode, check.Output.Contains("  failed: ", StringComparison.Ordinal)), Is.EqualTo((3, true)), check.Output);
        var unknown = await bench.CertsAsync("renew", "shop");
        Assert.That((unknown.ExitCode, unknown.Error), Is.EqualTo((3, $"error invalid-input: no certificate \"shop\" is wanted; there are {Pebble.BlockedName}.\n")));
        var again = await bench.CertsAsync("issue", Pebble.BlockedName);
        Assert.That((again.ExitCode, again.Error.StartsWith($"error acme-failed: {Pebble.BlockedName}: ", StringComparison.Ordinal)), Is.EqualTo((4, true)), again.Error);
        Assert.That((await bench.CertsAsync("check")).Output, Does.Contain("  failed 2 times: "), "at once, not after the pause");
        var nowhere = await bench.CertsAsync("roll-over", "letsencrypt");
        Assert.That((nowhere.ExitCode, nowhere.Error), Is.EqualTo((3, "error invalid-input: no certificate is of a CA called \"letsencrypt\".\n")));
        Assert.That(await bench.HttpAsync(cancellationToken, Pebble.BlockedName), Is.Not.EqualTo(HttpStatusCode.PermanentRedirect));
        Assert.That(await bench.Run.End(), Is.Zero);

        var ended = await bench.CertsAsync("renew", Pebble.BlockedName);
        Assert.That((ended.ExitCode, ended.Error.Contains("so nobody would renew a certificate", StringComparison.Ordinal)), Is.EqualTo((4, true)), ended.Error);
        var asked = await bench.CertsAsync("roll-over", "127-0-0-1");
        Assert.That((asked.ExitCode, asked.Error.Contains("so nobody would give an account another key", StringComparison.Ordinal)), Is.EqualTo((4, true)), asked.Error);
    }

    [Test]
    public async Task WhereNoneAreObtainedNothingIsListed(CancellationToken cancellationToken)
    {
        using var bench = new RunBench();
        bench.Settings(bench.State, bench.Template("x"), "reload: none", "validate: none");
        bench.StartFromFile();
        await bench.Says(" delivered to ", cancellationToken);
        var run = await CommandRun.Now("certs", "--state-dir", bench.Directory["state"]);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((4, "")));
        Assert.That(run.Error, Does.Contain("They are obtained where acme_email is set."));
        Assert.That(await bench.End(), Is.Zero);
    }

    // Lines of keys in PEM, and private numbers of keys in JSON, from wherever they are kept.
    private static void AssertThatNoSecretIsTold(RunBench bench)
    {
        var lines = new[] { "certs", "state/acme" }
            .SelectMany(folder => Directory.EnumerateFiles(bench.Directory[folder], "*", SearchOption.AllDirectories))
            .Where(static file => new FileInfo(file).LinkTarget is null)
            .Select(File.ReadAllText).Where(static text => text.Contains("PRIVATE KEY", StringComparison.Ordinal) || text.Contains("\"d\"", StringComparison.Ordinal))
            .SelectMany(static text => text.Split(['\n', '"'])).Where(static word => word.Length >= 43 && !word.Contains(' ', StringComparison.Ordinal)).ToList();
        Assert.That(lines, Is.Not.Empty);
        Assert.That(lines.Where(bench.Log.Contains), Is.Empty);
        Assert.That(bench.Log, Does.Not.Contain("PRIVATE KEY"));
    }
}
