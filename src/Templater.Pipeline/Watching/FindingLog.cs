using System.Collections;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Watching;

/// <summary>
/// Writes findings to the log: each once, again when it changes, and <c>resolved:</c> with what it was about when it is gone. What one container
/// says again and again, because it starts and ends in a loop, is written at most once a minute. Thread-safe.
/// </summary>
internal sealed class FindingLog(ILogger logger, TimeProvider time)
{
    /// <summary>Time between two lines that say the same about one container.</summary>
    public static readonly TimeSpan FlapInterval = TimeSpan.FromMinutes(1);

    private const int MaxRemembered = 10_000;
    private const int MaxSubjectLength = 120;

    private readonly Lock _lock = new();

    // What the log says at present, and when, in timestamps that no change of the clock moves, each line about a container was written last.
    private readonly Dictionary<Key, Finding> _said = [];
    private readonly Dictionary<Finding, long> _saidAt = [];
    private readonly Dictionary<Key, long> _lastLine = [];

    /// <summary>Writes the difference between what the log says and what holds now.</summary>
    /// <param name="findings">Everything that holds now.</param>
    public void Update(IEnumerable<Finding> findings)
    {
        var present = new Dictionary<Key, Finding>();
        foreach (var finding in findings)
            present.TryAdd(Key.Of(finding), finding);
        lock (_lock)
        {
            var now = time.GetTimestamp();
            Forget(now);
            // A text about no container in particular that gives way to another one of its reason has changed, not ended.
            var changed = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var (key, finding) in Ordered(present))
            {
                if ((_said.GetValueOrDefault(key) is { } said && MatterOf(said) == MatterOf(finding)) || !MaySay(finding, now))
                    continue;
                Say(key, finding, now);
                if (key.Which.Length > 0)
                    changed[key.Reason] = changed.GetValueOrDefault(key.Reason) + 1;
            }

            foreach (var (key, finding) in Ordered(_said))
            {
                if (present.ContainsKey(key) || !MayResolve(key, now))
                    continue;
                var isChange = key.Which.Length > 0 && changed.GetValueOrDefault(key.Reason) > 0;
                if (isChange)
                    changed[key.Reason]--;
                Resolve(key, finding, now, isChange);
            }
        }
    }

    private bool MaySay(Finding finding, long now) =>
        finding.Container is null || !_saidAt.TryGetValue(MatterOf(finding), out var at) || time.GetElapsedTime(at, now) >= FlapInterval;

    private static Finding MatterOf(Finding finding) => finding.Matter is { } matter ? finding with { Message = matter } : finding;

    private bool MayResolve(Key key, long now) =>
        key.Container is null || !_lastLine.TryGetValue(key, out var at) || time.GetElapsedTime(at, now) >= FlapInterval;

    private void Say(Key key, Finding finding, long now)
    {
        _said[key] = finding;
        if (finding.Container is not null && _saidAt.Count < MaxRemembered)
        {
            _saidAt[MatterOf(finding)] = now;
            _lastLine[key] = now;
        }

        var level = finding.Severity switch
        {
            FindingSeverity.Error => LogLevel.Error,
            FindingSeverity.Warning => LogLevel.Warning,
            _ => LogLevel.Information,
        };
        Write(level, finding, finding.Message);
    }

    private void Resolve(Key key, Finding finding, long now, bool isChange)
    {
        _said.Remove(key);
        if (finding.Container is not null && _saidAt.Count < MaxRemembered)
            _saidAt[MatterOf(finding)] = now;
        // News do not get solved; they just stop being news.
        if (finding.Severity != FindingSeverity.Info && !isChange)
            Write(LogLevel.Information, finding with { Hint = null }, $"resolved: {Subject(finding)}");
    }

    // What was wrong with it was said when it was.
    private static string Subject(Finding finding)
    {
        string?[] names =
        [
            finding.Container is { } container ? $"container \"{container}\"" : null,
            finding.Host is { } host ? $"host {host}" : null,
            finding.Label is { } label ? $"label {label}" : null,
        ];
        var subject = string.Join(", ", names.OfType<string>());
        return subject.Length > 0 ? subject : FirstClause(finding.Message);
    }

    // Messages begin with what happened to what, and go on with why.
    private static string FirstClause(string message)
    {
        string[] ends = [": ", "; ", ". "];
        var length = ends.Select(end => message.IndexOf(end, StringComparison.Ordinal)).Where(static index => index > 0)
            .Append(message.Length).Min();
        return UntrustedText.Printable(message[..length].TrimEnd('.'), MaxSubjectLength);
    }

    private void Write(LogLevel level, Finding finding, string message)
    {
        if (logger.IsEnabled(level))
            logger.Log(level, new EventId(0, finding.Reason), new Fields(finding, message), null, static (fields, _) => fields.Message);
    }

    private void Forget(long now)
    {
        foreach (var (finding, at) in _saidAt.ToList())
        {
            if (time.GetElapsedTime(at, now) >= FlapInterval)
                _saidAt.Remove(finding);
        }

        foreach (var (key, at) in _lastLine.ToList())
        {
            if (time.GetElapsedTime(at, now) >= FlapInterval)
                _lastLine.Remove(key);
        }
    }

    private static List<KeyValuePair<Key, Finding>> Ordered(Dictionary<Key, Finding> findings) =>
        [.. findings.OrderBy(static f => f.Value.Container, StringComparer.Ordinal).ThenBy(static f => f.Value.Reason, StringComparer.Ordinal)
            .ThenBy(static f => f.Value.Message, StringComparer.Ordinal)];

    // Two findings are about the same thing when these agree; the message may change.
    private readonly record struct Key(string Reason, string? Container, string? Host, string? Label, string Which)
    {
        // Without any of the three only the text can tell two findings of one reason apart, as with two outputs. It is
        // then a new finding and not a changed one.
        public static Key Of(Finding finding) => new(
            finding.Reason, finding.Container, finding.Host, finding.Label,
            finding.Container is null && finding.Host is null && finding.Label is null ? finding.Matter ?? finding.Message : "");
    }

    private sealed class Fields(Finding finding, string message) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        private readonly ImmutableArray<KeyValuePair<string, object?>> _fields =
        [
            new("reason", finding.Reason), new("container", finding.Container), new("host", finding.Host),
            new("label", finding.Label), new("value", finding.Value), new("hint", finding.Hint),
        ];

        public string Message { get; } = message;

        public int Count => _fields.Length;

        public KeyValuePair<string, object?> this[int index] => _fields[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() =>
            ((IEnumerable<KeyValuePair<string, object?>>)_fields).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
