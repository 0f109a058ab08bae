using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// A matrix of the full tier in shares that run side by side, each at a site of its own: most of what a step does is waiting. Each share finds
/// the calls by itself, and how often somebody was asked differs, so what a call is says whose it is.
/// </summary>
internal static partial class Shares
{
    /// <summary>How many; outside of the full tier a matrix is one short share.</summary>
    public static int Count { get; } = Rotation.IsFullTier ? 4 : 1;

    /// <summary>Runs all shares.</summary>
    /// <param name="run">Runs one, given its number from 0 on.</param>
    /// <returns>What came of each.</returns>
    public static Task<T[]> RunAsync<T>(Func<int, Task<T>> run) => Task.WhenAll(Enumerable.Range(0, Count).Select(share => Task.Run(() => run(share))));

    /// <summary>Whose a call is.</summary>
    /// <param name="call">The call.</param>
    /// <param name="site">Where it was traced.</param>
    /// <param name="generations">What paths are called by, in the order of their words.</param>
    /// <param name="further">What else tells it from others.</param>
    public static int Of(TracedCall call, FaultSite site, IReadOnlyList<string> generations, string further = "")
    {
        var path = call.Path is { } known ? Generation().Replace(known[site.Root.Length..], match => $"{generations.ToList().IndexOf(match.Value)}") : "";
        return SHA256.HashData(Encoding.UTF8.GetBytes($"{call.Name} {path} {call.Ordinal} {further}"))[0] % Count;
    }

    /// <summary>A generation in a path.</summary>
    [GeneratedRegex("[0-9a-f]{16}")]
    public static partial Regex Generation();
}
