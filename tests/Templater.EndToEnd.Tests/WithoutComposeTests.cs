using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>The README's smallest example: four lines of <c>docker</c>, on an engine as it is installed.</summary>
[NonParallelizable]
public sealed class WithoutComposeTests
{
    private const string Section = "## Without compose\n\n```console\n";

    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    [Test, CancelAfter(180_000)]
    public async Task TheReadmesLinesServeALocalhost(CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenEmptyAsync(await SharedEngine.GetWithOwnNetworkAsync());

        var commands = await ChildProcess.RunAsync("sh", ["-ec", Commands(stage.Engine.Socket)], stage.Engine.ClientEnvironment, CommandLimit, cancellationToken);

        var whoami = commands.MustSucceed().Output.TrimEnd('\n').Split('\n')[^1][..12];
        var start = TimeProvider.System.GetTimestamp();
        ChildResult answer;
        do
        {
            await Task.Delay(Poll, cancellationToken);
            answer = await stage.Engine.RunInNetworkAsync("busybox", "wget", "-q", "-O", "-", "http://localhost/");
        }
        while (answer.Output.Trim() != whoami && TimeProvider.System.GetElapsedTime(start) < AnswerLimit);
        Assert.That(answer.Output.Trim(), Is.EqualTo(whoami), answer.Error + await stage.LogsAsync("nginx") + await stage.LogsAsync());
        Assert.That(await stage.LogsAsync(), Does.Not.Contain(" warning ").And.Not.Contain(" error "), "a first start warns about nothing");
    }

    // As printed, but for what a test engine has elsewhere: its socket, and the version of nginx.
    private static string Commands(string socket)
    {
        var text = File.ReadAllText(Repository.PathOf("README.md"));
        var start = text.IndexOf(Section, StringComparison.Ordinal) + Section.Length;
        var lines = text[start..text.IndexOf("```", start, StringComparison.Ordinal)].Split('\n').Select(line => line.StartsWith("$ ", StringComparison.Ordinal) ? line[2..] : line);
        return Images.Rename(string.Join('\n', lines))
            .Replace("%g /var/run/docker.sock", "%g " + socket, StringComparison.Ordinal)
            .Replace("-v /var/run/docker.sock:", $"-v {socket}:", StringComparison.Ordinal);
    }
}
