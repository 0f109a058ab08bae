using System.Collections.Immutable;
using Templater.Docker;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>What to write into the settings of a proxy of the engine's socket.</summary>
/// <param name="Program">The program.</param>
/// <param name="Lines">Its settings, one a line.</param>
/// <param name="Note">What these settings allow beside; null when nothing more.</param>
public sealed record SocketProxyRules(string Program, ImmutableArray<string> Lines, string? Note)
{
    private const string Version = @"(/v1\..{1,2})?";
    private const string Name = "[a-zA-Z0-9_.-]+";

    /// <summary>The rules of the common programs that let exactly the given calls through, or as few more as they can.</summary>
    /// <param name="calls">The calls.</param>
    public static ImmutableArray<SocketProxyRules> For(ImmutableArray<AllowedCall> calls) => [Wollomatic(calls), LinuxServer(calls), Tecnativa(calls)];

    // Everything is denied but what is listed, path by path; the query is not looked at.
    private static SocketProxyRules Wollomatic(ImmutableArray<AllowedCall> calls) => new(
        "wollomatic/socket-proxy",
        [.. from method in (string[])["GET", "POST"] let paths = Paths(calls, method) where paths.Length > 0 select $"-allow{method}={Version}/({string.Join('|', paths)})"],
        NoteFor(path => calls.Any(call => call.Path.EndsWith(path, StringComparison.Ordinal))));

    private static string? NoteFor(Func<string, bool> isCalled) =>
        isCalled("/kill") ? "any container can be signalled, with any signal: write the proxy's id in the place of the pattern to have one only"
        : isCalled("/restart") ? "any container can be restarted: write the proxy's id in the place of the pattern to have one only"
        : null;

    private static string[] Paths(ImmutableArray<AllowedCall> calls, string method) =>
        [.. calls.Where(call => call.Method == method).Select(static call => call.Path[1..].Replace(".", @"\.", StringComparison.Ordinal).Replace("{id}", Name, StringComparison.Ordinal))];

    // Signals are let through before POST is asked about; the end of a log, and processes, have words of their own.
    private static SocketProxyRules LinuxServer(ImmutableArray<AllowedCall> calls)
    {
        var isExec = calls.Any(IsExec);
        var words = Words(calls, isExec ? "POST=1" : "POST=0");
        foreach (var call in calls)
        {
            if (Word(call.Path) is { } word)
                words.Add($"{word}=1");
        }

        return new SocketProxyRules(
            "linuxserver/socket-proxy",
            [.. words.Distinct()],
            isExec ? "POST=1 lets everything through that makes, runs and removes containers: as good as root on the host"
            : words.Contains("ALLOW_RESTARTS=1") ? "any container can be stopped and restarted"
            : null);
    }

    // POST is all or nothing: ALLOW_RESTARTS has no effect without it.
    private static SocketProxyRules Tecnativa(ImmutableArray<AllowedCall> calls)
    {
        var isWriting = calls.Any(static call => call.Method == "POST");
        return new SocketProxyRules(
            "tecnativa/docker-socket-proxy",
            [.. Words(calls, isWriting ? "POST=1" : "POST=0").Distinct()],
            isWriting
                ? "POST=1 lets everything through that makes, runs and removes containers: as good as root on the host. Use another one, or a reload without the engine (haproxy:, pidfile:, process:)"
                : "CONTAINERS=1 also lets any file of any container be read");
    }

    // The first part of a path is the word that allows all that begins like it.
    private static List<string> Words(ImmutableArray<AllowedCall> calls, string post)
    {
        var words = calls.Select(static call => call.Path.Split('/')[1].TrimStart('_').ToUpperInvariant()).Distinct().Order(StringComparer.Ordinal).Select(static word => $"{word}=1").ToList();
        words.Add(post);
        return words;
    }

    private static bool IsExec(AllowedCall call) => call.Purpose == CallPurposes.Exec;

    private static string? Word(string path) => path[(path.LastIndexOf('/') + 1)..] switch
    {
        "kill" or "restart" => "ALLOW_RESTARTS",
        "top" => "ALLOW_TOP",
        "logs" => "ALLOW_LOGS",
        _ => null,
    };
}
