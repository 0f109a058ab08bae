using System.Collections.Immutable;

namespace Templater.Language.Tests;

/// <summary>The text that the caller replaces in the output.</summary>
public sealed class StampTests
{
    private static readonly Shape Root = new("model",
    [
        new ShapeMember("id", new TemplateType.Text(), ""),
        new ShapeMember("other", new TemplateType.Text(), ""),
    ]);

    [TestCase("a {{ id }} b {{ id }}\n{{ for i in 1..2 }}{{ id }}{{ end }}", 2, 7, 10, 12)]
    [TestCase("{{ func f(x) }}{{ id }}{{ x }}{{ end }}-{{ f 1 }}", 1)]
    [TestCase("{{ include 'part' }}", 2)]
    [TestCase("{{ if other == '00' }}00{{ id }}{{ end }}", 2)]
    [TestCase("{{ id = 'x' }}{{ id }}")]
    [TestCase("{{ other }}")]
    public void ItsPlacesAreTold(string template, params int[] places) =>
        Assert.That(Render(template).Stamps, Is.EqualTo((ImmutableArray<int>?)[.. places]));

    [TestCase("{{ x = id }}{{ x }}")]
    [TestCase("{{ id | string.upcase }}")]
    [TestCase("{{ id + 'x' }}")]
    [TestCase("{{ id }}{{ if id == '00' }}x{{ end }}")]
    [TestCase("{{ capture x }}{{ id }}{{ end }}{{ x | string.size }}")]
    [TestCase("{{ $\"{id}\" | string.size }}")]
    [TestCase("{{ this.id }}")]
    [TestCase("{{ this['id'] }}")]
    [TestCase("{{ for m in this }}{{ m.key }}{{ end }}")]
    [TestCase("{{ [id] }}")]
    [TestCase("{{ id[0] }}")]
    [TestCase("{{ with {a: 1} }}{{ id | string.size }}{{ end }}")]
    [TestCase("{{ func f }}{{ ret id }}{{ end }}{{ f }}")]
    [TestCase("{{ id ?? 'x' }}")]
    public void AnyOtherUseIsTold(string template)
    {
        var result = Render(template);
        Assert.That(result.Error, Is.Null);
        Assert.That(result.Stamps, Is.Null);
    }

    private static RenderResult Render(string template)
    {
        var parsed = Template.Parse(new SourceText("t", template), new LanguageOptions { Stamp = "id", Loader = new Part() });
        return parsed.Template!.Render(new ShapedObject(Root, TemplateValue.FromText("00"), TemplateValue.FromText("00")));
    }

    private sealed class Part : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom) => new(name, "p {{ id }}");
    }
}
