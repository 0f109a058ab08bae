namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>A keeper of its own for each test, at authorities that are played.</summary>
public abstract class KeeperFixture
{
    private protected const string First = KeeperBench.First;
    private protected const string Second = KeeperBench.Second;

    private protected KeeperBench Bench { get; set; } = null!;

    [SetUp]
    public void OpenBench() => Bench = new KeeperBench();

    [TearDown]
    public async Task CloseBench() => await Bench.DisposeAsync();
}
