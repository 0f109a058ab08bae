using System.Collections;
using System.Text;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Inventory;

public sealed class SnapshotFileTests
{
    [Test]
    public void EveryMemberSurvivesTheRoundTrip()
    {
        var bytes = SnapshotFile.ToBytes(Snapshots.Full());
        var again = SnapshotFile.Read(bytes, "snapshot.json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Text(SnapshotFile.ToBytes(again)), Is.EqualTo(Text(bytes)));
            Assert.That(Difference(Snapshots.Full(), again), Is.Null);
        }
    }

    [Test]
    public void TheFullSnapshotOfTheseTestsLeavesNoMemberAtItsDefault() =>
        // Keeps the round trip honest: a member added later must be added to the test's snapshot, too.
        Assert.That(DefaultMembers(Snapshots.Full(), "Snapshot", []), Is.Empty);

    [Test]
    public void ASnapshotWithNothingInItSurvivesTheRoundTrip()
    {
        var empty = new Snapshot { TakenAt = Snapshots.Noon };
        Assert.That(Difference(empty, SnapshotFile.Read(SnapshotFile.ToBytes(empty), "x")), Is.Null);
    }

    [TestCase("health")]
    [TestCase("has_addresses")]
    [TestCase("network_mode")]
    [TestCase("subnets")]
    public void AnOmittedMemberIsRefusedByName(string member)
    {
        var lines = Text(SnapshotFile.ToBytes(Snapshots.Full())).Split('\n').ToList();
        var index = lines.FindIndex(line => line.Contains($"\"{member}\":", StringComparison.Ordinal));
        var damaged = string.Join('\n', lines).Replace($"\"{member}\":", $"\"x\":", StringComparison.Ordinal);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(index, Is.Positive);
            Assert.That(() => Read(damaged), Throws.TypeOf<SnapshotFailedException>().With.Message.StartsWith($"snap.json:{index + 1}:"));
        }
    }

    [Test]
    public async Task TheStreamHoldsTheSameBytes()
    {
        using var stream = new MemoryStream();
        await SnapshotFile.WriteAsync(stream, Snapshots.Full(), CancellationToken.None);
        Assert.That(Text(stream.ToArray()), Is.EqualTo(Text(SnapshotFile.ToBytes(Snapshots.Full()))));
    }

    [Test]
    public void PlaceholdersAreWrittenOnlyWhereThereAreSome()
    {
        var with = new Snapshot { TakenAt = Snapshots.Noon, Acme = new AcmeAnswers { Placeholders = [Snapshots.Full().Certificates[0]] } };
        Assert.That(Difference(with, SnapshotFile.Read(SnapshotFile.ToBytes(with), "x")), Is.Null);
        var without = Text(SnapshotFile.ToBytes(with with { Acme = new AcmeAnswers() }));
        Assert.That(without, Does.Not.Contain("placeholders"));
        Assert.That(Read(without).Acme!.Placeholders, Is.Empty);
        Assert.That(() => Read(Text(SnapshotFile.ToBytes(with)).Replace("\"placeholders\": [", "\"placeholders\": [ null,", StringComparison.Ordinal)), Throws.TypeOf<SnapshotFailedException>());
    }

    [Test]
    public void TheOrderOfListsDoesNotMatter()
    {
        var full = Snapshots.Full();
        var turned = full with
        {
            Containers = [.. full.Containers.Reverse().Select(static c => c with { Ports = [.. c.Ports.Reverse()] })],
        };
        Assert.That(Text(SnapshotFile.ToBytes(turned)), Is.EqualTo(Text(SnapshotFile.ToBytes(full))));
    }

    [Test]
    public void TheFileIsUtf8WithoutMarkAndWithPlainNewlines()
    {
        var bytes = SnapshotFile.ToBytes(Snapshots.Full());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(bytes[0], Is.EqualTo((byte)'{'));
            Assert.That(bytes[^1], Is.EqualTo((byte)'\n'));
            Assert.That(bytes, Does.Not.Contain((byte)'\r'));
            Assert.That(Text(bytes), Does.Contain("Ünïcode"));
        }
    }

    // A source, because an attribute cannot hold a lone surrogate.
    private static readonly TestCaseData[] LoneSurrogates =
    [
        new("\ud800", "\ufffd") { TestName = "alone" },
        new("a\udc00b", "a\ufffdb") { TestName = "low in the middle" },
        new("😀\ud83d", "😀\ufffd") { TestName = "high at the end" },
    ];

    [TestCaseSource(nameof(LoneSurrogates))]
    public void LoneSurrogatesAreReplacedInWhatIsWritten(string value, string expected)
    {
        var container = Snapshots.Shop("shop-web-1") with { Labels = Snapshots.Map(("templater.host", value)) };
        var read = SnapshotFile.Read(SnapshotFile.ToBytes(new Snapshot { TakenAt = Snapshots.Noon, Containers = [container] }), "x");
        Assert.That(read.Containers[0].Labels["templater.host"], Is.EqualTo(expected));
    }

    [TestCase("""\ud800""", "\ufffd")]
    [TestCase("""\ud83d\ude00""", "😀")]
    [TestCase("""\udc00\ud800x""", "\ufffd\ufffdx")]
    [TestCase("""\\ud800""", "\\ud800")]
    [TestCase("""\ud800\n""", "\ufffd\n")]
    [TestCase("""\\\ud800""", "\\\ufffd")]
    public void LoneSurrogatesAreReplacedInWhatIsRead(string escaped, string expected)
    {
        var text = Text(SnapshotFile.ToBytes(new Snapshot { TakenAt = Snapshots.Noon, Quarantined = Snapshots.Map(("k", "TEXT")) }));
        var read = Read(text.Replace("TEXT", escaped, StringComparison.Ordinal));
        Assert.That(read.Quarantined["k"], Is.EqualTo(expected));
    }

    [Test]
    public void ANewerFormatIsRefusedBeforeAnythingElseIsRead() =>
        Assert.That(
            () => Read("""{"templater_snapshot":2,"other":[}"""),
            Throws.TypeOf<SnapshotFailedException>()
                .With.Property(nameof(SnapshotFailedException.Reason)).EqualTo(ReasonIds.InvalidInput)
                .And.Message.EqualTo("snap.json:1:1: the snapshot has format 2, and this version reads formats up to 1. Use a newer Templater."));

    [TestCase("", "snap.json:1:1: ")]
    [TestCase("hello", "snap.json:1:1: ")]
    [TestCase("[]", "a recorded snapshot was expected")]
    [TestCase("{}", "a recorded snapshot was expected")]
    [TestCase("""{"templater_snapshot":"1"}""", "must be a positive integer")]
    [TestCase("""{"templater_snapshot":0}""", "must be a positive integer")]
    [TestCase("""{"templater_snapshot":1}""", "a recorded snapshot was expected")]
    [TestCase("""{"templater_snapshot":1,"snapshot":null}""", "a recorded snapshot was expected")]
    [TestCase("""{"templater_snapshot":1,"snapshot":{}}""", "taken_at")]
    [TestCase("{\"templater_snapshot\":1,\n\"snapshot\":{\"taken_at\":7}}", "snap.json:2:")]
    [TestCase("{\"templater_snapshot\":1,\n\"snapshot\":{\"taken_at\":\"2026-03-04T12:00:00Z\",\n\"contaners\":[]}}", "snap.json:3:")]
    public void WhatIsNoSnapshotIsRefusedInOneLine(string text, string part) =>
        Assert.That(
            () => Read(text),
            Throws.TypeOf<SnapshotFailedException>().With.Message.Contains(part).And.Message.Not.Contains("\n"));

    [TestCase("\"containers\": []", "\"containers\": null", "containers")]
    [TestCase("\"containers\": []", "\"containers\": [null]", "null")]
    [TestCase("\"networks\": []", "\"networks\": [null]", "null")]
    [TestCase("\"networks\": []", "\"networks\": [{\"id\": \"n\"}]", "networks")]
    [TestCase("\"quarantined\": {}", "\"quarantined\": {\"a\": null}", "null")]
    [TestCase("\"quarantined\": {}", "\"quarantined\": {\"a\": \"b\", \"a\": \"c\"}", "quarantined")]
    [TestCase("\"slots\": {}", "\"slots\": {\"nginx\": null}", "null")]
    [TestCase("\"self\": null", "\"self\": 5", "self")]
    public void ADamagedMemberIsRefusedInOneLine(string good, string bad, string part)
    {
        var text = Text(SnapshotFile.ToBytes(new Snapshot { TakenAt = Snapshots.Noon }));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(text, Does.Contain(good));
            Assert.That(
                () => Read(text.Replace(good, bad, StringComparison.Ordinal)),
                Throws.TypeOf<SnapshotFailedException>().With.Message.Contains(part).And.Message.Not.Contains("\n"));
        }
    }

    [TestCase("\"running\"", "\"flying\"")]
    [TestCase("\"running\"", "2")]
    [TestCase("\"starting\"", "\"ill\"")]
    public void AWordThatIsNoneOfTheLegalOnesIsRefused(string good, string bad) =>
        Assert.That(
            () => Read(Text(SnapshotFile.ToBytes(Snapshots.Full())).Replace(good, bad, StringComparison.Ordinal)),
            Throws.TypeOf<SnapshotFailedException>().With.Message.Contains("containers[0]"));

    [Test]
    public void EveryTruncationIsRefused()
    {
        var bytes = SnapshotFile.ToBytes(Snapshots.Full());
        for (var length = 0; length < bytes.Length - 2; length += 7)
            Assert.That(() => SnapshotFile.Read(bytes.AsMemory(0, length), "x"), Throws.TypeOf<SnapshotFailedException>());
    }

    private static Snapshot Read(string text) => SnapshotFile.Read(Encoding.UTF8.GetBytes(text), "snap.json");

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static string? Difference(object? left, object? right, string path = "")
    {
        if (left is string or null || right is null || left.GetType().IsPrimitive || left is Enum or DateTimeOffset)
            return Equals(left, right) ? null : $"{path}: {left} / {right}";
        if (left is IDictionary map)
            return map.Count != ((IDictionary)right).Count ? path
                : map.Keys.Cast<object>().Select(key => Difference(map[key], ((IDictionary)right)[key], $"{path}[{key}]")).FirstOrDefault(static d => d is not null);
        if (left is IEnumerable items)
        {
            var (a, b) = (items.Cast<object>().ToList(), ((IEnumerable)right).Cast<object>().ToList());
            return a.Count != b.Count ? $"{path}: {a.Count} / {b.Count}"
                : a.Select((item, i) => Difference(item, b[i], $"{path}[{i}]")).FirstOrDefault(static d => d is not null);
        }

        return left.GetType().GetProperties().Select(p => Difference(p.GetValue(left), p.GetValue(right), $"{path}.{p.Name}")).FirstOrDefault(static d => d is not null);
    }

    private static List<string> DefaultMembers(object value, string path, List<string> found)
    {
        foreach (var property in value.GetType().GetProperties().Where(static p => p.SetMethod is not null && !p.IsDefined(typeof(System.Text.Json.Serialization.JsonIgnoreAttribute), false)))
        {
            var member = property.GetValue(value);
            var here = $"{path}.{property.Name}";
            if (property is { Name: "HasAddresses" } ? member is true : member is null or "" or 0 or false || member is Enum e && Convert.ToInt32(e, null) == 0 || member is IEnumerable list && !list.Cast<object>().Any())
                found.Add(here);
            else if (member is IDictionary or string)
                continue;
            else if (member is IEnumerable items)
                DefaultMembers(items.Cast<object>().First(), here, found);
            else if (member!.GetType().Assembly == typeof(Snapshot).Assembly && member is not Enum)
                DefaultMembers(member, here, found);
        }

        return found;
    }
}
