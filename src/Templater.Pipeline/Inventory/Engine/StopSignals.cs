using System.Globalization;

namespace Templater.Pipeline.Inventory.Engine;

/// <summary>Which signals announce the end of a container. Pure.</summary>
internal static class StopSignals
{
    private const int Interrupt = 2;
    private const int Quit = 3;
    private const int Kill = 9;
    private const int Terminate = 15;

    /// <summary>True when a container that gets the signal is being stopped.</summary>
    /// <param name="signal">The signal as the event gives it: a number, or a name with or without <c>SIG</c>.</param>
    /// <param name="stopSignal">The signal with which the engine stops that container; empty = SIGTERM.</param>
    public static bool Announces(string signal, string stopSignal) =>
        Number(signal) is { } number && (number is Interrupt or Quit or Kill or Terminate || number == Number(stopSignal));

    /// <summary>The number of a signal on Linux; null for words that are none.</summary>
    public static int? Number(string signal)
    {
        var word = signal.Trim().ToUpperInvariant();
        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number is > 0 and < 65 ? number : null;
        if (word.StartsWith("SIG", StringComparison.Ordinal))
            word = word[3..];
        return word switch
        {
            "HUP" => 1,
            "INT" => Interrupt,
            "QUIT" => Quit,
            "ABRT" => 6,
            "KILL" => Kill,
            "USR1" => 10,
            "USR2" => 12,
            "ALRM" => 14,
            "TERM" => Terminate,
            "CONT" => 18,
            "PWR" => 30,
            "WINCH" => 28,
            _ when word.StartsWith("RTMIN+", StringComparison.Ordinal)
                && int.TryParse(word.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var offset) && offset <= 15 => 34 + offset,
            _ => null,
        };
    }
}
