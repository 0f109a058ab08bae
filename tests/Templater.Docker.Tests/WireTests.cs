using System.Text;
using System.Text.Json;
using Templater.Docker.Wire;

namespace Templater.Docker.Tests;

/// <summary>What the records make of odd JSON.</summary>
public sealed class WireTests
{
    [TestCase("{}")]
    [TestCase("""{"Id":null,"Names":null,"Image":null,"Labels":null,"Ports":null,"NetworkSettings":null,"Mounts":null,"State":null,"Status":null,"HostConfig":null,"Health":null}""")]
    [TestCase("""{"NetworkSettings":{"Networks":null,"Ports":null},"Names":[],"Mounts":[null],"Ports":[null]}""")]
    public void ARowWithoutAnythingHasNoNulls(string json)
    {
        var row = JsonSerializer.Deserialize($"[{json}]", DockerJson.Default.ContainerSummaryArray)!.Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(new[] { row.Id, row.Image, row.ImageID, row.State, row.Status, row.HostConfig.NetworkMode }, Is.All.Empty);
            Assert.That(row.Names, Is.Empty);
            Assert.That(row.Labels, Is.Empty);
            Assert.That(row.Ports, Is.Empty);
            Assert.That(row.Mounts, Is.Empty);
            Assert.That(row.NetworkSettings.Networks, Is.Empty);
            Assert.That(row.ReadHealth(), Is.EqualTo("none"));
        }
    }

    [TestCase("{}")]
    [TestCase("""{"State":null,"Config":null,"HostConfig":null,"NetworkSettings":null,"Mounts":null,"Created":null,"Name":null}""")]
    [TestCase("""{"State":{"Health":null,"StartedAt":"","FinishedAt":"rubbish"},"Config":{"Env":null,"ExposedPorts":null,"Labels":null,"Healthcheck":null},"Created":7}""")]
    public void AnInspectionWithoutAnythingHasNoNulls(string json)
    {
        var container = JsonSerializer.Deserialize($"[{json}]", DockerJson.Default.ContainerInspectArray)!.Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(container.Name, Is.Empty);
            Assert.That(container.Created, Is.Null);
            Assert.That(container.State.Health, Is.Null);
            Assert.That(container.State.StartedAt, Is.Null);
            Assert.That(container.State.FinishedAt, Is.Null);
            Assert.That(container.Config.Env, Is.Empty);
            Assert.That(container.Config.ExposedPorts, Is.Empty);
            Assert.That(container.Config.Labels, Is.Empty);
            Assert.That(container.NetworkSettings.Networks, Is.Empty);
        }
    }

    [Test]
    public void FillsNullsInsideCollections()
    {
        var row = Row("""{"Names":["/a",null],"Labels":{"k":null},"NetworkSettings":{"Networks":{"front":null}}}""");

        Assert.That(row.Names, Is.EqualTo(new[] { "/a", "" }));
        Assert.That(row.Labels["k"], Is.Empty);
        Assert.That(row.NetworkSettings.Networks["front"].IPAddress, Is.Empty);
    }

    [TestCase("""a\ud800b""", "a\ufffdb")]
    [TestCase("""\udc00\ud800""", "\ufffd\ufffd")]
    [TestCase("""\ud83d\ude00""", "😀")]
    [TestCase("""\b\f\n\r\t\"\\\/\u0041\u0000""", "\b\f\n\r\t\"\\/A\0")]
    [TestCase("ünverändert", "ünverändert")]
    public void OneOddStringDoesNotSpoilTheList(string json, string expected)
    {
        var rows = JsonSerializer.Deserialize($$"""[{"Id":"1","Labels":{"{{json}}":"{{json}}"} },{"Id":"2"}]""", DockerJson.Default.ContainerSummaryArray)!;

        Assert.That(rows[0].Labels.Single(), Is.EqualTo(KeyValuePair.Create(expected, expected)));
        Assert.That(rows[1].Id, Is.EqualTo("2"));
    }

    [Test]
    public async Task BytesThatAreNotUtf8DoNotSpoilTheList()
    {
        byte[] json = [.. "[{\"Id\":\"a"u8, 0xff, 0xc3, .. "b\",\"Labels\":{\"k"u8, 0xfe, .. "\":\"v\"}}]"u8];
        var rows = await JsonSerializer.DeserializeAsync(new MemoryStream(json), DockerJson.Default.ContainerSummaryArray);

        Assert.That(rows![0].Id, Does.StartWith("a\ufffd").And.EndWith("b"));
        Assert.That(rows[0].Labels.Keys, Is.EqualTo(new[] { "k\ufffd" }));
    }

    [Test]
    public void TheLastOfTwoEqualKeysCounts()
    {
        var row = Row("""{"Id":"1","Id":"2","Labels":{"a":"1","a":"2"},"Created":1,"Created":2}""");

        Assert.That((row.Id, row.Labels["a"], row.Created), Is.EqualTo(("2", "2", 2L)));
    }

    [Test]
    public void IgnoresWhatItDoesNotKnow()
    {
        var row = Row("""{"Id":"1","New":{"deep":[1,{"x":null}]},"NetworkSettings":{"Networks":{"n":{"IPAddress":"1.2.3.4","Later":7}}}}""");

        Assert.That(row.NetworkSettings.Networks["n"].IPAddress, Is.EqualTo("1.2.3.4"));
    }

    [TestCase("2026-11-20T10:00:00.123456789Z", "2026-11-20T10:00:00.1234567+00:00")]
    [TestCase("2026-11-20T12:00:00+02:00", "2026-11-20T10:00:00.0000000+00:00")]
    [TestCase("0001-01-01T00:00:00Z", null)]
    [TestCase("yesterday", null)]
    [TestCase("", null)]
    public void ReadsGoTimes(string text, string? expected)
    {
        var container = JsonSerializer.Deserialize($$"""[{"Created":"{{text}}"}]""", DockerJson.Default.ContainerInspectArray)!.Single();

        Assert.That(container.Created?.ToString("O"), Is.EqualTo(expected));
    }

    [TestCase("[null,{}]", 1)]
    [TestCase("[]", 0)]
    [TestCase("null", 0)]
    public async Task ReadsInspectFiles(string json, int count) =>
        Assert.That(await InspectFile.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(json)), default), Has.Count.EqualTo(count));

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("[{")]
    [TestCase("[1]")]
    [TestCase("""[{"Config":[]}]""")]
    [TestCase("""[{"Config":{"ExposedPorts":["80"]}}]""")]
    public async Task RefusesFilesOfAnotherForm(string json) =>
        await Assert.ThatAsync(() => InspectFile.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(json)), default), Throws.InstanceOf<JsonException>());

    private static ContainerSummary Row(string json) => JsonSerializer.Deserialize($"[{json}]", DockerJson.Default.ContainerSummaryArray)!.Single();
}
