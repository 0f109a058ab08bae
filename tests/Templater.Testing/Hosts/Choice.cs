namespace Templater.Testing.Hosts;

/// <summary>Choices by chance, the same ones for the same seed on every machine.</summary>
internal sealed class Choice(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>True so many times out of a hundred.</summary>
    public bool In100(int times) => _random.Next(100) < times;

    /// <summary>A number of a range, both ends included.</summary>
    public int Between(int least, int most) => _random.Next(least, most + 1);

    /// <summary>One of some things.</summary>
    public T Of<T>(params ReadOnlySpan<T> things) => things[_random.Next(things.Length)];

    /// <summary>A few of some things, in any order, each at most once.</summary>
    public T[] Some<T>(int count, params ReadOnlySpan<T> things)
    {
        var all = things.ToArray();
        _random.Shuffle(all);
        return all[..Math.Min(count, all.Length)];
    }
}
