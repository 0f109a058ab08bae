using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class JournalReaderTests : DirectoryFixture
{
    [Test]
    public void ReadsWhatARunningTemplaterHasWritten()
    {
        using var journal = Journal.Open(StateDirectory.Open(Scratch["state"]), "edge/nginx");
        journal.Write(journal.State with { Current = new JournalEntry { Generation = "0123456789abcdef", Number = 17, Content = "c", Phase = DeliveryPhase.Proven } });

        var before = Directory.GetFileSystemEntries(Scratch.Path, "*", SearchOption.AllDirectories);
        Assert.That(JournalReader.Read(Scratch["state"], "edge/nginx")?.Current, Has.Property("Number").EqualTo(17));
        Assert.That(Directory.GetFileSystemEntries(Scratch.Path, "*", SearchOption.AllDirectories), Is.EqualTo(before));
    }

    [TestCase("")]
    [TestCase("not JSON")]
    [TestCase("{}")]
    [TestCase("{\"format\":99}")]
    public void WhatItCannotUnderstandIsNoJournalAndStaysAsItIs(string text)
    {
        Scratch.Write("state/journal/nginx.json", text);
        Assert.That(JournalReader.Read(Scratch["state"], "nginx"), Is.Null);
        Assert.That(File.ReadAllText(Scratch["state/journal/nginx.json"]), Is.EqualTo(text));
    }

    [Test]
    public void WithoutAStateDirectoryThereIsNone()
    {
        Assert.That(JournalReader.Read(Scratch["none"], "nginx"), Is.Null);
        Assert.That(Directory.Exists(Scratch["none"]), Is.False);
    }
}
