using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>The functions that a template finds without defining them: those of the language and those of the program.</summary>
internal sealed class Library
{
    private static readonly Library OfLanguage = new([]);

    private readonly Dictionary<string, TemplateValue> _roots;
    private readonly (string Name, int Hash)[] _hashes;

    /// <summary>The functions of the language and <paramref name="functions"/>.</summary>
    public static Library With(IReadOnlyList<FunctionDefinition> functions) => functions.Count == 0 ? OfLanguage : new Library(functions);

    private Library(IReadOnlyList<FunctionDefinition> functions)
    {
        All = [.. Builtins.All, .. functions];
        var roots = new Dictionary<string, TemplateValue>(StringComparer.Ordinal)
        {
            ["empty"] = TemplateValue.From(EmptyObject.Instance),
            ["blank"] = TemplateValue.From(EmptyObject.Instance),
        };
        var objects = new Dictionary<string, Dictionary<string, TemplateValue>>(StringComparer.Ordinal);
        foreach (var definition in All)
        {
            var function = TemplateValue.From(new DefinedFunction(definition));
            var dot = definition.Name.IndexOf('.', StringComparison.Ordinal);
            if (dot < 0)
            {
                roots[definition.Name] = function;
                continue;
            }
            var name = definition.Name[..dot];
            if (!objects.TryGetValue(name, out var members))
                objects.Add(name, members = new Dictionary<string, TemplateValue>(StringComparer.Ordinal));
            // The program's functions win over the language's.
            members[definition.Name[(dot + 1)..]] = function;
        }
        // What dates look like that no function formats. A template that is not strict may set the second one.
        objects["date"].TryAdd("default_format", TemplateValue.FromText(DateFormat.Default));
        objects["date"].TryAdd("format", TemplateValue.FromText(DateFormat.Default));
        foreach (var (name, members) in objects)
            roots[name] = TemplateValue.From(new NamespaceObject(name, members));
        _roots = roots;
        _hashes = [.. _roots.Keys.Select(name => (name, MapLayout.HashOf(name)))];
    }

    public ImmutableArray<FunctionDefinition> All { get; }

    public IEnumerable<string> Names => _roots.Keys;

    /// <summary>Whether an object has a member of the same name as one of these.</summary>
    public bool IsHiddenBy(TemplateObject model)
    {
        foreach (var (name, hash) in _hashes)
            if (model is MapObject map ? map.Has(name, hash) : model.TryGet(name, out _))
                return true;
        return false;
    }

    public bool TryGet(string name, out TemplateValue value) => _roots.TryGetValue(name, out value);

    public IEnumerable<string> QuotingFunctions(string format) => All.Where(function => function.Quotes == format).Select(function => function.Name);
}

/// <summary>An object of functions, such as <c>string</c>.</summary>
internal sealed class NamespaceObject(string name, Dictionary<string, TemplateValue> members) : TemplateObject
{
    public override string TypeName => name;

    /// <summary>The function that the object itself stands for: <c>date x</c> is <c>date.parse x</c>.</summary>
    public TemplateFunction? Callee => name == "date" ? members.GetValueOrDefault("parse").AsFunction() : null;

    public override int Count => members.Count;

    public override IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Members =>
        members.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(TemplateValue.FromText(m.Key), m.Value));

    internal override bool HasFixedMembers => true;

    public override bool TryGet(string name, out TemplateValue value) => members.TryGetValue(name, out value);
}
