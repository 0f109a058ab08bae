using System.Text.RegularExpressions;
using Templater.Docker;
using Templater.Pipeline.Deployment.Preflight;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>A filter before the engine's socket that lets through what the README lists for one way to reload, and nothing else.</summary>
internal sealed partial class LeastCalls : IAsyncDisposable
{
    private const int Forbidden = 403;

    private readonly IReadOnlyCollection<AllowedCall> _calls;
    private readonly EngineRelay _relay;

    private LeastCalls(EngineRelay relay, IReadOnlyCollection<AllowedCall> calls)
    {
        (_relay, _calls) = (relay, calls);
        relay.Allows = line => calls.Any(call => IsCall(call, line));
        relay.Start();
    }

    /// <summary>Options of <c>docker run</c> that put it before a container.</summary>
    public string[] ContainerOptions => _relay.ContainerOptions;

    /// <param name="stage">Whose engine it is.</param>
    /// <param name="mode">Part of the way's name, as the README writes it.</param>
    public static LeastCalls Begin(Stage stage, string mode) =>
        new(stage.CreateRelay(Forbidden), AllowedCalls.For(EngineMode.Always.Purposes | EngineMode.All.Single(each => each.Name.Contains(mode, StringComparison.Ordinal)).Purposes).Calls);

    /// <summary>How often a call was made.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="end">How its path ends.</param>
    public int CountOf(string method, string end) =>
        _relay.Requests.Count(line => line.StartsWith(method + " ", StringComparison.Ordinal) && line.Split(' ')[1].Split('?')[0].EndsWith(end, StringComparison.Ordinal));

    /// <summary>Everything that was called is listed, and everything that is listed was called.</summary>
    public void AssertThatTheyWereMade()
    {
        Assert.That(_relay.Requests.Where(line => !_relay.Allows(line)), Is.Empty, "called and not listed");
        Assert.That(_calls.Where(call => !_relay.Requests.Any(line => IsCall(call, line))).Select(static call => call.ToString()), Is.Empty, "listed and not called");
    }

    public ValueTask DisposeAsync() => _relay.DisposeAsync();

    private static bool IsCall(AllowedCall call, string line)
    {
        var (method, target) = (line.Split(' ')[0], line.Split(' ')[1]);
        return call.Matches(method, Prefix().Replace(target.Split('?')[0], ""));
    }

    [GeneratedRegex(@"^/v\d+\.\d+")]
    private static partial Regex Prefix();
}
