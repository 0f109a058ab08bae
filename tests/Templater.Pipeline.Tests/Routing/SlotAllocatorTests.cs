using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

public sealed class SlotAllocatorTests
{
    private static Upstream Of(params string[] containers) => new()
    {
        Name = "api",
        Servers = [.. containers.Select(id => new UpstreamServer { Container = new ContainerId(id), Address = "10.0.0.1", Port = 80 })],
    };

    private static UpstreamSlots Assign(Upstream upstream, UpstreamSlots? previous = null, params string[] existing) =>
        SlotAllocator.Assign(
            [upstream],
            previous is null ? SlotAssignment.Empty : new SlotAssignment(SlotAssignment.Empty.Upstreams.Add("api", previous)),
            existing.ToHashSet()).Upstreams["api"];

    private static string Show(UpstreamSlots slots) =>
        string.Join(' ', slots.Taken.OrderBy(pair => pair.Value).Select(pair => $"{pair.Value}={pair.Key}")) + $" of {slots.Capacity}";

    [TestCase(0, 4)]
    [TestCase(1, 5)]
    [TestCase(16, 20)]
    [TestCase(20, 25)]
    [TestCase(100, 125)]
    public void ReservesAQuarterAndAtLeastFour(int servers, int capacity) =>
        Assert.That(Assign(Of([.. Enumerable.Range(100, servers).Select(number => $"c{number}")])).Capacity, Is.EqualTo(capacity));

    [Test]
    public void NumbersInTheOrderGiven() => Assert.That(Show(Assign(Of("b", "a"))), Is.EqualTo("1=b:80 2=a:80 of 6"));

    [Test]
    public void AServerKeepsItsSlotAndANewOneTakesTheLowestFree()
    {
        var first = Assign(Of("a", "b", "c"));
        Assert.That(Show(Assign(Of("d", "b", "c"), first, "b", "c", "d")), Is.EqualTo("1=d:80 2=b:80 3=c:80 of 7"));
    }

    [Test]
    public void AContainerThatIsAwayForAMomentKeepsItsSlot()
    {
        var away = Assign(Of("b", "c"), Assign(Of("a", "b")), "a", "b", "c");
        Assert.That(Show(Assign(Of("a", "b", "c"), away, "a", "b", "c")), Is.EqualTo("1=a:80 2=b:80 3=c:80 of 6"));
    }

    [Test]
    public void GrowsOnlyWhenItMust()
    {
        var first = Assign(Of("a"));
        Assert.That(Assign(Of("a", "b", "c", "d", "e"), first).Capacity, Is.EqualTo(5));
        Assert.That(Assign(Of("a", "b", "c", "d", "e", "f"), first).Capacity, Is.EqualTo(10));
    }

    [Test]
    public void DoesNotBelieveABrokenAssignment()
    {
        var broken = new UpstreamSlots(int.MaxValue, ImmutableSortedDictionary<string, int>.Empty.Add("a:80", 0).Add("b:80", 2).Add("c:80", 2).Add("d:80", -7));
        Assert.That(Show(Assign(Of("a", "b", "c"), broken, "a", "b", "c", "d")), Is.EqualTo("1=a:80 2=b:80 3=c:80 of 7"));
    }

    [TestCase(int.MaxValue)]
    [TestCase(SlotAllocator.MostKept + 1)]
    public void DoesNotBelieveASlotNearTheEndOfNumbers(int slot)
    {
        var broken = new UpstreamSlots(int.MaxValue, ImmutableSortedDictionary<string, int>.Empty.Add("a:80", slot));
        Assert.That(Show(Assign(Of("a", "b"), broken, "a", "b")), Is.EqualTo("1=a:80 2=b:80 of 6"));
    }

    [Test]
    public void ASecondRunOverItsOwnResultChangesNothing()
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Given.Hosted("api-2", "api.example.com"), Given.Hosted("api-1", "api.example.com"));
        var first = Given.Routed(snapshot);
        var second = Given.Routed(snapshot with { Slots = snapshot.Slots.SetItem("nginx", first.Slots) });
        Assert.That(Given.Dump(second), Is.EqualTo(Given.Dump(first)));
    }
}
