using Templater.Pipeline.Deployment;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class JournalReaderTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void ReadsWhatARunningTemplaterHasWritten()
    {
        using var journal = Journal.Open(StateDirectory.Open(_directory["state"]), "edge/nginx");
        journal.Write(journal.State with { Current = new JournalEntry { Generation = "0123456789abcdef", Number = 17, Content = "c", Phase = DeliveryPhase.Proven } });

        var before = Directory.GetFileSystemEntries(_directory.Path, "*", SearchOption.AllDirectories);
        Assert.That(JournalReader.Read(_directory["state"], "edge/nginx")?.Current, Has.Property("Number").EqualTo(17));
        Assert.That(Directory.GetFileSystemEntries(_directory.Path, "*", SearchOption.AllDirectories), Is.EqualTo(before));
    }

    [TestCase("")]
    [TestCase("not JSON")]
    [TestCase("{}")]
    [TestCase("{\"format\":99}")]
    public void WhatItCannotUnderstandIsNoJournalAndStaysAsItIs(string text)
    {
        _directory.Write("state/journal/nginx.json", text);
        Assert.That(JournalReader.Read(_directory["state"], "nginx"), Is.Null);
        Assert.That(File.ReadAllText(_directory["state/journal/nginx.json"]), Is.EqualTo(text));
    }

    [Test]
    public void WithoutAStateDirectoryThereIsNone()
    {
        Assert.That(JournalReader.Read(_directory["none"], "nginx"), Is.Null);
        Assert.That(Directory.Exists(_directory["none"]), Is.False);
    }
}
