using System.Text.RegularExpressions;
using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// Whatever file ends up with a key, of an account or a certificate, or holds one while it is ordered, was made for its owner alone and never open to more than its mode, seen by the
/// system calls of a whole issuance; and nothing else that was written holds anything of a key.
/// </summary>
[CancelAfter(60_000)]
[Platform("Linux")]
public sealed partial class KeyModeTests
{
    // The setting certs_mode, and what an account's key has.
    private const int Widest = 0b110_100_000;
    private const int Owner = 0b110_000_000;

    private static readonly EnumerationOptions WithoutLinks = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    private static IEnumerable<string> Layouts => Rotation.Of(["live", "haproxy", "nginx-proxy"]);

    [TestCaseSource(nameof(Layouts))]
    public async Task AFileWithAKeyIsMadeForItsOwnerAndNeverWiderThanItsMode(string layout, CancellationToken cancellationToken)
    {
        FaultProgram.RequireStrace();
        await using var site = await IssuanceSite.OpenAsync(cancellationToken, layout);
        var trace = Path.Combine(site.Root, "trace");
        site.Start("--seccomp-bpf", "-y", "-o", trace, "-e", "trace=openat,open,creat,chmod,fchmod,fchmodat,rename,renameat,renameat2,link,linkat");
        await site.StoredAsync(cancellationToken);
        await site.Program!.EndAsync();
        var lines = await File.ReadAllLinesAsync(trace, cancellationToken);

        var keys = Directory.EnumerateFiles(site.Root, "*", WithoutLinks).Where(static file => File.ReadAllText(file).Contains("PRIVATE KEY", StringComparison.Ordinal)).ToList();
        var ofAccounts = keys.Where(key => key.StartsWith(Path.Combine(site.Root, "state") + "/", StringComparison.Ordinal)).ToList();
        Assert.That((ofAccounts.Count > 0, keys.Count - ofAccounts.Count), Is.EqualTo((true, layout == "haproxy" ? 2 : 1)), "of accounts and of the certificate");
        foreach (var key in keys)
            Check(key, ofAccounts.Contains(key) ? Owner : Widest, lines);
        // The key of an order goes with it.
        var passing = lines.Select(static line => Made().Match(line)).Where(static make => make.Success && make.Groups[1].Value.Contains("/acme/orders/", StringComparison.Ordinal))
            .Select(static make => make.Groups[1].Value).Distinct().ToList();
        Assert.That(passing, Is.Not.Empty.And.None.Matches<string>(File.Exists));
        foreach (var file in passing)
            Check(file, Owner, lines);
        var secrets = keys.SelectMany(static file => Key().Match(File.ReadAllText(file)).Groups[1].Value.Split('\n')).Where(static line => line.Length >= 43).ToList();
        Assert.That(secrets, Is.Not.Empty);
        var written = Directory.EnumerateFiles(site.Root, "*", WithoutLinks).Except([.. keys, trace]).Select(static file => (file, File.ReadAllText(file))).Append(("the log", site.Program.Log)).ToList();
        Assert.That(written, Has.Some.Matches<(string File, string Text)>(static one => one.File.EndsWith("status.json", StringComparison.Ordinal)));
        Assert.That(written.Where(one => secrets.Exists(one.Item2.Contains)).Select(static one => one.Item1), Is.Empty);
    }

    private static void Check(string key, int widest, string[] lines)
    {
        // What it was called before it was moved, or what lay above it was.
        var names = new HashSet<string>(StringComparer.Ordinal) { key };
        var made = new List<int>();
        foreach (var line in lines.Reverse())
        {
            if (Moved().Match(line) is { Success: true } move)
            {
                var (from, to) = (move.Groups[1].Value, move.Groups[2].Value);
                names.UnionWith([.. names.Where(name => name == to || name.StartsWith(to + "/", StringComparison.Ordinal)).Select(name => from + name[to.Length..])]);
            }
            else if (Made().Match(line) is { Success: true } make && names.Contains(make.Groups[1].Value))
            {
                Assert.That(line, Does.Contain("O_EXCL"), key);
                made.Add(Convert.ToInt32(make.Groups[2].Value, 8));
            }
            else if (Changed().Match(line) is { Success: true } change && names.Contains(change.Groups[1].Value))
            {
                Assert.That(Convert.ToInt32(change.Groups[2].Value, 8) & ~widest, Is.Zero, line);
            }
        }

        Assert.That(made, Is.Not.Empty.And.All.EqualTo(Owner), $"{key}: modes that it was made with");
    }

    [GeneratedRegex("PRIVATE KEY-----([^-]+)-----END")]
    private static partial Regex Key();

    [GeneratedRegex("rename(?:at2?)?\\((?:AT_FDCWD<[^>]*>, )?\"([^\"]+)\", (?:AT_FDCWD<[^>]*>, )?\"([^\"]+)\"")]
    private static partial Regex Moved();

    [GeneratedRegex("open(?:at)?\\((?:AT_FDCWD<[^>]*>, )?\"([^\"]+)\", [A-Z_|]*O_CREAT[A-Z_|]*, (0[0-7]*)")]
    private static partial Regex Made();

    [GeneratedRegex("chmod(?:at)?\\((?:AT_FDCWD<[^>]*>, \"|[0-9]+<|\")([^\">]+)[\">]+, (0[0-7]*)")]
    private static partial Regex Changed();
}
