using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment;

// What the checker says of a file that is not to be deployed.
public sealed partial class Deployer
{
    /// <summary>
    /// Lets the checker judge a file beside the live one, which is not touched; neither is the journal. A proof that
    /// is being waited for makes way: the candidates of two steps at once would be in each other's way.
    /// </summary>
    /// <param name="file">The rendered file.</param>
    /// <param name="number">Number of the generation that the trial is about, for the message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<TrialResult> TryAsync(RenderedFile file, int number, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (_parts.Checker is not { } checker)
            return new TrialResult.NotJudged();
        await EnterAsync(cancellationToken);
        try
        {
            _sideFiles.Write(file.SideFiles);
            using var candidate = _parts.File.WriteCandidate(OutputSet.Of(file), file.Generation, IsOurs);
            return await checker.CheckAsync(candidate.Path, _parts.File.Path, cancellationToken) switch
            {
                CheckResult.Accepted => new TrialResult.Accepted(),
                CheckResult.Refused(var output, var line) => new TrialResult.Refused(
                    DeployFindings.RefusedByChecker(checker.Description, number, output, line, State.Current)),
                _ => new TrialResult.NotJudged(),
            };
        }
        catch (OutputFileException)
        {
            // The deployment that follows meets the same and says it.
            return new TrialResult.NotJudged();
        }
        finally
        {
            _gate.Release();
        }
    }
}

/// <summary>What a checker says of a file that is not to be deployed. The cases are closed.</summary>
public abstract record TrialResult
{
    private TrialResult()
    {
    }

    /// <summary>It takes it.</summary>
    public sealed record Accepted : TrialResult;

    /// <summary>It refuses it.</summary>
    /// <param name="Finding">What it says.</param>
    public sealed record Refused(Finding Finding) : TrialResult;

    /// <summary>There is no checker, or it does not work, or the file could not be laid before it.</summary>
    public sealed record NotJudged : TrialResult;
}
