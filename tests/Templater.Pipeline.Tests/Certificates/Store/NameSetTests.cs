using Templater.Pipeline.Certificates.Store;

namespace Templater.Pipeline.Tests.Certificates.Store;

public sealed class NameSetTests
{
    private static readonly string Names = NameSet.Of(["b.example.com", "a.example.com"]);

    [Test]
    public void ASetOfNamesIsOneTextWhateverTheirOrder()
    {
        string[] many = [.. Enumerable.Range(0, 100).Select(static i => $"n{i}.example.com")];
        Assert.That(Names, Is.EqualTo("a.example.com,b.example.com"));
        Assert.That(NameSet.Of(["a.example.com", "b.example.com", "a.example.com"]), Is.EqualTo(Names));
        Assert.That(NameSet.Of(many.Reverse()), Is.EqualTo(NameSet.Of(many)).And.Length.LessThan(150));
        Assert.That(NameSet.Of(many[1..]), Is.Not.EqualTo(NameSet.Of(many)));
        Assert.That(NameSet.Of([many[0], .. many[2..]]), Is.Not.EqualTo(NameSet.Of([many[0], many[1], .. many[3..]])));
    }
}
