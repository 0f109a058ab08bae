using Templater.Cli.Logging;
using Templater.Testing;

namespace Templater.Cli.Tests;

/// <summary>The real program with streams that cannot be written: <c>/dev/full</c> is a disk without room.</summary>
public sealed class StandardStreamTests : IDisposable
{
    private const string Full = "error output-failed: cannot write to standard output: No space left on device. Make room, or let it go to another place.\n";
    private readonly TempDirectory _directory = new();

    [TestCase("--version")]
    [TestCase("settings")]
    [TestCase("templates nginx")]
    [TestCase("help")]
    public async Task AResultThatIsLostIsAnErrorInOneLine(string arguments) =>
        Assert.That(await Program($"{arguments} > /dev/full"), Is.EqualTo(new ChildResult(4, "", Full)));

    [Test]
    public async Task DiagnosticsThatAreLostChangeNothing()
    {
        var run = await Program("render --template ./none.scriban --from /dev/null 2> /dev/full");
        Assert.That(run, Is.EqualTo(new ChildResult(3, "", "")));
    }

    [Test]
    public async Task AReaderThatHasEnoughIsNoError() => Assert.That(await Program("templates nginx | head -1"), Is.EqualTo(new ChildResult(0, "{{# format: nginx ~}}\n", "")));

    [Test]
    public async Task AFullDiskUnderTheLogDoesNotEndTheProgram()
    {
        var containers = _directory.Write("containers.json", Commands.RenderFixture.Containers("shop", "templater.host", "a.example.com"));
        var output = _directory["out.txt"];
        // It is told to end a while after its first line was lost and its first file was written; "kill" complains where it did not live so long.
        var run = await Program(
            $"run --template domains --from {containers} --output {output} --state-dir {_directory["state"]} > /dev/full & "
            + $"program=$!; until [ -s {output} ] || ! kill -0 $program; do sleep 0.1; done; sleep 1; kill -TERM $program && wait $program");
        Assert.That((run, _directory.Read("out.txt")), Is.EqualTo((new ChildResult(0, "", ""), "a.example.com\n")));
    }

    [Test]
    public void ALineThatIsLostDoesNotLoseTheNext()
    {
        var writer = new FailingWriter();
        var log = new LogWriter(writer, Cli.Options.LogForm.Text, Microsoft.Extensions.Logging.LogLevel.Information, null);
        log.Write(new LogEntry(Microsoft.Extensions.Logging.LogLevel.Information, "one"));
        writer.Fails = false;
        log.Write(new LogEntry(Microsoft.Extensions.Logging.LogLevel.Information, "two"));
        Assert.That(writer.ToString(), Is.EqualTo("info  two\n"));
    }

    public void Dispose() => _directory.Dispose();

    private static Task<ChildResult> Program(string command) => ChildProcess.RunAsync(
        "bash", ["-c", $"dotnet '{Path.Combine(AppContext.BaseDirectory, "templater.dll")}' {command}"]);

    private sealed class FailingWriter : StringWriter
    {
        public bool Fails { get; set; } = true;

        public override void Write(string? value)
        {
            if (Fails)
                throw new IOException("No space left on device");
            base.Write(value);
        }
    }
}
