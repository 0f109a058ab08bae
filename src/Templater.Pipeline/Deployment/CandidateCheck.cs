using System.Text;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment;

/// <summary>Judges one configuration with the proxy's own program, without a state directory or a proxy.</summary>
/// <param name="time">The clock.</param>
public sealed class CandidateCheck(TimeProvider time)
{
    private const string FilesFolder = "files";

    /// <summary>Checks a text that is not deployed anywhere.</summary>
    /// <param name="output">Kind of proxy, and the path that messages name.</param>
    /// <param name="spec">Who checks; <see cref="ValidateSpec.Auto"/> looks for the proxy's program.</param>
    /// <param name="file">The configuration, with its further files.</param>
    /// <param name="shownPath">Path that messages give instead of the temporary one.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <returns>
    /// Null when accepted; else <see cref="ReasonIds.ConfigRefused"/>, or <see cref="ReasonIds.CheckerFailed"/> when there is no
    /// checker or it does not work.
    /// </returns>
    public async Task<Finding?> RunAsync(
        OutputDefinition output, ValidateSpec spec, RenderedFile file, string shownPath, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(file);
        var directory = Directory.CreateTempSubdirectory("templater-check-").FullName;
        try
        {
            if (Checker(output, spec, directory) is not { } checker)
                return Failed($"no checker was found for {shownPath}: install the proxy's program, or name one with command:…");
            var candidate = Path.Combine(directory, "candidate.conf");
            foreach (var further in file.Files)
            {
                var path = Path.Combine(directory, FilesFolder, further.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllBytesAsync(path, Placed(file, further.Content, directory).ToArray(), cancellationToken);
            }

            await File.WriteAllBytesAsync(candidate, Checkable(output, Placed(file, file.Content, directory), directory).ToArray(), cancellationToken);
            return await checker.CheckAsync(candidate, shownPath, cancellationToken) switch
            {
                CheckResult.Accepted => null,
                CheckResult.Refused refused => new Finding(
                    FindingSeverity.Error, ReasonIds.ConfigRefused, $"{checker.Description} refused {shownPath}: {DeployFindings.Quote(refused.Output, refused.Line)}."),
                CheckResult.Unusable unusable => Failed($"{checker.Description} does not work: {unusable.Why}"),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // As the further files will be found by the proxy, so they are here by the program that checks.
    private static ReadOnlyMemory<byte> Placed(RenderedFile file, ReadOnlyMemory<byte> content, string directory) => file.Files.IsEmpty
        ? content
        : PathReplacement.In(content.Span, Encoding.UTF8.GetBytes(file.FilesDirectory + "/"), Encoding.UTF8.GetBytes($"{Path.Combine(directory, FilesFolder)}/"));

    // HAProxy does not accept a configuration whose folder of certificates is missing, though it may be empty; and it is missing where
    // nothing runs but checks.
    private static ReadOnlyMemory<byte> Checkable(OutputDefinition output, ReadOnlyMemory<byte> content, string directory)
    {
        var folder = $"{output.Proxy.CertsDirectory.TrimEnd('/')}/{CertificateDirectory.HAProxyFolder}/";
        if (output.Kind != ProxyKind.HAProxy || Directory.Exists(folder))
            return content;
        var empty = Directory.CreateDirectory(Path.Combine(directory, "certificates")).FullName;
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content.Span).Replace(folder, empty + "/", StringComparison.Ordinal));
    }

    private IConfigChecker? Checker(OutputDefinition output, ValidateSpec spec, string scratch)
    {
        var runner = new CommandRunner(time);
        return spec switch
        {
            ValidateSpec.Command command => ProxyCheckers.WithOwnRules(output, new CommandChecker(command.Words, runner)),
            ValidateSpec.Auto => ProxyCheckers.Find(output, scratch, runner),
            _ => ProxyCheckers.WithOwnRules(output, null),
        };
    }

    private static Finding Failed(string message) => new(FindingSeverity.Error, ReasonIds.CheckerFailed, message);
}
