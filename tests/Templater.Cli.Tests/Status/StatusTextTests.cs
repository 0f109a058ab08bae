using System.Collections.Immutable;
using System.Text.Json;
using Templater.Cli.Status;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Watching;
using Templater.Testing;

namespace Templater.Cli.Tests.Status;

/// <summary>What a status says of every situation, for people and for programs.</summary>
public sealed class StatusTextTests
{
    private static readonly string[] Names = [.. StatusSamples.All.Select(static sample => sample.Name)];

    [TestCaseSource(nameof(Names))]
    public void EverySituationIsToldToPeople(string name)
    {
        var report = Report(name);
        Golden.Verify($"{new StatusText(report).Of(withHistory: false)}\n--- --history\n\n{new StatusText(report).Of(withHistory: true)}", $"{name}.txt");
    }

    [TestCaseSource(nameof(Names))]
    public void EverySituationIsToldToPrograms(string name)
    {
        var text = StatusDocument.Of(Report(name), withHistory: true);
        Assert.That(text.Split('\n'), Has.Length.EqualTo(2).And.ItemAt(1).Empty, "one line");
        using var document = JsonDocument.Parse(text);
        Assert.That(document.RootElement.GetProperty("version").GetInt32(), Is.EqualTo(StatusDocument.Version));
        Golden.Verify(text, $"{name}.json");
    }

    [Test]
    public void MembersAreTheSameWhateverTheSituation()
    {
        var members = Names.Select(static name => string.Join(' ', Members(StatusDocument.Of(Report(name), withHistory: false)))).Distinct();
        Assert.That(members, Has.Exactly(1).Items);
    }

    [Test]
    public void AGenerationThatBecameLiveAfterAllIsNotListedAsRefused()
    {
        var refused = StatusSamples.Refused with { Generation = StatusSamples.Live.Generation, Number = 17, Desired = StatusSamples.Noon.AddHours(-1) };
        var journal = StatusSamples.Journal with { History = [refused] };
        Assert.That(new ReportedOutput("nginx", null, new JournalReading("nginx", journal)).LastRefused, Is.Null);
    }

    [Test]
    public void OutputsOfJournalsAloneComeAfterThoseThatRun()
    {
        ImmutableArray<JournalReading> journals = [new("former", StatusSamples.Journal), new("nginx", StatusSamples.Journal)];
        var report = StatusReport.Of(StatusSamples.Running, journals, StatusSamples.Noon, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
        Assert.That(report.Outputs.Select(static output => output.Name), Is.EqualTo(new[] { "nginx", "former" }));
        Assert.That(new StatusText(report).Of(withHistory: false), Does.Contain("output former  not in the settings, or not looked at yet\n"));
    }

    private static IEnumerable<string> Members(string text)
    {
        using var document = JsonDocument.Parse(text);
        return [.. document.RootElement.EnumerateObject().Select(static member => member.Name)];
    }

    private static StatusReport Report(string name)
    {
        var (_, told, journal) = StatusSamples.All.Single(sample => sample.Name == name);
        return StatusReport.Of(
            told, journal is null ? [] : [new JournalReading("nginx", journal)], StatusSamples.Noon, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
    }
}
