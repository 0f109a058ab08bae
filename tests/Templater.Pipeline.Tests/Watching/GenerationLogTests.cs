using System.Collections.Immutable;
using Templater.Pipeline.Watching;

namespace Templater.Pipeline.Tests.Watching;

public sealed class GenerationSummaryTests
{
    private static readonly TestCaseData[] Cases =
    [
        new(null, "", "0 hosts"),
        new(null, "a:1", "1 host"),
        new(null, "a:1 b:0", "2 hosts"),
        new("", "localhost:1", "+localhost (1 server)"),
        new("a:1", "", "-a"),
        new("a:1 c:1", "b:2 c:1", "+b (2 servers), -a"),
        new("a:1", "a:3", "a (1 -> 3 servers)"),
        new("a:3", "a:1", "a (3 -> 1 server)"),
        new("a:1", "a:1", "same hosts"),
        new("", "a:1 b:1 c:1 d:1 e:1 f:1 g:1", "+a (1 server), +b (1 server), +c (1 server), +d (1 server), +e (1 server) and 2 more"),
        new("b:1 a:1", "a:1 b:1", "same hosts"),
        new("a:1 a:1", "a:2", "same hosts"),
    ];

    [TestCaseSource(nameof(Cases))]
    public void SaysHowTwoGenerationsDiffer(string? before, string after, string expected) =>
        Assert.That(GenerationSummary.Of(before is null ? null : Hosts(before), Hosts(after)), Is.EqualTo(expected));

    [Test]
    public void ANameCannotForgeALine() =>
        Assert.That(GenerationSummary.Of([], [new HostSummary("a\nerror " + new string('x', 500), 1)]), Does.Not.Contain("\n").And.Length.LessThan(120));

    internal static ImmutableArray<HostSummary> Hosts(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static part => new HostSummary(part.Split(':')[0], int.Parse(part.Split(':')[1], null)))];
}

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class GenerationLogTests
{
    private readonly RecordingLogger _logger = new();
    private readonly GenerationLog _log;

    public GenerationLogTests() => _log = new GenerationLog(_logger);

    [Test]
    public void AGenerationIsWrittenThenLiveThenTheNextIsLive()
    {
        _log.Report(Result("9f31c0aaaaaaaaaa", GenerationStep.Written, ""), "start", TimeSpan.FromMilliseconds(3));
        _log.Report(Result("9f31c0aaaaaaaaaa", GenerationStep.Live, ""), "proxy started", null);
        _log.Report(Result("77ab02aaaaaaaaaa", GenerationStep.Live, "localhost:1", 2), "hopeful_bell started", TimeSpan.FromMilliseconds(132.4));
        Assert.That(_logger.Lines, Is.EqualTo(new[]
        {
            "information generation: generation 1 (9f31c0) written: 0 hosts. cause: start",
            "information generation: generation 1 (9f31c0) live in nginx. cause: proxy started",
            "information generation: generation 2 (77ab02) live in nginx, 132 ms: +localhost (1 server). cause: hopeful_bell started",
        }));
    }

    [Test]
    public void WhatTheOperatorAskedForIsTheCause()
    {
        _log.Report(Result("9f31c0aaaaaaaaaa", GenerationStep.Live, "a:1"), "start", null);
        _log.Report(Result("77ab02aaaaaaaaaa", GenerationStep.Live, "a:1 b:1", 2), "b started", null);
        // The hosts are those that the inputs ask for.
        _log.Report(Result("9f31c0aaaaaaaaaa", GenerationStep.Live, "a:1 b:1") with { AskedFor = "rollback to generation 1" }, "the reload that was owed", null);
        Assert.That(_logger.Lines[^1], Is.EqualTo("information generation: generation 1 (9f31c0) live in nginx. cause: rollback to generation 1"));
    }

    [Test]
    public void WhatAReSyncFinishesHasTheCauseThatBeganIt()
    {
        _log.Report(Result("9f31c0aaaaaaaaaa", GenerationStep.Written, ""), "hopeful_bell started", null);
        _log.Report(Result("9f31c0aaaaaaaaaa", GenerationStep.Live, ""), "re-sync", null);
        _log.Report(Result("77ab02aaaaaaaaaa", GenerationStep.Live, ""), "re-sync", null);
        Assert.That(_logger.Lines.Select(static line => line.Split(". ")[1]), Is.EqualTo(new[] { "cause: hopeful_bell started", "cause: hopeful_bell started", "cause: re-sync" }));
    }

    [Test]
    public void AnUnchangedOutputGivesNoLine()
    {
        _log.Report(Result("9f31c0aaaaaaaaaa", GenerationStep.Unchanged, "a:1"), "start", null);
        _log.Report(Result("9f31c0aaaaaaaaaa", GenerationStep.Unchanged, "a:1"), "re-sync", null);
        Assert.That(_logger.Lines, Is.Empty);
    }

    [Test]
    public void ARepeatedResultGivesNoSecondLine()
    {
        foreach (var step in new[] { GenerationStep.Written, GenerationStep.Written, GenerationStep.Live, GenerationStep.Live, GenerationStep.Written })
            _log.Report(Result("9f31c0aaaaaaaaaa", step, ""), "x", null);
        Assert.That(_logger.Lines, Has.Count.EqualTo(2));
    }

    [Test]
    public void ARefusedGenerationHasANumberAndNoLine()
    {
        _log.Report(Result("aaaaaaaaaaaaaaaa", GenerationStep.Live, "a:1"), "x", null);
        _log.Report(Result("bbbbbbbbbbbbbbbb", GenerationStep.Rejected, "", 2), "x", null);
        _log.Report(Result("cccccccccccccccc", GenerationStep.Delivered, "a:1 b:1", 3), "y", null);
        Assert.That(_logger.Lines[^1], Is.EqualTo("information generation: generation 3 (cccccc) delivered to nginx (unproven): +b (1 server). cause: y"));
    }

    [Test]
    public void WhereNobodyIsToldItIsNormalThatNothingIsProven()
    {
        _log.Report(Result("aaaaaaaaaaaaaaaa", GenerationStep.Delivered, "a:1") with { TellsNobody = true }, "start", null);
        Assert.That(_logger.Lines[^1], Is.EqualTo("information generation: generation 1 (aaaaaa) delivered to nginx (unproven, as always with reload: none): 1 host. cause: start"));
    }

    [Test]
    public void ARestartedProgramDoesNotSayAgainWhatIsLive()
    {
        _log.Resume("nginx", "aaaaaaaaaaaaaaaa");
        _log.Report(Result("aaaaaaaaaaaaaaaa", GenerationStep.Unchanged, "a:1", 41), "start", null);
        _log.Report(Result("bbbbbbbbbbbbbbbb", GenerationStep.Live, "a:2", 42), "x", null);
        Assert.That(_logger.Lines.Single(), Does.Contain("generation 42 (bbbbbb) live in nginx: a (1 -> 2 servers)"));
    }

    private static OutputResult Result(string generation, GenerationStep step, string hosts, int number = 1) => new()
    {
        Output = "nginx",
        Path = "/config/nginx.conf",
        Generation = generation,
        Number = number,
        Step = step,
        Hosts = GenerationSummaryTests.Hosts(hosts),
        Exists = true,
    };
}
