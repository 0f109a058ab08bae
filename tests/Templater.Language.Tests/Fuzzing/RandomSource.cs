namespace Templater.Language.Tests;

/// <summary>Small numbers of a seed: the same on every machine and runtime.</summary>
internal sealed class RandomSource(ulong seed)
{
    private readonly Chance _chance = new(seed);

    public int Next(int below) => (int)_chance.Below((ulong)below);

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];
}
