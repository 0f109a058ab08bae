using System.Text.Json;

namespace Templater.Language.Conformance;

/// <summary>JSON as objects and lists that a template may change.</summary>
internal sealed class JsonModel
{
    // One text for each name, however many objects have a member of that name.
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public static MapObject ReadObject(JsonElement element) => new JsonModel().ReadMembers(element);

    private MapObject ReadMembers(JsonElement element)
    {
        var result = new MapObject();
        foreach (var member in element.EnumerateObject())
        {
            if (!_names.TryGetValue(member.Name, out var name))
                _names.Add(name = member.Name, name);
            result.Put(name, Read(member.Value));
        }
        return result;
    }

    private TemplateValue Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => TemplateValue.FromText(element.GetString()!),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? TemplateValue.From(whole) : TemplateValue.From(element.GetDouble()),
        JsonValueKind.True => TemplateValue.True,
        JsonValueKind.False => TemplateValue.False,
        JsonValueKind.Array => TemplateValue.From(new TemplateList([.. element.EnumerateArray().Select(Read)], isOwned: true)),
        JsonValueKind.Object => TemplateValue.From(ReadMembers(element)),
        _ => TemplateValue.Null,
    };
}
