using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Protocol;

public sealed class NoncePoolTests
{
    [Test]
    public void ANonceIsGivenOnceAndTheNewestFirst()
    {
        var pool = new NoncePool(new FakeTimeProvider());
        pool.Add("a");
        pool.Add("b");
        pool.Add("a");

        Assert.That(new[] { pool.Take(), pool.Take(), pool.Take() }, Is.EqualTo(new[] { "b", "a", null }));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("a b")]
    [TestCase("a=")]
    [TestCase("ü")]
    public void WhatIsNoNonceIsIgnored(string? nonce)
    {
        var pool = new NoncePool(new FakeTimeProvider());
        pool.Add(nonce);
        pool.Add(new string('a', NoncePool.MaxNonceLength + 1));

        Assert.That(pool.Take(), Is.Null);
    }

    [Test]
    public void OldOnesAreForgotten()
    {
        var clock = new FakeTimeProvider();
        var pool = new NoncePool(clock);
        pool.Add("a");
        clock.Advance(NoncePool.MaxAge);
        Assert.That(pool.Take(), Is.EqualTo("a"));
        pool.Add("b");
        clock.Advance(NoncePool.MaxAge + TimeSpan.FromSeconds(1));

        Assert.That(pool.Take(), Is.Null);
    }

    [Test]
    public void TheOldestGoesWhenThereAreMany()
    {
        var pool = new NoncePool(new FakeTimeProvider());
        for (var number = 0; number <= NoncePool.MaxNonces; number++)
            pool.Add($"n{number}");
        var taken = new List<string?>();
        while (pool.Take() is { } nonce)
            taken.Add(nonce);

        Assert.That(taken, Has.Count.EqualTo(NoncePool.MaxNonces).And.None.EqualTo("n0"));
    }
}
