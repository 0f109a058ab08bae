using System.Collections.Immutable;
using System.Globalization;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// A signal that makes a proxy reload, with the number it has on Linux. There is no "default of the receiver": a kill
/// call without a signal means KILL to the engine, so a signal is always sent explicitly.
/// </summary>
/// <param name="Name">Name with its prefix, for example <c>SIGHUP</c>.</param>
/// <param name="Number">Number on Linux, 1 to 31.</param>
public readonly record struct ReloadSignal(string Name, int Number)
{
    /// <summary>What every supported proxy understands as "read your configuration again".</summary>
    public static readonly ReloadSignal Hup = new("SIGHUP", 1);

    private static readonly ImmutableSortedDictionary<string, int> Known = new Dictionary<string, int>
    {
        ["SIGHUP"] = 1,
        ["SIGINT"] = 2,
        ["SIGQUIT"] = 3,
        ["SIGABRT"] = 6,
        ["SIGKILL"] = 9,
        ["SIGUSR1"] = 10,
        ["SIGUSR2"] = 12,
        ["SIGPIPE"] = 13,
        ["SIGALRM"] = 14,
        ["SIGTERM"] = 15,
        ["SIGCHLD"] = 17,
        ["SIGCONT"] = 18,
        ["SIGSTOP"] = 19,
        ["SIGURG"] = 23,
        ["SIGWINCH"] = 28,
        ["SIGIO"] = 29,
        ["SIGPWR"] = 30,
    }.ToImmutableSortedDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>True for signals that end or freeze any program, so that they can never be a reload.</summary>
    internal bool IsDeadly => Name is "SIGKILL" or "SIGSTOP";

    /// <summary>Reads a name with or without <c>SIG</c>, in any case, or a number from the list of known ones.</summary>
    /// <param name="text">For example <c>HUP</c>, <c>sigusr2</c>, <c>1</c>.</param>
    /// <param name="signal">The signal.</param>
    public static bool TryParse(string text, out ReloadSignal signal)
    {
        foreach (var (name, number) in Known)
        {
            var isNumber = text == number.ToString(CultureInfo.InvariantCulture);
            if (isNumber || Same(text, name) || Same(text, name[3..]))
            {
                signal = new ReloadSignal(name, number);
                return true;
            }
        }

        signal = default;
        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
