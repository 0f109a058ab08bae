using System.Collections.Immutable;

namespace Templater.Docker;

/// <summary>What a client is for. Combine the values that are needed.</summary>
[Flags]
public enum CallPurposes
{
    /// <summary>No call at all.</summary>
    None = 0,
    /// <summary>Reading containers and networks once. GET only.</summary>
    Read = 1,
    /// <summary>Looking at a container's processes. GET only.</summary>
    Processes = 2,
    /// <summary>Signalling a container.</summary>
    Signal = 4,
    /// <summary>Restarting a container.</summary>
    Restart = 8,
    /// <summary>Running a command in a container: as good as root on the host.</summary>
    Exec = 16,
    /// <summary>Reading a container's log. GET only.</summary>
    Logs = 32,
    /// <summary>Being told of changes. GET only.</summary>
    Events = 64,
    /// <summary>Reading the services of a Swarm. GET only.</summary>
    Services = 128,
    /// <summary>Reading everything about single networks. GET only.</summary>
    NetworkDetails = 256,
    /// <summary>Reading containers and networks for as long as they change. GET only.</summary>
    Watch = Read | Events,
    /// <summary>Proving a reload by a container's processes and log. GET only.</summary>
    Verify = Processes | Logs,
}

/// <summary>One call of the Engine API.</summary>
/// <param name="Method"><c>GET</c> or <c>POST</c>.</param>
/// <param name="Path">Path without the version prefix; <c>{id}</c> stands for one segment.</param>
/// <param name="Need">What it is needed for, in a few words.</param>
/// <param name="Purpose">The single purpose that allows it.</param>
public sealed record AllowedCall(string Method, string Path, string Need, CallPurposes Purpose)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Path}";

    /// <summary>Whether a request is this call.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path without version prefix and query.</param>
    public bool Matches(string method, ReadOnlySpan<char> path)
    {
        if (!string.Equals(method, Method, StringComparison.Ordinal))
            return false;
        var hole = Path.IndexOf("{id}", StringComparison.Ordinal);
        if (hole < 0)
            return path.SequenceEqual(Path);
        var before = Path.AsSpan(0, hole);
        var after = Path.AsSpan(hole + "{id}".Length);
        return path.Length > before.Length + after.Length
            && path.StartsWith(before) && path.EndsWith(after)
            && !path[before.Length..^after.Length].Contains('/');
    }
}

/// <summary>The calls that a client may make: everything that is not on the list is denied. Immutable.</summary>
public sealed class AllowedCalls
{
    private static readonly ImmutableArray<AllowedCall> Known =
    [
        new("GET", "/_ping", "settling the API version, noticing that the engine is gone", CallPurposes.Read),
        new("GET", "/version", "telling which engine it is", CallPurposes.Read),
        new("GET", "/info", "finding out about a Swarm; what is refused is taken for none", CallPurposes.Read),
        new("GET", "/events", "noticing changes", CallPurposes.Events),
        new("GET", "/containers/json", "finding containers", CallPurposes.Read),
        new("GET", "/containers/{id}/json", "reading a container's environment, ports and health", CallPurposes.Read),
        new("GET", "/networks", "choosing networks", CallPurposes.Read),
        new("GET", "/networks/{id}", "reading a network's address range", CallPurposes.NetworkDetails),
        new("GET", "/services", "routing the services of a Swarm", CallPurposes.Services),
        new("GET", "/tasks", "finding the replicas of a Swarm's services", CallPurposes.Services),
        new("GET", "/nodes", "naming the nodes of a Swarm", CallPurposes.Services),
        new("GET", "/containers/{id}/top", "proving a reload by the proxy's processes", CallPurposes.Processes),
        new("GET", "/containers/{id}/logs", "reading why the proxy refused a file", CallPurposes.Logs),
        new("POST", "/containers/{id}/kill", "signalling the proxy", CallPurposes.Signal),
        new("POST", "/containers/{id}/restart", "restarting the proxy", CallPurposes.Restart),
        new("POST", "/containers/{id}/exec", "running a command in the proxy's container", CallPurposes.Exec),
        new("POST", "/exec/{id}/start", "running a command in the proxy's container", CallPurposes.Exec),
        new("GET", "/exec/{id}/json", "reading the command's exit code", CallPurposes.Exec),
    ];

    private AllowedCalls(ImmutableArray<AllowedCall> calls) => Calls = calls;

    /// <summary>The calls, reading first.</summary>
    public ImmutableArray<AllowedCall> Calls { get; }

    /// <summary>The calls that the given purposes need and no other.</summary>
    /// <param name="purposes">Any combination.</param>
    public static AllowedCalls For(CallPurposes purposes) => new([.. Known.Where(call => purposes.HasFlag(call.Purpose))]);

    /// <summary>What a call is needed for, whoever may make it.</summary>
    /// <param name="call">The call as <c>GET /networks</c>, without version prefix and query.</param>
    /// <returns>A few words; null when no client ever makes such a call.</returns>
    public static string? NeedOf(string call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var space = call.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? null : Known.FirstOrDefault(known => known.Matches(call[..space], call.AsSpan(space + 1)))?.Need;
    }

    /// <summary>The call that permits a request.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path without version prefix and query.</param>
    /// <exception cref="InvalidOperationException">It is on nobody's list: a bug in the caller, who asked for fewer purposes than it uses.</exception>
    public AllowedCall Demand(string method, string path)
    {
        foreach (var call in Calls)
        {
            if (call.Matches(method, path))
                return call;
        }

        throw new InvalidOperationException($"{method} {path} is not among the calls that this client may make");
    }
}
