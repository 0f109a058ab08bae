namespace Templater.Pipeline.Deployment;

/// <summary>
/// An output could not be written. The file that was there is untouched, except where a bind-mounted single file had to
/// be written in place.
/// </summary>
/// <param name="finding">What to tell the operator.</param>
/// <param name="inner">The failed call.</param>
public sealed class OutputFileException(Finding finding, Exception? inner) : IOException(finding.Message, inner)
{
    /// <summary>The same as a value, with <see cref="ReasonIds.OutputDenied"/> or <see cref="ReasonIds.OutputFailed"/>.</summary>
    public Finding Finding { get; } = finding;
}
