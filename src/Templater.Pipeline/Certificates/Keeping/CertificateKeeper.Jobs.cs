using System.Runtime.ExceptionServices;
using Templater.Acme.Protocol;

namespace Templater.Pipeline.Certificates.Keeping;

/// <content>What runs beside the loop: reaching authorities, and asking them about renewals.</content>
public sealed partial class CertificateKeeper
{
    private readonly Dictionary<string, string> _toldToRenew = new(StringComparer.Ordinal);

    private void Start(IEnumerable<string> names, HashSet<string> busy, Func<string, Task> job, CancellationToken cancellationToken)
    {
        foreach (var name in names)
        {
            lock (_lock)
            {
                if (!busy.Add(name))
                    continue;
            }

            Start(async () =>
            {
                try
                {
                    await job(name);
                }
                finally
                {
                    lock (_lock)
                        busy.Remove(name);
                }
            }, cancellationToken);
        }
    }

    private void Start(Func<Task> job, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var task = Task.Run(() => ObservedAsync(job, cancellationToken), CancellationToken.None);
            _jobs.Add(task);
            task.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task ObservedAsync(Func<Task> job, CancellationToken cancellationToken)
    {
        try
        {
            await job();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The keeper ends.
        }
        catch (Exception exception)
        {
            // Thrown by the loop: a mistake of the program ends it.
            _bug = ExceptionDispatchInfo.Capture(exception);
        }
    }

    private void Ended(Task job)
    {
        lock (_lock)
            _jobs.Remove(job);
        Signal();
    }

    private async Task OpenAsync(string authority, CancellationToken cancellationToken)
    {
        try
        {
            var facts = await _parts.Authorities.OpenAsync(authority, cancellationToken);
            // Whether it also issues is not known by that: what failed there before is over with the next certificate.
            lock (_lock)
                _open[authority] = facts;
        }
        catch (AcmeException exception)
        {
            Failed(new(FailureScope.Authority, "", authority), exception.Message, exception.RetryAt);
        }
        catch (Exception exception) when (IsOfTheDisk(exception))
        {
            Failed(new(FailureScope.Authority, "", authority), exception.Message, null);
        }
    }

    private void Failed(FailureSubject subject, string reason, DateTimeOffset? retryAt)
    {
        lock (_lock)
        {
            if (subject.Scope == FailureScope.Authority)
                _open.Remove(subject.Authority);
            _memory = _memory with { Failures = _memory.Failures.With(subject, reason, _time.GetUtcNow(), retryAt) };
        }
    }

    private async Task AskAsync(string name, HeldCertificate held, CancellationToken cancellationToken)
    {
        RenewalAnswer answer;
        try
        {
            var info = await _parts.Authorities.RenewalInfoAsync(held.Authority, held.RenewalId!, cancellationToken);
            answer = RenewalQuestions.Answered(held.RenewalId!, info, _time.GetUtcNow());
            if (info is { IsUsable: true, ExplanationUrl: { } url } && info.SuggestedWindow.End < _time.GetUtcNow() && IsNews(name, held))
                Notice($"{held.Authority} wants the certificate for {name} to be renewed now; see {Shown(url)}");
        }
        catch (AcmeException exception)
        {
            answer = RenewalQuestions.Failed(held.RenewalId!, MemoryNow().Renewals.GetValueOrDefault(name), exception, _time.GetUtcNow());
        }

        lock (_lock)
            _memory = _memory with { Renewals = _memory.Renewals.SetItem(name, answer) };
    }

    // It is said in each answer until the certificate is renewed.
    private bool IsNews(string name, HeldCertificate held)
    {
        lock (_lock)
        {
            if (_toldToRenew.GetValueOrDefault(name) == held.RenewalId)
                return false;
            _toldToRenew[name] = held.RenewalId!;
            return true;
        }
    }

    private static string Shown(string foreign) => Uri.TryCreate(foreign, UriKind.Absolute, out var url) ? url.AbsoluteUri : "nothing that is a URL";
}
