using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class StateDirectoryTests : DirectoryFixture
{
    [Test]
    public void IsCreatedForItsOwnerAlone()
    {
        var state = StateDirectory.Open(Scratch["state"]);

        Assert.That(File.ReadAllText(state["format"]), Is.EqualTo("1\n"));
        if (!OperatingSystem.IsWindows())
            Assert.That(File.GetUnixFileMode(state.Path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Test]
    public void ANewerFormatIsRefusedBeforeAnythingIsTouched()
    {
        Scratch.Write("state/format", "2\n");

        Assert.That(
            () => StateDirectory.Open(Scratch["state"]),
            Throws.TypeOf<StateDirectoryException>().With.Property("Reason").EqualTo(StateDirectoryReason.NewerFormat).And.Message.Contains("format 2"));
        Assert.That(Directory.GetFileSystemEntries(Scratch["state"]), Has.Length.EqualTo(1));
    }

    [TestCase("")]
    [TestCase("half")]
    [TestCase("-3")]
    [TestCase("99999999999999999999")]
    public void ATornFormatFileIsPutAside(string text)
    {
        Scratch.Write("state/format", text);

        var state = StateDirectory.Open(Scratch["state"]);

        Assert.That(File.ReadAllText(state["format"]), Is.EqualTo("1\n"));
        Assert.That(File.ReadAllText(state["format.bad"]), Is.EqualTo(text));
    }

    [Test]
    public void AFileInItsPlaceIsReportedInOneLine()
    {
        Scratch.Write("state", "I am a file");

        Assert.That(
            () => StateDirectory.Open(Scratch["state"]),
            Throws.TypeOf<StateDirectoryException>().With.Property("Reason").EqualTo(StateDirectoryReason.NotWritable)
                .And.Message.Match($"^cannot use the state directory {Regex.Escape(Scratch["state"])} as [0-9]+:[0-9]+: [^/']+\\. Mount a volume there that this user may write, or name another directory by state_dir \\(TEMPLATER_STATE_DIR\\)\\.$"));
    }

    [Test]
    public void OneOutputHasOneJournalAtATime()
    {
        var state = StateDirectory.Open(Scratch["state"]);
        using (Journal.Open(state, "nginx"))
        {
            Assert.That(
                () => Journal.Open(state, "nginx"),
                Throws.TypeOf<StateDirectoryException>().With.Property("Reason").EqualTo(StateDirectoryReason.InUse));
            Assert.That(() => Journal.Open(state, "other").Dispose(), Throws.Nothing);
        }

        Assert.That(() => Journal.Open(state, "nginx").Dispose(), Throws.Nothing);
    }

    [Test]
    public void ALockThatCannotBeOpenedIsNobodyElses()
    {
        var state = StateDirectory.Open(Scratch["state"]);
        File.CreateSymbolicLink(state["journal/nginx.lock"], state["journal/nginx.lock"]);
        Assert.That(() => Journal.Open(state, "nginx"), Throws.TypeOf<StateDirectoryException>().With.Property("Reason").EqualTo(StateDirectoryReason.NotWritable)
            .And.Message.StartsWith($"cannot use the state directory {Scratch["state"]} as ").And.Message.Contains(" (journal/nginx.lock). Mount a volume there"));
    }

    [Test]
    public void AJournalThatMayNotBeReadIsNamedAndGivesTheLockBack()
    {
        var state = StateDirectory.Open(Scratch["state"]);
        Directory.CreateDirectory(state["journal/nginx.json"]);
        Assert.That(() => Journal.Open(state, "nginx"), Throws.TypeOf<StateDirectoryException>().With.Property("Reason").EqualTo(StateDirectoryReason.NotWritable));
        Directory.Delete(state["journal/nginx.json"]);
        Assert.That(() => Journal.Open(state, "nginx").Dispose(), Throws.Nothing);
    }

    [Test]
    public void AJournalOfANewerFormatIsRefusedAndLeftAlone()
    {
        var state = StateDirectory.Open(Scratch["state"]);
        const string Newer = "{\"format\": 7, \"current\": \"something else\"}";
        Scratch.Write("state/journal/nginx.json", Newer);

        Assert.That(() => Journal.Open(state, "nginx"), Throws.TypeOf<StateDirectoryException>().With.Message.Contains("format 7"));
        Assert.That(Scratch.Read("state/journal/nginx.json"), Is.EqualTo(Newer));
        Assert.That(() => Journal.Open(state, "nginx"), Throws.TypeOf<StateDirectoryException>().With.Property("Reason").EqualTo(StateDirectoryReason.NewerFormat), "the lock was given back");
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("{\"format\": \"one\"}")]
    [TestCase("{\"format\": 1, \"current\": {\"generation\": 5}}")]
    [TestCase("\0\0\0\0")]
    public void AJournalThatCannotBeReadIsPutAside(string text)
    {
        var state = StateDirectory.Open(Scratch["state"]);
        Scratch.Write("state/journal/nginx.json", text);

        using var journal = Journal.Open(state, "nginx");

        // An object without anything in it is a journal in which nothing stands.
        if (text != "{}")
            Assert.That(Scratch.Read("state/journal/nginx.json.bad"), Is.EqualTo(text));
        Assert.That(journal.State.Current, Is.Null);
    }

    [Test]
    public void TheHistoryIsBounded()
    {
        using var journal = Journal.Open(StateDirectory.Open(Scratch["state"]), "nginx");
        var state = journal.State;
        for (var i = 0; i < 3 * JournalState.MaxHistory; i++)
            state = state.Begin(new JournalEntry { Generation = $"{i}", Content = "", Phase = DeliveryPhase.Proven });
        journal.Write(state);

        Assert.That(state.History, Has.Length.EqualTo(JournalState.MaxHistory));
        Assert.That(state.History[^1].Generation, Is.EqualTo($"{(3 * JournalState.MaxHistory) - 2}"));
    }

    [Test]
    public void AGoodFileIsOnlyTrustedWhenItIsTheOneThatWasKept()
    {
        using var journal = Journal.Open(StateDirectory.Open(Scratch["state"]), "nginx");
        var content = "good\n"u8.ToArray();
        journal.KeepGood(content);
        journal.Write(journal.State with { LastGood = new GoodGeneration("a", ContentHash.Of(content), false, DateTimeOffset.UnixEpoch) });
        Assert.That(journal.ReadGood(), Is.EqualTo(content));

        Scratch.Write("state/proven/nginx", "tampered\n");
        Assert.That(journal.ReadGood(), Is.Null);
    }

    [TestCase("nginx", "nginx")]
    [TestCase("../etc/passwd", "%2E.%2Fetc%2Fpasswd")]
    [TestCase(".", "%2E")]
    [TestCase("a b", "a%20b")]
    [TestCase("é", "%C3%A9")]
    public void OutputNamesCannotLeaveTheDirectory(string output, string expected) =>
        Assert.That(StateDirectory.FileNameOf(output), Is.EqualTo(expected));

    [Test]
    public void SlotsComeBackAsTheyWereSaved()
    {
        var store = new SlotStore(StateDirectory.Open(Scratch["state"]));
        var slots = new SlotAssignment(SlotAssignment.Empty.Upstreams.Add(
            "shop.example.com/", new UpstreamSlots(4, ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal).Add("b:80", 2).Add("a:80", 1))));
        store.Save("nginx", slots);

        var loaded = store.Load("nginx", out var damage);

        Assert.That(damage, Is.Null);
        Assert.That(loaded.Upstreams.Keys, Is.EqualTo(slots.Upstreams.Keys));
        Assert.That(loaded.Upstreams["shop.example.com/"].Capacity, Is.EqualTo(4));
        Assert.That(loaded.Upstreams["shop.example.com/"].Taken, Is.EqualTo(slots.Upstreams["shop.example.com/"].Taken));
        Assert.That(store.Load("haproxy", out _).Upstreams, Is.Empty);
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("{\"upstreams\": null}")]
    [TestCase("{\"upstreams\": {\"a\": null}}")]
    [TestCase("{\"upstreams\": {\"a\": {\"capacity\": \"x\"}}}")]
    public void SlotsThatCannotBeReadAreAssignedAnew(string text)
    {
        var store = new SlotStore(StateDirectory.Open(Scratch["state"]));
        Scratch.Write("state/slots/nginx.json", text);

        Assert.That(store.Load("nginx", out var damage).Upstreams, Is.Empty);
        Assert.That(damage, Is.Not.Null);
        Assert.That(Scratch.Read("state/slots/nginx.json.bad"), Is.EqualTo(text));
    }
}
