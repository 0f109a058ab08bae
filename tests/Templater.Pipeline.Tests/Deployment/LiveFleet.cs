using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Tests of one proxy that already runs a first generation.</summary>
public abstract class LiveFleet
{
    private protected ProxyFleet Fleet { get; private set; } = null!;

    private protected ScriptedProxy Edge { get; private set; } = null!;

    [SetUp]
    public async Task StartWithALiveGeneration()
    {
        Fleet = new ProxyFleet();
        Edge = Fleet.Add("edge");
        Assert.That(await Fleet.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Live>());
    }

    [TearDown]
    public void RemoveFleet() => Fleet.Dispose();
}
