using System.Globalization;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>
/// nginx and HAProxy of later Debians, in the full tier: the tests that ask real proxies are run once more with them, with files that
/// are written for their versions. All fixtures are taken without a warning, all requests over the wire are answered as by the older
/// ones, and <see cref="Traffic.NewerTrafficTests"/> asks for what those lack.
/// </summary>
[NonParallelizable]
public sealed class NewerProxyTests
{
    private const int AllPatience = 1_200_000;

    private static readonly string[] Tests =
    [
        "Rendering.Traffic", "Tests.Deployment", nameof(AcceptedFixtureTests), nameof(GeneratedConfigTests), nameof(InjectionTests),
        nameof(QuotingTests), nameof(StreamTemplateTests), nameof(TraefikTemplateTests), nameof(Certificates.HAProxyFolderTests),
    ];

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(12);

    private static string[] Releases => Rotation.IsFullTier ? ["trixie", "sid"] : [];

    private static IEnumerable<TestCaseData> OwnTests => Releases.Select(static release => new TestCaseData(release, release == "trixie" ? 4 : 6));

    // Fewer than today is a filter that has lost some.
    [TestCaseSource(nameof(Releases)), CancelAfter(AllPatience)]
    [Platform("Linux")]
    public Task WhatHoldsForThisMachinesProxiesHoldsForThem(string release, CancellationToken cancellationToken) =>
        RunAsync(release, string.Join('|', Tests.Select(static name => "FullyQualifiedName~" + name)), 1800, cancellationToken);

    // Each of them can be asked for HTTP/2 and HTTP/3 host by host, the second one for names in upstreams and HTTP/2 to containers, too.
    [TestCaseSource(nameof(OwnTests)), CancelAfter(AllPatience)]
    [Platform("Linux")]
    public Task WhatTheyAloneHaveIsTried(string release, int count, CancellationToken cancellationToken) =>
        RunAsync(release, "FullyQualifiedName~" + nameof(Traffic.NewerTrafficTests), count, cancellationToken);

    private static async Task RunAsync(string release, string tests, int count, CancellationToken cancellationToken)
    {
        var programs = await ProxyRelease.GetAsync(release, cancellationToken);
        foreach (var program in (string[])["nginx", "haproxy"])
            await TestContext.Out.WriteLineAsync($"{release}: {program} {await File.ReadAllTextAsync(Path.Combine(programs, program + ".version"), cancellationToken)}");

        var run = await ChildProcess.RunAsync(
            Environment.ProcessPath!,
            ["--progress", "off", "--no-ansi", "--filter", tests, "--minimum-expected-tests", count.ToString(CultureInfo.InvariantCulture)],
            new Dictionary<string, string?> { [ProxyPrograms.Variable] = programs, ["TESTS_TIER"] = null },
            Limit,
            cancellationToken);

        await TestContext.Out.WriteLineAsync(run.Output[Math.Max(0, run.Output.IndexOf("Test run summary", StringComparison.Ordinal))..]);
        Assert.That(run.ExitCode, Is.Zero, () => string.Join('\n', run.Output.Split('\n').Where(static line => !line.Contains("   at ", StringComparison.Ordinal))));
    }
}
