using System.Collections.Immutable;
using Templater.Pipeline;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Deployment;

namespace Templater.Cli.Running;

/// <summary>Makes the pairs that stand for certificates which are not there yet, beside the looks: those wait for no disk. Thread-safe.</summary>
/// <param name="placeholders">The pairs.</param>
/// <param name="time">The clock.</param>
/// <param name="nudge">Asks for a look.</param>
internal sealed class ShownPlaceholders(PlaceholderPairs placeholders, TimeProvider time, Action<string> nudge)
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private volatile WantedCertificate[] _missing = [];
    private volatile Finding? _failure;

    /// <summary>The certificates that are not there, as of the last look.</summary>
    public WantedCertificate[] Missing
    {
        get => _missing;
        set => _missing = value;
    }

    /// <summary>Why they cannot be made; null when they can.</summary>
    public Finding? Failure => _failure;

    /// <summary>Those that are there.</summary>
    public ImmutableArray<CertificatePair> Pairs
    {
        get
        {
            try
            {
                return placeholders.All;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It is said when they are made.
                return [];
            }
        }
    }

    /// <summary>How it stands with certificates, with whether one of these pairs stands for them.</summary>
    /// <param name="statuses">How it stands with them.</param>
    public ImmutableArray<CertificateStatus> In(ImmutableArray<CertificateStatus> statuses)
    {
        var pairs = Pairs;
        return pairs.IsEmpty ? statuses
            : [.. statuses.Select(status => status with { HasPlaceholder = status.NotAfter is null && pairs.Any(pair => CertificateSelection.Covers(pair, status.Names[0])) })];
    }

    /// <summary>Works until cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        WantedCertificate[]? placed = null;
        while (true)
        {
            await Task.Delay(Poll, time, cancellationToken);
            if (_missing is var missing && ReferenceEquals(missing, placed))
                continue;
            try
            {
                var isChanged = placeholders.Show(missing);
                (placed, _failure) = (missing, null);
                if (isChanged)
                    nudge("placeholders for certificates that are not there yet");
            }
            catch (OutputFileException exception)
            {
                _failure = exception.Finding;
            }
        }
    }
}
