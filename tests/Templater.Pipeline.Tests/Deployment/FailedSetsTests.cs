using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class FailedSetsTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly StateDirectory _state;
    private readonly string _folder;

    public FailedSetsTests()
    {
        _state = StateDirectory.Open(_directory["state"]);
        _folder = FailedSets.FolderOf(_state, "nginx");
    }

    [Test]
    public void ASetHoldsTheFileAndWhatWasSaid()
    {
        Sets().Keep(14, Set("listen x;"u8.ToArray()), "line 1: no port");
        Assert.That(File.ReadAllText(Path.Combine(_folder, "14", "nginx.conf")), Is.EqualTo("listen x;"));
        Assert.That(File.ReadAllText(Path.Combine(_folder, "14", FailedSets.SaidFile)), Is.EqualTo("line 1: no port\n"));
    }

    [Test]
    public void TheNewestStayByNumber()
    {
        for (var number = 1; number <= 12; number++)
            Sets().Keep(number, Set("x"u8.ToArray()), "no");
        Assert.That(Numbers(), Is.EqualTo((int[])[5, 6, 7, 8, 9, 10, 11, 12]));
    }

    [Test]
    public void ASetThatIsRefusedAgainIsTheNewest()
    {
        for (var number = 3; number <= 11; number++)
        {
            Sets().Keep(number, Set("x"u8.ToArray()), "no");
            File.SetLastWriteTimeUtc(Path.Combine(_folder, $"{number}", FailedSets.SaidFile), new DateTime(2026, 1, number, 0, 0, 0, DateTimeKind.Utc));
        }

        Sets().Keep(3, Set("x"u8.ToArray()), "no");

        Assert.That(Numbers(), Is.EqualTo((int[])[3, 5, 6, 7, 8, 9, 10, 11]));
    }

    [Test]
    public void TheNewestStaysHoweverLargeItIs()
    {
        Sets().Keep(1, Set("x"u8.ToArray()), "no");
        Sets().Keep(2, Set(new byte[FailedSets.MaxBytes + 1]), "no");
        Assert.That(Numbers(), Is.EqualTo((int[])[2]));
    }

    [Test]
    public void WhatSomebodyElsePutThereStays()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "notes"));
        for (var number = 1; number <= 9; number++)
            Sets().Keep(number, Set("x"u8.ToArray()), "no");
        Assert.That(Directory.Exists(Path.Combine(_folder, "notes")), Is.True);
    }

    [Test]
    public void WhatCannotBeKeptIsNotMissed()
    {
        Directory.Delete(_state["failed"]);
        File.WriteAllBytes(_state["failed"], Encoding.UTF8.GetBytes("a file"));
        Assert.That(() => Sets().Keep(1, Set("x"u8.ToArray()), "no"), Throws.Nothing);
    }

    public void Dispose() => _directory.Dispose();

    private static OutputSet Set(byte[] content) => new(content, []);

    private FailedSets Sets() => new(_state, "nginx", "/config/nginx.conf");

    private int[] Numbers() => [.. Directory.GetDirectories(_folder).Select(path => int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture)).Order()];
}
