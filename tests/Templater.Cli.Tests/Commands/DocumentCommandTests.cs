using System.Text.Json;
using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

/// <summary>Commands that print what the program knows about itself.</summary>
public sealed class DocumentCommandTests
{
    [Test]
    public async Task TheModelIsAsAccepted() => Golden.Verify((await CommandRun.Of("model")).Output, "model.txt");

    [Test]
    public async Task TheSchemaOfTheModelRefersOnlyToWhatItDefines()
    {
        using var json = JsonDocument.Parse((await CommandRun.Of("model", "--format", "json")).Output);
        var defined = json.RootElement.GetProperty("$defs").EnumerateObject().Select(static shape => "#/$defs/" + shape.Name);
        Assert.That(References(json.RootElement).Distinct(), Is.SubsetOf(defined).And.Not.Empty);
    }

    [Test]
    public async Task TemplatesAreListed() => Assert.That((await CommandRun.Of("templates")).Output.Split('\n').Select(static line => line.Split(' ')[0]),
        Is.EqualTo(new[] { "centauri", "domains", "haproxy", "nginx", "nginx-http", "http.scriban", "streams.scriban", "" }));

    [TestCase("nginx")]
    [TestCase("nginx-http")]
    [TestCase("haproxy")]
    [TestCase("centauri")]
    [TestCase("domains")]
    public async Task APrintedTemplateRendersAsTheShippedOne(string name)
    {
        using var directory = new TempDirectory();
        var containers = directory.Write("c.json", RenderFixture.Containers("shop", "templater.host", "shop.example.com"));
        var copy = directory.Write($"{name}.scriban", (await CommandRun.Of("templates", name)).Output);
        var shipped = await CommandRun.Of("render", "--template", name, "--from", containers);
        var copied = await CommandRun.Of("render", "--template", copy, "--from", containers);
        Assert.That((copied.ExitCode, copied.Output), Is.EqualTo((0, shipped.Output)), copied.Error);
    }

    [Test]
    public async Task ACopiedPartIsIncludedInsteadOfTheShippedOne()
    {
        using var directory = new TempDirectory();
        var containers = directory.Write("c.json", RenderFixture.Containers("shop", "templater.host", "shop.example.com"));
        var copy = directory.Write("nginx.scriban", (await CommandRun.Of("templates", "nginx")).Output);
        directory.Write("http.scriban", (await CommandRun.Of("templates", "http.scriban")).Output + "# mine\n");
        var (shipped, copied) = (await CommandRun.Of("render", "--template", "nginx", "--from", containers), await CommandRun.Of("render", "--template", copy, "--from", containers));
        Assert.That(copied.Output, Does.Contain("# mine\n").And.Contain("shop.example.com"));
        Assert.That(copied.Output.Replace("    # mine\n", "", StringComparison.Ordinal).Length, Is.EqualTo(shipped.Output.Length).Within(1));
    }

    [Test]
    public async Task AnUnknownTemplateIsWrongUsageWithTheNearestName()
    {
        var run = await CommandRun.Of("templates", "ngnix");
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((2, "")));
        Assert.That(run.Error, Does.EndWith("Did you mean nginx?\n"));
    }

    [TestCase("")]
    [TestCase("run")]
    [TestCase("render")]
    [TestCase("check")]
    [TestCase("explain")]
    [TestCase("labels")]
    [TestCase("snapshot")]
    [TestCase("model")]
    [TestCase("templates")]
    [TestCase("settings")]
    [TestCase("status")]
    [TestCase("doctor")]
    [TestCase("healthcheck")]
    [TestCase("completion")]
    public async Task HelpIsAsAccepted(string command)
    {
        string[] arguments = command.Length == 0 ? ["--help"] : [command, "--help"];
        var run = await CommandRun.Of(arguments);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Golden.Verify(run.Output.ReplaceLineEndings("\n"), $"help-{(command.Length == 0 ? "templater" : command)}.txt");
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind != JsonValueKind.Object ? [] :
        element.EnumerateObject().SelectMany(static property =>
            property.Name == "$ref" ? [property.Value.GetString()!] : References(property.Value));
}
