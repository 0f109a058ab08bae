namespace Templater.Language.Tests;

/// <summary>xorshift64*: the same numbers on every machine and runtime.</summary>
internal sealed class RandomSource(ulong seed)
{
    // Seeds that differ in one bit must not begin alike, and 0 would stay 0.
    private ulong _state = (seed + 1) * 0x9E3779B97F4A7C15UL;

    public int Next(int below)
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return (int)((_state * 2685821657736338717UL >> 33) % (ulong)below);
    }

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];
}
