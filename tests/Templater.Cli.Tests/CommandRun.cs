using System.CommandLine;
using System.Text;
using Templater.Testing;

namespace Templater.Cli.Tests;

/// <summary>One run of the command in this process, with its outputs as text.</summary>
/// <param name="ExitCode">How it ended.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public static Task<CommandRun> Of(params string[] arguments) => With([], arguments);

    public static async Task<CommandRun> With(Dictionary<string, string> variables, params string[] arguments)
    {
        using var signals = new ProcessSignals();
        return await With(signals, variables, arguments);
    }

    public static Task<CommandRun> With(ProcessSignals signals, Dictionary<string, string> variables, params string[] arguments) =>
        With(signals, new FakeTimeProvider(), new StringWriter(), variables, arguments);

    /// <summary>With a clock that runs, for commands that stay; their output can be read while they run.</summary>
    public static Task<CommandRun> Daemon(ProcessSignals signals, StringWriter output, params string[] arguments) =>
        With(signals, TimeProvider.System, output, arguments);

    /// <summary>The same in a container of the engine.</summary>
    public static Task<CommandRun> Contained(ProcessSignals signals, StringWriter output, string container, params string[] arguments) =>
        With(signals, TimeProvider.System, output, [], arguments, ownContainers: [container]);

    /// <summary>With a clock that a test moves.</summary>
    public static Task<CommandRun> With(ProcessSignals signals, TimeProvider time, StringWriter output, params string[] arguments) =>
        With(signals, time, output, [], arguments);

    /// <summary>With the clock of this machine, for what another process has left in files.</summary>
    public static async Task<CommandRun> Now(params string[] arguments)
    {
        using var signals = new ProcessSignals();
        return await With(signals, TimeProvider.System, new StringWriter(), arguments);
    }

    /// <summary>With something on standard input.</summary>
    public static async Task<CommandRun> Fed(string input, params string[] arguments)
    {
        using var signals = new ProcessSignals();
        return await With(signals, new FakeTimeProvider(), new StringWriter(), [], arguments, new MemoryStream(Encoding.UTF8.GetBytes(input)));
    }

    /// <summary>The same for a command that stays, with a clock that runs.</summary>
    public static Task<CommandRun> Fed(ProcessSignals signals, string input, params string[] arguments) =>
        With(signals, TimeProvider.System, new StringWriter(), [], arguments, new MemoryStream(Encoding.UTF8.GetBytes(input)));

    /// <summary>The commands, which do nothing.</summary>
    public static RootCommand Tree(ProcessSignals signals) => CommandLine.Tree(new Surroundings
    {
        Output = TextWriter.Null,
        Error = TextWriter.Null,
        Variables = new Dictionary<string, string>(),
        Time = TimeProvider.System,
        Signals = signals,
    });

    private static async Task<CommandRun> With(
        ProcessSignals signals, TimeProvider time, StringWriter output, Dictionary<string, string> variables, string[] arguments, Stream? input = null, IReadOnlyList<string>? ownContainers = null)
    {
        await using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(arguments, new Surroundings
        {
            Output = TextWriter.Synchronized(output),
            Error = error,
            Input = input ?? Stream.Null,
            Variables = variables,
            Time = time,
            Signals = signals,
            OwnContainers = ownContainers,
        });
        return new CommandRun(code, output.ToString(), error.ToString());
    }
}
