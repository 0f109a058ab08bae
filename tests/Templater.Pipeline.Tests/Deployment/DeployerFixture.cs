namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Tests of a deployer over real files and a fake proxy; each has a bench of its own.</summary>
public abstract class DeployerFixture
{
    private protected DeployerBench Bench { get; private set; } = null!;

    [SetUp]
    public void CreateBench() => Bench = new DeployerBench();

    [TearDown]
    public void RemoveBench() => Bench.Dispose();
}
