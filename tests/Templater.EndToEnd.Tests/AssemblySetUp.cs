using Templater.EndToEnd.Tests.Harness;

// Most tests wait most of their time. Those that measure one, or carry a load, run alone afterwards.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(SharedEngine.Count)]
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace Templater.EndToEnd.Tests;

/// <summary>Ends the shared engine when all tests have run.</summary>
[SetUpFixture]
public sealed class AssemblySetUp
{
    [OneTimeTearDown]
    public Task EndTheEngineAsync() => SharedEngine.StopAsync();
}
