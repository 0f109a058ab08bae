using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

/// <summary>What <c>templater labels</c> prints about the samples, and how it ends.</summary>
public sealed class LabelsCommandTests : IDisposable
{
    private const string Start = """
        [{"Id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","Name":"/shop","Created":"2026-01-01T00:00:00Z",
        "State":{"Status":"running"},"Image":"sha256:1","Config":{"Image":"my/shop","Env":[ENV],"Labels":{LABELS}},
        "HostConfig":{},"NetworkSettings":{"Networks":{}},"Mounts":[]}]
        """;

    private readonly TempDirectory _directory = new();

    [TestCase("shop")]
    [TestCase("blue-green")]
    [TestCase("many")]
    [TestCase("traefik")]
    public async Task TheSamplesAreSpelled(string name)
    {
        var text = new StringBuilder();
        string[] form = ["", "--json"];
        foreach (var json in form)
        {
            string[] arguments = ["labels", "--dialects", "templater,dotege,nginx-proxy,traefik", "--from", Sample(name), .. json.Length > 0 ? [json] : Array.Empty<string>()];
            var run = await CommandRun.Of(arguments);
            text.Append($"$ templater labels {json}\n{run.Output}{run.Error}[exit {run.ExitCode}]\n\n");
        }

        Golden.Verify(text.ToString(), $"labels-{name}.txt");
    }

    [Test]
    public async Task WhatIsPrintedIsAComposeFileThatSaysTheSame()
    {
        var run = await Labels("", "\"com.chameth.vhost\":\"a.example.com\",\"com.chameth.headers.1\":\"X-Note: it's \\\"$5\\\" \\\\ # ü\\t\\u200b\"");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output, Does.StartWith("services:\n  shop:\n    # read as dotege\n    labels:\n      templater.host: \"a.example.com\"\n"));
        Assert.That(run.Output, Does.Contain("templater.response.set.X-Note: \"it's \\\"$$5\\\" \\\\ # ü\\u0009\\u200b\"").Or.Not.Contain("X-Note"));
    }

    [Test]
    public async Task AHashIsPrintedForACompose()
    {
        var run = await Labels("", "\"templater.host\":\"a.example.com\",\"templater.auth.basic\":\"ops:$2b$04$B9Vp61n4dEKT3QwFiG3M1ulN0LdqQ8zI7iDFQPKn0pZrMQszDZw6a\"");
        Assert.That(run.Output, Does.Contain("templater.auth.basic: \"ops:$$2b$$04$$B9Vp61n4"));
        Assert.That(run.Error, Is.Empty);
    }

    [TestCase("\"VIRTUAL_HOST=a.example.com\"", "", 0)]
    [TestCase("\"VIRTUAL_HOST=a.example.com\",\"SERVER_TOKENS=off\"", "", 1)]
    [TestCase("\"VIRTUAL_HOST=a.example.com\"", "\"com.chameth.vhost\":\"b.example.com\",\"com.chameth.auth\":\"x\"", 1)]
    [TestCase("", "", 0)]
    public async Task TheExitCodeTellsWhetherAllIsSaid(string env, string labels, int code) =>
        Assert.That((await Labels(env, labels)).ExitCode, Is.EqualTo(code));

    [TestCase("shop", 0, "")]
    [TestCase("aaaaaaaaaaaa", 0, "")]
    [TestCase("shpo", 3, "did you mean shop?")]
    [TestCase("ho", 3, "did you mean shop?")]
    [TestCase("zzzzzz", 3, "explain --all lists all containers")]
    public async Task ANameThatNobodyHasIsAnError(string name, int code, string message)
    {
        var run = await Labels("\"VIRTUAL_HOST=a.example.com\"", "", name);
        Assert.That((run.ExitCode, run.Output.Length > 0), Is.EqualTo((code, code == 0)));
        Assert.That(run.Error, Does.Contain(message).IgnoreCase);
    }

    [Test]
    public async Task WhoIsNamedAndAsksForNothingIsSaidToAskForNothing()
    {
        var run = await Labels("", "", "shop");
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((1, "services:\n  shop:\n    # no label names a host\n")));
    }

    [Test]
    public async Task WithoutAnybodyItSaysSo() => Assert.That((await Labels("", "")).Output, Is.EqualTo("# no container names a host\n"));

    [Test]
    public async Task TraefikIsReadOnlyWhereItIsAskedFor()
    {
        const string Router = "\"traefik.http.routers.a.rule\":\"Host(`a.example.com`)\"";
        var (not, asked) = (await Labels("", Router), await Labels("", Router, "--dialects", "traefik"));
        Assert.That((not.Output.Contains("a.example.com", StringComparison.Ordinal), asked.Output.Contains("a.example.com", StringComparison.Ordinal)), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task BadValuesAreSaidAsideOfTheResult()
    {
        var run = await Labels("\"VIRTUAL_HOST=a.example.com https://b.example.com\"", "", "--json");
        using var json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.GetProperty("labels").GetProperty("templater.host").GetString(), Is.EqualTo("a.example.com"));
        Assert.That(run.Error, Does.Contain("invalid-host"));
    }

    [Test]
    public async Task ALiveEngineIsAskedWithoutAFile()
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("shop", container => container.Label("com.chameth.vhost", "a.example.com").Expose(8080).Network("front"));
        var run = await CommandRun.Of("labels", "shop", "--docker-host", engine.Host, "--certs-dir", _directory.Path);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.StartWith("services:\n  shop:\n    # read as dotege\n    labels:\n      templater.host: \"a.example.com\"\n"));
    }

    [Test]
    public async Task AnEngineThatIsNotThereIsTheEnvironmentsFault() =>
        Assert.That((await CommandRun.Of("labels", "--docker-host", "unix:///no/such.sock", "--certs-dir", _directory.Path)).ExitCode, Is.EqualTo(4));

    [Test]
    public async Task AFileThatIsNotThereIsInvalidInput() =>
        Assert.That((await CommandRun.Of("labels", "--from", _directory["none"])).ExitCode, Is.EqualTo(3));

    private Task<CommandRun> Labels(string env, string labels, params string[] arguments)
    {
        var file = _directory.Write("c.json", Start.Replace("ENV", env, StringComparison.Ordinal).Replace("LABELS", labels, StringComparison.Ordinal));
        return CommandRun.Of(["labels", "--from", file, .. arguments]);
    }

    private static string Sample(string name, [CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "..", "samples", "containers", name + ".json"));

    public void Dispose() => _directory.Dispose();
}
