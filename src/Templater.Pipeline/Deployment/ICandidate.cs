namespace Templater.Pipeline.Deployment;

/// <summary>Complete, synced files that wait to take the place of the live ones; removed on disposal if they never did.</summary>
internal interface ICandidate : IDisposable
{
    /// <summary>The file for a checker to look at.</summary>
    string Path { get; }

    /// <summary>Takes the live files' place, all at once.</summary>
    /// <returns>A warning when a file had to be written in place, else null.</returns>
    /// <exception cref="OutputFileException">It cannot.</exception>
    Finding? Swap();
}
