using Templater.EndToEnd.Tests.Harness;

// Real processes on a small machine: one test after the other keeps their times meaningful.
[assembly: NonParallelizable]
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace Templater.EndToEnd.Tests;

/// <summary>Ends the shared engine when all tests have run.</summary>
[SetUpFixture]
public sealed class AssemblySetUp
{
    [OneTimeTearDown]
    public Task EndTheEngineAsync() => SharedEngine.StopAsync();
}
