using System.Text.RegularExpressions;
using Templater.Pipeline.Certificates.Store;
using Templater.Testing;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Store;

/// <summary>A process that stores a certificate is killed at each of its system calls that change something; full tier.</summary>
[CancelAfter(900_000)]
public sealed class StoreKillTests : StoreBench
{
    private const string Strace = "/usr/bin/strace";
    private const int MostCalls = 60;
    private static readonly string[] Calls = ["mkdir", "openat", "fchmod", "chmod", "pwrite64", "ftruncate", "fsync", "symlink", "rename", "unlink", "rmdir"];

    private static IEnumerable<string> InTheFullTier => Rotation.IsFullTier ? Calls : [];

    [TestCaseSource(nameof(InTheFullTier))]
    public async Task AfterAKillThePairIsOldOrNewAndTheNextOneIsStored(string call, CancellationToken cancellationToken)
    {
        Require();
        var ordinal = 1;
        for (; ordinal <= MostCalls; ordinal++)
        {
            Directory.Delete(Certs, recursive: true);
            Directory.CreateDirectory(Certs);
            // Of a third version one more step is to remove the first.
            await SavedAsync(Store(StoreChild.Layouts));
            var old = await SavedAsync(Store(StoreChild.Layouts));
            var @new = Issued();
            if (!await IsKilledAsync(@new, call, ordinal, cancellationToken))
                break;
            MustBeOneOf(old, @new);
            await Store(StoreChild.Layouts).RepairAsync(cancellationToken);
            MustBeOneOf(old, @new);
            Assert.That(Reading().Pairs.Select(static pair => pair.Fingerprint).Distinct().Count(), Is.EqualTo(1), "all layouts show the same");
            await Store(StoreChild.Layouts).SaveAsync(@new, cancellationToken);
            Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(@new)));
            Assert.That(Entries().Where(static entry => entry.Contains(".templater-new-", StringComparison.Ordinal)), Is.Empty);
        }

        TestContext.Out.WriteLine($"killed at {ordinal - 1} calls of {call}");
        Assert.That(ordinal, Is.InRange(2, MostCalls));
    }

    /// <summary>Files with a key are made for their owner alone, and never opened to more than their mode.</summary>
    [TestCaseSource(nameof(OnceInTheFullTier))]
    public async Task KeysAreNeverOpenToMoreThanTheirMode(string calls, CancellationToken cancellationToken)
    {
        Require();
        await SavedAsync(Store(StoreChild.Layouts));
        var trace = Scratch["trace"];
        (await ChildAsync(Issued(), ["-y", "-o", trace, "-e", "trace=" + calls], cancellationToken)).MustSucceed();
        var lines = await File.ReadAllLinesAsync(trace, cancellationToken);

        string[] Of(string file, string what) => [.. lines.Where(line => line.Contains(file, StringComparison.Ordinal) && Regex.IsMatch(line, what))];
        foreach (var file in (string[])["/.templater-new-2/privkey.pem", "/haproxy/.templater-new-a.example.com.pem"])
        {
            Assert.That(Of(file, "O_CREAT"), Has.Length.EqualTo(1).And.All.Match("O_EXCL.*, 0600\\)"), file);
            Assert.That(Of(file, "^[0-9]+ +f?chmod"), Has.Length.EqualTo(1).And.All.Contains(", 0640)"), file);
        }

        Assert.That(Of("/archive/", "^[0-9]+ +mkdir"), Is.Not.Empty.And.All.Contains(", 0700)"));
    }

    private static IEnumerable<string> OnceInTheFullTier => InTheFullTier.Any() ? ["openat,open,creat,chmod,fchmod,fchmodat,mkdir,mkdirat"] : [];

    private static void Require()
    {
        if (!File.Exists(Strace))
            Missing.Report("strace is not installed");
    }

    private void MustBeOneOf(StoredCertificate old, StoredCertificate @new)
    {
        Assert.That(Found(), Has.Length.EqualTo(3));
        Assert.That(Reading().Pairs.Select(static pair => pair.Fingerprint), Is.All.AnyOf(Fingerprint(old), Fingerprint(@new)));
        Assert.That(Store(StoreChild.Layouts).Find(Name), Is.Not.Null);
    }

    private async Task<bool> IsKilledAsync(StoredCertificate certificate, string call, int ordinal, CancellationToken cancellationToken)
    {
        // Of all its calls only those that touch the store count.
        var paths = Paths().SelectMany(static path => (string[])["-P", path]);
        var result = await ChildAsync(certificate, ["-o", "/dev/null", .. paths, "-e", "trace=" + call, "-e", $"inject={call}:signal=KILL:when={ordinal}"], cancellationToken);
        const int Killed = 128 + 9;
        if (result.ExitCode != Killed)
            result.MustSucceed();
        return result.ExitCode == Killed;
    }

    // What is there, and what a third version adds.
    private IEnumerable<string> Paths()
    {
        var (archive, haproxy) = (Path.Combine(Certs, "archive", Name), Path.Combine(Certs, "haproxy"));
        string[] files = ["cert.pem", "chain.pem", "fullchain.pem", "privkey.pem", "certificate.json"];
        string[] folders = [Path.Combine(archive, "1"), Path.Combine(archive, "3"), Path.Combine(archive, ".templater-new-3")];
        return [
            archive, haproxy, Path.Combine(archive, "current"), Path.Combine(archive, ".templater-new-current"),
            Path.Combine(haproxy, Name + ".pem"), Path.Combine(haproxy, $".templater-new-{Name}.pem"),
            .. folders, .. folders.SelectMany(folder => files.Select(file => Path.Combine(folder, file))),
        ];
    }

    private async Task<ChildResult> ChildAsync(StoredCertificate certificate, string[] trace, CancellationToken cancellationToken)
    {
        Scratch.Write("chain.pem", certificate.Chain.ToPem());
        Scratch.Write("key.pem", certificate.Key.ToPem());
        var program = Path.Combine(AppContext.BaseDirectory, "Templater.Pipeline.Tests");
        return await ChildProcess.RunAsync(
            Strace,
            ["-f", "-qq", .. trace, program, "--filter", "FullyQualifiedName~" + nameof(StoreChild), "--progress", "off", "--no-ansi", "--results-directory", Scratch["results"]],
            new Dictionary<string, string?> { [StoreChild.Variable] = Scratch.Path },
            TimeSpan.FromMinutes(2),
            cancellationToken);
    }
}
