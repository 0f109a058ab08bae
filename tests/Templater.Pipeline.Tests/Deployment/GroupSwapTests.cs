using Mono.Unix.Native;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Whoever reads the files of a group while they are replaced, or after the program was killed between two steps, finds one whole set.</summary>
[Platform("Linux")]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
[CancelAfter(60_000)]
public sealed class GroupSwapTests : DeployerFixture
{
    private const int Swaps = 40;

    [Test]
    public async Task AReaderThatOpensTheDirectoryOnceNeverSeesAMixedSet(CancellationToken cancellationToken)
    {
        await Bench.DeployGroupAsync("0", "0");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var mixed = new List<string>();
        var seen = new HashSet<string>();
        var reader = Task.Run(
            () =>
            {
                while (!end.IsCancellationRequested)
                    Read(seen, mixed);
            },
            CancellationToken.None);

        for (var number = 1; number <= Swaps; number++)
            Assert.That(await Bench.DeployGroupAsync($"{number}", $"{number}"), Is.InstanceOf<DeployOutcome.Live>());
        await end.CancelAsync();
        await reader;

        Assert.That(seen, Has.Count.GreaterThan(1), "several sets were read");
        Assert.That(mixed, Is.Empty);
    }

    // As a process does that goes by the directory's descriptor: openat(2).
    private void Read(HashSet<string> seen, List<string> mixed)
    {
        var descriptor = Syscall.open(Bench.InFolder(".templater/nginx/current"), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        if (descriptor < 0)
        {
            mixed.Add("the directory cannot be opened");
            return;
        }

        try
        {
            var text = File.ReadAllText($"/proc/self/fd/{descriptor}/nginx.conf").Split(' ')[0];
            var map = File.ReadAllText($"/proc/self/fd/{descriptor}/{GroupBench.Map}");
            seen.Add(map);
            if (text != map)
                mixed.Add($"{text} with {map}");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // So slow that its set and the next one are both over: it is told of the new one meanwhile.
        }
        finally
        {
            _ = Syscall.close(descriptor);
        }
    }

    [Test]
    public async Task KilledBeforeTheLinkIsReplacedTheFormerSetHolds()
    {
        var (former, _) = await TwoAsync();
        Bench.EditJournal("proven", "checked");
        Point(former.Generation);

        Bench.Reopen();

        Assert.That((Bench.OnDiskMap(), Bench.Deployer.Status.Current!.Generation), Is.EqualTo(("1", former.Generation)));
        Assert.That(await Bench.DeployGroupAsync("two", "2"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Bench.OnDiskMap(), Is.EqualTo("2"));
    }

    [Test]
    public async Task KilledAfterItTheNewSetIsGoneOnWith()
    {
        var (_, next) = await TwoAsync();
        Bench.EditJournal("proven", "checked");

        Bench.Reopen();

        Assert.That(Bench.Deployer.Status.Current, Has.Property("Generation").EqualTo(next.Generation).And.Property("IsOwed").True);
        Assert.That(await Bench.DeployFileAsync(next), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Bench.OnDiskMap(), Is.EqualTo("2"));
    }

    [Test]
    public async Task KilledBetweenTheFirstLinkAndTheFilesOwnTheFileHolds()
    {
        await Bench.DeployAsync("single");
        var single = Bench.OnDisk;
        await Bench.DeployGroupAsync("group", "1");
        Bench.EditJournal("proven", "checked");
        File.Delete(Bench.Path);
        File.WriteAllText(Bench.Path, single);

        Bench.Reopen();

        Assert.That((Bench.OnDisk, Bench.Deployer.Status.Current!.IsLive), Is.EqualTo((single, true)));
        Assert.That(await Bench.DeployGroupAsync("group", "1"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That((Bench.OnDiskMap(), new FileInfo(Bench.Path).LinkTarget is not null), Is.EqualTo(("1", true)));
    }

    private async Task<(RenderedFile Former, RenderedFile Next)> TwoAsync()
    {
        var (former, next) = (Bench.Group("one", (GroupBench.Map, "1")), Bench.Group("two", (GroupBench.Map, "2")));
        await Bench.DeployFileAsync(former);
        await Bench.DeployFileAsync(next);
        return (former, next);
    }

    private void Point(string generation)
    {
        var link = Bench.InFolder(".templater/nginx/current");
        File.Delete(link);
        File.CreateSymbolicLink(link, "gen/" + generation);
    }
}
