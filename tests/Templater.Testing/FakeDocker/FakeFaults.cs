namespace Templater.Testing;

/// <summary>What the fake engine does wrong, by path. The last rule that matches wins. Thread-safe.</summary>
/// <remarks>
/// A path has no version prefix; <c>*</c> at its end matches any rest, so <c>*</c> alone is every call. Each rule holds for
/// <c>times</c> requests, for ever by default.
/// </remarks>
public sealed class FakeFaults
{
    private readonly Lock _lock = new();
    private readonly List<Rule> _rules = [];

    internal enum Kind
    {
        Answer,
        Truncate,
        Hang,
        Close,
        Reset,
        Delay,
    }

    /// <summary>Answers with an error status and the engine's error form.</summary>
    public void Fail(string path, int status, string message = "made to fail", int times = int.MaxValue) =>
        Answer(path, status, "application/json", $"{{\"message\":{System.Text.Json.JsonSerializer.Serialize(message, FakeStrings.Default.String)}}}\n", times);

    /// <summary>Answers with the given status and body, for example garbage with status 200.</summary>
    public void Answer(string path, int status, string contentType, string body, int times = int.MaxValue) =>
        Add(new Rule(path, Kind.Answer, times) { Status = status, ContentType = contentType, Body = System.Text.Encoding.UTF8.GetBytes(body) });

    /// <summary>Answers with an empty list, as an engine does that has lost its state.</summary>
    public void EmptyList(string path, int times = int.MaxValue) => Answer(path, 200, "application/json", "[]\n", times);

    /// <summary>Sends a complete HTTP answer whose JSON is cut in the middle.</summary>
    public void Truncate(string path, int times = int.MaxValue) => Add(new Rule(path, Kind.Truncate, times));

    /// <summary>Never answers; the connection stays open.</summary>
    public void Hang(string path, int times = int.MaxValue) => Add(new Rule(path, Kind.Hang, times));

    /// <summary>Closes the connection after half of the answer.</summary>
    public void Close(string path, int times = int.MaxValue) => Add(new Rule(path, Kind.Close, times));

    /// <summary>Closes the connection instead of answering; on TCP with a reset.</summary>
    public void Reset(string path, int times = int.MaxValue) => Add(new Rule(path, Kind.Reset, times));

    /// <summary>Answers correctly, later.</summary>
    public void Delay(string path, TimeSpan delay, int times = int.MaxValue) => Add(new Rule(path, Kind.Delay, times) { Time = delay });

    /// <summary>Removes all rules: the engine works again. Requests that hang already go on hanging.</summary>
    public void Clear()
    {
        lock (_lock)
            _rules.Clear();
    }

    internal Rule? Take(string path)
    {
        lock (_lock)
        {
            var rule = _rules.FindLast(candidate => candidate.Matches(path));
            if (rule is not null && --rule.Left == 0)
                _rules.Remove(rule);
            return rule;
        }
    }

    private void Add(Rule rule)
    {
        lock (_lock)
            _rules.Add(rule);
    }

    internal sealed record Rule(string Path, Kind Kind, int Times)
    {
        public int Left { get; set; } = Times;

        public int Status { get; init; }

        public string ContentType { get; init; } = "";

        public byte[] Body { get; init; } = [];

        public TimeSpan Time { get; init; }

        public bool Matches(string path) => Path.EndsWith('*') ? path.StartsWith(Path[..^1], StringComparison.Ordinal) : path == Path;
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class FakeStrings : System.Text.Json.Serialization.JsonSerializerContext;
