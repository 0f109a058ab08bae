using System.Text.Json;

namespace Templater.Language.Conformance;

/// <summary>JSON as objects and lists that a template may change.</summary>
internal sealed class JsonModel
{
    private readonly MapLayouts _layouts = new();

    // Models repeat themselves: states, networks, ports.
    private readonly TextPool _texts = new();

    public static MapObject ReadObject(JsonElement element) => new JsonModel().ReadMembers(element);

    private MapObject ReadMembers(JsonElement element)
    {
        var names = new List<string>();
        var values = new List<TemplateValue>();
        foreach (var member in element.EnumerateObject())
        {
            names.Add(member.Name);
            values.Add(Read(member.Value));
        }
        return _layouts.Map(names, values);
    }

    private TemplateValue Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => TemplateValue.FromText(_texts.Get(element.GetString())),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? TemplateValue.From(whole) : TemplateValue.From(element.GetDouble()),
        JsonValueKind.True => TemplateValue.True,
        JsonValueKind.False => TemplateValue.False,
        JsonValueKind.Array => TemplateValue.From(new TemplateList([.. element.EnumerateArray().Select(Read)], isOwned: true)),
        JsonValueKind.Object => TemplateValue.From(ReadMembers(element)),
        _ => TemplateValue.Null,
    };
}
