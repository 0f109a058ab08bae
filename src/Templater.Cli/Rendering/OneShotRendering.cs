using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Cli.Running;
using Templater.Language;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Rendering;

/// <summary>One <c>render</c>: read, render, check, compare or write.</summary>
internal sealed class OneShotRendering(Settings settings, RenderRequest request, OutputPlan plan, Surroundings surroundings)
{
    private const int MaxDiffBytes = 4 * OutputRenderer.MaxOutputCharacters;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly LogWriter _diagnostics = LogWriter.ForDiagnostics(surroundings, settings);
    private readonly bool _isJson = settings.Get(ProcessSettings.Format) == LogForm.Json;
    private LoadedOutput? _output;

    /// <summary>Renders once.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        _diagnostics.WriteAll(settings.Warnings);
        return await OnceAsync(cancellationToken);
    }

    /// <summary>Renders now and after every change of the template, its includes or the input, until the process is told to end.</summary>
    public async Task<int> WatchAsync(CancellationToken cancellationToken)
    {
        _diagnostics.WriteAll(settings.Warnings);
        var hasFailed = false;
        while (true)
        {
            var input = FileStamps.Of(InputFiles);
            var isGood = await IsGoodAsync(cancellationToken);
            await surroundings.Output.FlushAsync(cancellationToken);
            if (hasFailed && isGood)
                _diagnostics.Write(new LogEntry(LogLevel.Information, $"resolved: {plan.Definition.Template} can be rendered again"));
            hasFailed = !isGood;
            // What was edited since it was read, before this is even printed, is rendered, too.
            var files = new FileChanges(WatchedFiles, _output is { } output ? [output.Read, input] : [input]);
            ImmutableArray<string> changed;
            do
                await Task.Delay(FileChanges.PollInterval, surroundings.Time, cancellationToken);
            while ((changed = files.Look()).IsEmpty);
            // Standard output holds results alone: where one ends and the next begins is said beside it.
            _diagnostics.Write(new LogEntry(LogLevel.Information, $"rendering again: {string.Join(", ", changed.Select(Path.GetFileName))} changed"));
        }
    }

    private async Task<bool> IsGoodAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await OnceAsync(cancellationToken) is ExitCode.Done or ExitCode.Differs;
        }
        catch (CommandFailedException exception)
        {
            _diagnostics.WriteAll(exception.Findings);
        }
        // Standard input cannot be read again, whatever is mended.
        catch (SnapshotFailedException exception) when (request.From is not { File: null })
        {
            _diagnostics.Write(exception.ToFinding());
        }

        return false;
    }

    private IEnumerable<string> InputFiles => request.From?.File is { } from ? [from] : [];

    private WatchedFiles WatchedFiles() => new(
        [.. _output?.Files ?? [], .. InputFiles],
        request.Output is { } path ? [path] : []);

    private async Task<int> OnceAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Both take their time, and neither needs the other.
        var reading = Task.Run(() => OneSnapshot.ReadAsync(settings, request.From, surroundings, stop.Token), CancellationToken.None);
        var isFirst = _output is null;
        _output = new LoadedOutput(plan);
        if (isFirst)
            _diagnostics.WriteAll(UnreadSets.Of(settings, [_output]));
        WriteDiagnostics(_output.Load.Diagnostics, _output.Load.Findings);
        if (_output.Load.Renderer is null)
        {
            await stop.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return ExitCode.Invalid;
        }

        var snapshot = await reading;
        var rendering = _output.Render(snapshot, cancellationToken)!;
        WriteFindings(rendering);
        if (rendering.File is not { } file)
            return ExitCode.Invalid;
        var isRefused = await IsRefusedAsync(file, cancellationToken);
        var isTooStrict = request.IsStrict && IsTooStrict(rendering);
        var failure = isRefused ?? (isTooStrict ? ExitCode.Invalid : (int?)null);
        if (request.Diff is { } expected)
        {
            var difference = await CompareAsync(file, expected, cancellationToken);
            return failure ?? difference;
        }

        // What is not good is not put in the place of what may be.
        if (failure is not null && request.Output is { } path)
        {
            surroundings.Error.Write($"{VisibleText.Of(path)}: not written\n");
            return failure.Value;
        }

        var written = await WriteAsync(file, rendering, cancellationToken);
        return failure ?? written;
    }

    // Findings of the template come with its lines in text form; one line each in JSON.
    private void WriteDiagnostics(IReadOnlyCollection<Diagnostic> diagnostics, IEnumerable<Finding> findings)
    {
        foreach (var diagnostic in _isJson ? [] : diagnostics.Where(diagnostic => !request.IsQuiet || diagnostic.Severity == DiagnosticSeverity.Error))
            surroundings.Error.Write(DiagnosticFormatter.Format(diagnostic));
        _diagnostics.WriteAll(_isJson ? findings : findings.Skip(diagnostics.Count));
    }

    private void WriteFindings(OutputRendering rendering)
    {
        var source = request.From is { } from && !_isJson ? $"{Path.GetFileName(from.Name)}: " : "";
        foreach (var diagnostic in _isJson ? [] : rendering.Diagnostics)
            surroundings.Error.Write(DiagnosticFormatter.Format(diagnostic));
        foreach (var finding in rendering.Findings)
            if (_isJson || rendering.Diagnostics.IsEmpty || finding.Reason != ReasonIds.TemplateError)
                _diagnostics.Write(finding, source);
    }

    private async Task<int?> IsRefusedAsync(RenderedFile file, CancellationToken cancellationToken)
    {
        if (!request.Validates)
            return null;
        var finding = await new CandidateCheck(surroundings.Time).RunAsync(
            plan.Definition, plan.Deployment.Validate, file, request.Output ?? "the result", cancellationToken);
        if (finding is null)
            return null;
        _diagnostics.Write(finding);
        return finding.Reason == ReasonIds.ConfigRefused ? ExitCode.Invalid : ExitCode.Environment;
    }

    private bool IsTooStrict(OutputRendering rendering)
    {
        var refused = RefusedContainers.Count(rendering.Routing, rendering.Quarantined);
        if (refused > 0)
            surroundings.Error.Write(string.Create(CultureInfo.InvariantCulture, $"{refused} {(refused == 1 ? "container" : "containers")} refused (--strict)\n"));
        return refused > 0;
    }

    private async Task<int> CompareAsync(RenderedFile file, string expected, CancellationToken cancellationToken)
    {
        try
        {
            var before = await Task.Run(() => NamedFile.ReadText(expected, MaxDiffBytes), cancellationToken).WaitAsync(cancellationToken);
            var diff = UnifiedDiff.Of(expected, before, "rendered", Utf8.GetString(file.Content.Span));
            await surroundings.Output.WriteAsync(diff.AsMemory(), cancellationToken);
            return diff.Length == 0 ? ExitCode.Done : ExitCode.Differs;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CommandFailedException(ExitCode.Invalid, ReasonIds.InvalidInput, $"cannot read {VisibleText.Of(expected)}: {exception.Message}{(exception is FileNotFoundException or DirectoryNotFoundException ? $" Write it first with --output {VisibleText.Of(expected)}." : "")}");
        }
    }

    private async Task<int> WriteAsync(RenderedFile file, OutputRendering rendering, CancellationToken cancellationToken)
    {
        if (request.Output is not { } path)
        {
            await surroundings.Output.WriteAsync(Utf8.GetString(file.Content.Span).AsMemory(), cancellationToken);
            SayFurtherFiles(file);
            return ExitCode.Done;
        }

        if (NamedFile.Instead(path) is null)
            await FurtherOutput.WriteAsync(path, file, cancellationToken);
        else
            SayFurtherFiles(file);

        foreach (var side in NamedFile.Instead(path) is null ? file.SideFiles : [])
            await WrittenFile.WriteAsync(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, side.Name), side.Content, cancellationToken);
        var isChanged = await WrittenFile.WriteAsync(path, file.Content, cancellationToken);
        var hosts = OutputResults.Summaries(rendering.Routing);
        if (!request.IsQuiet)
            surroundings.Output.Write(
                $"{path}: {Counted(hosts.Length, "host")}, {Counted(hosts.Sum(static host => host.Servers), "server")}, {Units.Shown(file.Content.Length)} ({(isChanged ? "changed" : "unchanged")})\n");
        return ExitCode.Done;
    }

    // The result is one file: what would lie beside it is said beside it.
    private void SayFurtherFiles(RenderedFile file)
    {
        if (!request.IsQuiet && !file.Files.IsEmpty)
            surroundings.Error.Write(
                $"further files, written by --output: {string.Join(", ", file.Files.Select(static further => $"{further.Name} ({Units.Shown(further.Content.Length)})"))}\n");
    }

    private static string Counted(int number, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}
