namespace Templater.Language;

/// <summary>Numbers that look like chance and are the same for the same seed, on every machine and version (SplitMix64). No secrets.</summary>
internal sealed class Chance(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number from 0 up to, not including, <paramref name="end"/>, which is positive.</summary>
    public ulong Below(ulong end) => (ulong)(((UInt128)Next() * end) >> 64);
}
