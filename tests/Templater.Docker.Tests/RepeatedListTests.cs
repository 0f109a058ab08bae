using System.Globalization;
using System.Text;
using System.Text.Json;
using Templater.Docker.Wire;

namespace Templater.Docker.Tests;

public sealed class RepeatedListTests
{
    private const int Seeds = 50;

    [Test]
    public async Task WhatDidNotChangeIsTheSameObject()
    {
        var list = NewList();
        var first = await ReadAsync(list, $"[{Row("a", "x")},{Row("b", "x")}]");
        var second = await ReadAsync(list, $" [ {Row("c", "x")} ,\n{Row("a", "x")}, {Row("b", "y")} ]\n");
        Assert.That(second.Select(row => (row.Id, row.State)), Is.EqualTo(new[] { ("c", "x"), ("a", "x"), ("b", "y") }));
        Assert.That(second[1], Is.SameAs(first[0]));
        Assert.That(second[2], Is.Not.SameAs(first[1]));
    }

    [Test]
    public async Task AnySequenceOfListsReadsAsEachAlone([Range(1, Seeds)] int seed)
    {
        var random = new Random(seed);
        var list = NewList();
        var rows = new List<string>();
        for (var round = 0; round < 20; round++)
        {
            switch (random.Next(4))
            {
                case 0:
                    rows.Insert(random.Next(rows.Count + 1), Row(Name(random), "x"));
                    break;
                case 1 when rows.Count > 0:
                    rows.RemoveAt(random.Next(rows.Count));
                    break;
                case 2 when rows.Count > 0:
                    rows[random.Next(rows.Count)] = Row(Name(random), Name(random));
                    break;
                default:
                    rows = [.. rows.OrderBy(_ => random.Next())];
                    break;
            }

            var json = $"[{string.Join(",", rows)}]";
            var expected = JsonSerializer.Deserialize(json, DockerJson.Default.ContainerSummaryArray)!;
            var actual = await ReadAsync(list, json);
            Assert.That(actual.Select(Describe), Is.EqualTo(expected.Select(Describe)));
        }
    }

    [TestCase("[]")]
    [TestCase(" [ ] ")]
    [TestCase("[null, {\"Id\":\"a\"}, null]", "a")]
    [TestCase("[{\"Id\":\"a\",\"Labels\":null},{\"Id\":\"a\",\"Labels\":{\"[\":\"]}\"}}]", "a", "a")]
    public async Task OddListsAreRead(string json, params string[] ids)
    {
        var list = NewList();
        for (var i = 0; i < 2; i++)
            Assert.That((await ReadAsync(list, json)).Select(row => row.Id), Is.EqualTo(ids));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("[")]
    [TestCase("[{\"Id\":\"a\"}")]
    [TestCase("[{\"Id\":\"a\"},")]
    [TestCase("[{\"Id\":\"a\"},]")]
    [TestCase("[{\"Id\":\"a\"}{\"Id\":\"b\"}]")]
    [TestCase("[{\"Id\":\"a\"}] x")]
    [TestCase("[,]")]
    [TestCase("[1]")]
    [TestCase("[{\"Id\":\"a\" \"b\"}]")]
    public async Task WhatIsNoListIsAnError(string json)
    {
        var list = NewList();
        await ReadAsync(list, $"[{Row("a", "x")}]");
        await Assert.ThatAsync(() => ReadAsync(list, json), Throws.InstanceOf<JsonException>());
    }

    private static RepeatedList<ContainerSummary> NewList() => new(DockerJson.Default.ContainerSummary);

    private static Task<IReadOnlyList<ContainerSummary>> ReadAsync(RepeatedList<ContainerSummary> list, string json) =>
        list.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(json)), CancellationToken.None);

    // Beginnings are often alike, so that what is compared is the whole.
    private static string Name(Random random) => new string('a', 70) + random.Next(5).ToString(CultureInfo.InvariantCulture);

    private static string Row(string id, string state) => $"{{\"Id\":\"{id}\",\"Names\":[\"/{id}\",\"/long/{new string('x', 80)}\"],\"State\":\"{state}\",\"Labels\":{{\"k\":\"{{}}],\\\"\"}}}}";

    private static string Describe(ContainerSummary row) => $"{row.Id} {row.State} {string.Join(' ', row.Names)} {string.Join(' ', row.Labels)}";
}
