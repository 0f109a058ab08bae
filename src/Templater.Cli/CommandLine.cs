using System.CommandLine;
using System.CommandLine.Help;
using Templater.Cli.Commands;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Docker;
using Templater.Pipeline;
using Templater.Pipeline.Inventory;

namespace Templater.Cli;

/// <summary>The whole command line: builds the tree, runs one command, and turns every way to end into an exit code.</summary>
internal static class CommandLine
{
    // A word that begins with @ is a word: nothing asks for more words out of files.
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>The program's version.</summary>
    public static string Version => typeof(CommandLine).Assembly.GetName().Version!.ToString(3);

    /// <summary>Runs one command.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="surroundings">What it may touch.</param>
    /// <returns>The exit code, one of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, Surroundings surroundings)
    {
        try
        {
            var code = await InvokeAsync(arguments, surroundings);
            // A result that is lost must not look like one that was written.
            await surroundings.Output.FlushAsync();
            return code;
        }
        catch (StandardOutputException exception)
        {
            return Fail(surroundings, ExitCode.Environment,
                [new Finding(FindingSeverity.Error, ReasonIds.OutputFailed, $"cannot write to standard output: {FileTrouble.Of(exception)} Make room, or let it go to another place.")]);
        }
        catch (SettingsException exception)
        {
            return Fail(surroundings, ExitCode.Usage, exception.Problems);
        }
        catch (CommandFailedException exception)
        {
            return Fail(surroundings, exception.ExitCode, exception.Findings);
        }
        catch (SnapshotFailedException exception)
        {
            var code = exception.Reason == ReasonIds.InvalidInput ? ExitCode.Invalid : ExitCode.Environment;
            return Fail(surroundings, code, [exception.ToFinding()]);
        }
        catch (DockerException exception)
        {
            var failure = CommandFailedException.Of(exception);
            return Fail(surroundings, failure.ExitCode, failure.Findings);
        }
        catch (OperationCanceledException) when (surroundings.Signals.EndedBy is { } signal)
        {
            return ExitCode.Signal(signal);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The one catch-all: whatever arrives here is a mistake in Templater, and its trace is what a report needs.
            await surroundings.Error.WriteLineAsync($"error internal: this is a mistake in Templater, please report it.\n{exception}");
            return ExitCode.Bug;
        }
    }

    /// <summary>The command tree.</summary>
    /// <param name="surroundings">What the commands may touch.</param>
    /// <param name="showAll">List all flags of settings in help and completion.</param>
    public static RootCommand Tree(Surroundings surroundings, bool showAll = false)
    {
        var root = new RootCommand("Renders configuration files for reverse proxies from live container metadata.")
        {
            RunCommand.Create(surroundings, showAll),
            RenderCommand.Create(surroundings, showAll),
            CheckCommand.Create(surroundings, showAll),
            ExplainCommand.Create(surroundings, showAll),
            LabelsCommand.Create(surroundings, showAll),
            SnapshotCommand.Create(surroundings, showAll),
            ModelCommand.Create(surroundings),
            TemplatesCommand.Create(surroundings),
            SettingsCommand.Create(surroundings, showAll),
            StatusCommand.Create(surroundings, showAll),
            DoctorCommand.Create(surroundings, showAll),
            RollbackCommand.Create(surroundings, showAll),
            CertsCommand.Create(surroundings, showAll),
            HealthcheckCommand.Create(surroundings, showAll),
            CompletionCommand.Create(surroundings),
        };
        // The version that comes with the library is that of the program file, which in tests is another one.
        root.Options.Remove(root.Options.OfType<VersionOption>().Single());
        var version = new Option<bool>("--version") { Description = "Print the version" };
        root.Options.Add(version);
        // Completions answers its question, and nobody needs the others.
        root.Directives.Clear();
        root.HelpName = "templater";
        foreach (var command in root.Subcommands)
            UsageMistakes.RefuseFlagsAsValues(command);
        HelpCommand.AddTo(root, surroundings);
        // What Windows programs take; here a path may begin like that.
        var help = root.Options.OfType<HelpOption>().Single();
        help.Description = "Show this help";
        help.Aliases.Remove("/?");
        help.Aliases.Remove("/h");
        root.SetAction(parse => parse.GetValue(version) ? PrintVersion(surroundings) : PrintHelp(parse, surroundings));
        return root;
    }

    private static async Task<int> InvokeAsync(string[] arguments, Surroundings surroundings)
    {
        if (arguments is ["--version"])
            return PrintVersion(surroundings);
        if (Completions.Question(arguments) is { } line)
            return PrintCompletions(surroundings, line);
        var parse = Tree(surroundings).Parse(arguments, Parsing);
        if (parse.Errors.Count > 0 && parse.Action is not HelpAction)
            throw new CommandFailedException(ExitCode.Usage, UsageMistakes.Of(parse));
        var configuration = new InvocationConfiguration
        {
            Output = surroundings.Output,
            Error = surroundings.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // Signals arrive through Surroundings.
        };
        return await parse.InvokeAsync(configuration, surroundings.Signals.Ended);
    }

    private static int PrintVersion(Surroundings surroundings)
    {
        surroundings.Output.Write(Version + "\n");
        return ExitCode.Done;
    }

    private static int PrintCompletions(Surroundings surroundings, string line)
    {
        foreach (var word in Completions.Of(Tree(surroundings, showAll: true), line))
            surroundings.Output.Write(word + "\n");
        return ExitCode.Done;
    }

    private static int PrintHelp(ParseResult parse, Surroundings surroundings)
    {
        surroundings.Error.Write("error usage: a command was expected.\n");
        parse.InvocationConfiguration.Output = surroundings.Error;
        new HelpAction().Invoke(parse);
        return ExitCode.Usage;
    }

    private static int Fail(Surroundings surroundings, int code, IEnumerable<Finding> findings)
    {
        var writer = new LogWriter(surroundings.Error, LogForm.Text, Microsoft.Extensions.Logging.LogLevel.Information, null);
        foreach (var finding in findings)
            writer.Write(finding);
        return code;
    }
}
