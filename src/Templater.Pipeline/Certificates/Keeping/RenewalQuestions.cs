using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Renewal;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>When an authority is asked again about the renewal of a certificate (RFC 9773 section 4.3). Pure.</summary>
public static class RenewalQuestions
{
    /// <summary>The pause where the authority does not say any, and after trouble that does not pass by itself.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromHours(6);

    /// <summary>The shortest pause, also where the authority says a shorter one.</summary>
    public static readonly TimeSpan ShortestPause = TimeSpan.FromMinutes(1);

    /// <summary>The longest pause, also where the authority says a longer one.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    /// <summary>After an answer.</summary>
    /// <param name="id">The certificate that was asked about.</param>
    /// <param name="info">The answer; null where the authority tells nobody.</param>
    /// <param name="now">The wall clock.</param>
    public static RenewalAnswer Answered(string id, RenewalInfo? info, DateTimeOffset now)
    {
        var window = info is { IsUsable: true } ? new SuggestedWindow(id, info.SuggestedWindow.Start, info.SuggestedWindow.End) : null;
        return new(id, window, now + Clamped(info?.RetryAt is { } at ? at - now : Pause), 0);
    }

    /// <summary>After trouble: soon again and then more and more seldom where it passes, else after <see cref="Pause"/>. What was said before holds.</summary>
    /// <param name="id">The certificate that was asked about.</param>
    /// <param name="before">What was known before; null for nothing.</param>
    /// <param name="exception">The trouble.</param>
    /// <param name="now">The wall clock.</param>
    public static RenewalAnswer Failed(string id, RenewalAnswer? before, AcmeException exception, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var known = before?.CertificateId == id ? before : null;
        var failures = (known?.Failures ?? 0) + 1;
        var pause = exception.RetryAt is { } at ? at - now
            : exception.Failure is AcmeFailure.Unreachable or AcmeFailure.RateLimited ? Doubled(failures)
            : Pause;
        return new(id, known?.Window, now + Clamped(pause), failures);
    }

    private static TimeSpan Doubled(int failures)
    {
        // Far beyond the longest pause already.
        const int MaxDoublings = 16;
        var pause = ShortestPause * Math.Pow(2, Math.Min(failures - 1, MaxDoublings));
        return pause < Pause ? pause : Pause;
    }

    private static TimeSpan Clamped(TimeSpan pause) => pause < ShortestPause ? ShortestPause : pause > LongestPause ? LongestPause : pause;
}
