using System.Text.Json;

namespace Templater.Language.Conformance;

/// <summary>JSON as objects and lists that a template may change.</summary>
internal static class JsonModel
{
    public static MapObject ReadObject(JsonElement element)
    {
        var result = new MapObject();
        foreach (var member in element.EnumerateObject())
            result.Put(member.Name, Read(member.Value));
        return result;
    }

    private static TemplateValue Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => TemplateValue.FromText(element.GetString()!),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? TemplateValue.From(whole) : TemplateValue.From(element.GetDouble()),
        JsonValueKind.True => TemplateValue.True,
        JsonValueKind.False => TemplateValue.False,
        JsonValueKind.Array => TemplateValue.From(new TemplateList([.. element.EnumerateArray().Select(Read)], isOwned: true)),
        JsonValueKind.Object => TemplateValue.From(ReadObject(element)),
        _ => TemplateValue.Null,
    };
}
