namespace Templater.Language.Tests;

public sealed class ShapedObjectTests
{
    private static readonly Shape Shape = new("thing",
    [
        new ShapeMember("a", new TemplateType.Number(), ""),
        new ShapeMember("b", new TemplateType.Number(), ""),
        new ShapeMember("none", new TemplateType.Any(), ""),
    ]);

    [Test]
    public void MembersAreReadWhenAskedForAndOnlyOnce()
    {
        var thing = new Counting(Shape);
        var template = Template.Parse(new SourceText("t", "{{ b }}{{ b + b }}{{ none }}{{ none }}"), new LanguageOptions()).Template!;
        Assert.That(template.Render(thing).Text, Is.EqualTo("12"));
        Assert.That(thing.Reads, Is.EqualTo(new[] { 0, 1, 1 }));
        Assert.That(thing.Members.Select(member => member.Value.AsInteger()), Is.EqualTo(new long?[] { 0, 1, null }));
        Assert.That(thing.Reads, Is.EqualTo(new[] { 1, 1, 1 }));
    }

    [Test]
    public void WhatIsNotKeptIsReadEachTime()
    {
        var shape = new Shape("thing",
        [
            new ShapeMember("a", new TemplateType.Number(), "") { IsKept = false },
            new ShapeMember("b", new TemplateType.Number(), ""),
            new ShapeMember("none", new TemplateType.Any(), "") { IsKept = false },
        ]);
        var thing = new Counting(shape);
        var template = Template.Parse(new SourceText("t", "{{ b }}{{ a }}{{ a + b }}{{ none }}{{ none }}"), new LanguageOptions()).Template!;
        Assert.That(template.Render(thing).Text, Is.EqualTo("101"));
        Assert.That(thing.Reads, Is.EqualTo(new[] { 2, 1, 2 }));
        var given = new ShapedObject(shape, TemplateValue.From(5), TemplateValue.From(6), TemplateValue.True);
        Assert.That(template.Render(given).Text, Is.EqualTo("6511truetrue"));
    }

    [Test]
    public void ValuesMustFitTheShape() =>
        Assert.That(() => new ShapedObject(Shape, TemplateValue.True), Throws.ArgumentException.With.Message.Contains("3 members"));

    private sealed class Counting(Shape shape) : ShapedObject(shape)
    {
        public int[] Reads { get; } = new int[3];

        protected override TemplateValue Read(int index)
        {
            Reads[index]++;
            return index == 2 ? default : TemplateValue.From(index);
        }
    }
}
