using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>
/// A program that reads its file when it starts, and ends on a bad one, on a real engine: restarted once for each file, and its
/// next run is the proof. Templater has the calls that the README lists for that, and makes each.
/// </summary>
public sealed class RestartedProgramTests
{
    private const string Program = "app";
    private const string Host = "any.example.com";

    // It keeps running where there is a word, and ends with a reason where there is none.
    private const string ReadAndServe =
        "read word < /config/app.conf; case \"$word\" in bad*) echo \"no such option: $word\" >&2; exit 3;; esac; echo -n \"$word\" > /www/index.html; trap 'exit 0' TERM; httpd -f -p 80 -h /www & wait";

    private static readonly string[] Reloads = Rotation.IsFullTier ? [$"docker:{Program}:restart"] : [];

    [Test, CancelAfter(180_000)]
    public async Task ItIsRestartedOnceForAFileAndGetsTheFormerOneBackWhenItEndsOnOne([ValueSource(nameof(Reloads))] string reload, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        await using var calls = LeastCalls.Begin(stage, ":restart`");
        var templates = Directory.CreateDirectory(Path.Combine(stage.Engine.WorkDirectory, "restarted")).FullName;
        var template = Path.Combine(templates, "app.scriban");
        await WriteAsync("one");
        await stage.StartTemplaterAsync(
            "/templates/app.scriban",
            [
                .. calls.ContainerOptions, "-v", templates + ":/templates:ro", "-e", "TEMPLATER_OUTPUT=/config/app.conf", "-e", "TEMPLATER_VALIDATE=none",
                "-e", "TEMPLATER_RELOAD=" + reload,
            ]);
        await stage.Engine.RunAsync("run", "-d", "--name", Program, "--network", "front", "-v", "config:/config:ro", Images.Web, "sh", "-c", ReadAndServe);
        await AnswersAsync("one");
        // Within two seconds of the file nobody can tell whether it has read it: then it is restarted for the first one, too.
        while (!System.Text.RegularExpressions.Regex.IsMatch(await stage.LogsAsync(), $@"generation 1 \([0-9a-f]+\) (live in|delivered to) {Program}"))
            await Task.Delay(50, cancellationToken);
        var before = Restarts();
        Assert.That(before, Is.LessThanOrEqualTo(1));

        await WriteAsync("two");
        await AnswersAsync("two");
        await stage.WaitForLiveAsync(Program, 2);
        Assert.That(Restarts(), Is.EqualTo(before + 1));
        Assert.That(await StatusAsync(), Does.Contain($"{Program} was restarted with it"), "its next run is the proof");

        await WriteAsync("bad");
        await stage.WaitForLogAsync(" config-refused: ");
        await AnswersAsync("two");
        Assert.That((await stage.SaidAsync("config-refused")).Single(), Does.StartWith(
            $"error config-refused: {Program} refused generation 3: \"no such option: bad\". It ended on it. Generation 2 was restored on disk"));
        Assert.That(await stage.ReadVolumeAsync("config", "app.conf"), Is.EqualTo("two\n"));
        Assert.That(Restarts(), Is.EqualTo(before + 3), "for the bad one, and with the former one");

        await WriteAsync("three");
        await AnswersAsync("three");
        await stage.WaitForLiveAsync(Program, 4);
        Assert.That(Restarts(), Is.EqualTo(before + 4));
        Assert.That(await stage.Engine.RunAsync("exec", Stage.TemplaterName, "templater", "doctor"), Does.Contain(" 0 errors"));
        calls.AssertThatTheyWereMade();
        Assert.That(await stage.LogsAsync(), Does.Not.Contain("call-forbidden"));

        Task WriteAsync(string word) => File.WriteAllTextAsync(template, word + "\n", cancellationToken);
        Task<string> StatusAsync() => stage.Engine.RunAsync("exec", Stage.TemplaterName, "templater", "status");
        Task AnswersAsync(string word) => stage.WaitForAnswerAsync(Program, Host, word);
        int Restarts() => calls.CountOf("POST", "/restart");
    }
}
