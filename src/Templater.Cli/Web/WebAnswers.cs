using Templater.Cli.Status;
using Templater.Pipeline.Watching;
using Templater.Pipeline.Web;

namespace Templater.Cli.Web;

/// <summary>Answers requests out of what the program knows at that moment. Thread-safe as far as its sources are.</summary>
/// <param name="gate">Who may ask.</param>
/// <param name="status">The status now.</param>
/// <param name="metrics">The metrics now, as text.</param>
internal sealed class WebAnswers(Gate gate, Func<StatusReport> status, Func<string> metrics)
{
    private const string MetricsType = "text/plain; version=0.0.4; charset=utf-8";
    private const string JsonType = "application/json";

    /// <summary>The answer to a request.</summary>
    /// <param name="request">The request; null when it could not be understood.</param>
    public Answer Of(RequestHead? request)
    {
        if (request is null)
            return Answer.Text(400, "this is no request that is answered");
        var isOpen = request.Path is "/healthz" or "/readyz";
        if (gate.Refusal(request, isOpen) is { } refusal)
            return refusal;
        return request.Path switch
        {
            "/healthz" => Health(request, status().Liveness, "healthy"),
            "/readyz" => Health(request, status().Health, "ready"),
            "/metrics" => new Answer(200, MetricsType, metrics()),
            "/status" => new Answer(200, JsonType, StatusDocument.Of(status(), withHistory: true)),
            "/" => Answer.Text(200, "/healthz /readyz /metrics /status"),
            _ => Answer.Text(404, "there are /healthz, /readyz, /metrics and /status"),
        };
    }

    // Why not is for those who may know the rest, too.
    private Answer Health(RequestHead request, HealthReport? report, string word) =>
        report is { IsHealthy: true } ? Answer.Text(200, word)
        : Answer.Text(503, report is null || !gate.MayKnow(request) ? "not " + word : VisibleText.Of($"not {word}: {string.Join("; ", report.Problems)}"));
}
