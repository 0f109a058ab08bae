using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>The functions that a template finds without defining them: those of the language and those of the program.</summary>
internal sealed class Library
{
    private static readonly Library OfLanguage = new([]);

    private readonly IReadOnlyList<FunctionDefinition> _functions;
    private readonly Dictionary<string, TemplateValue> _roots;
    private readonly (string Name, int Hash)[] _hashes;

    /// <summary>The functions of the language and <paramref name="functions"/>.</summary>
    public static Library With(IReadOnlyList<FunctionDefinition> functions) => functions.Count == 0 ? OfLanguage : new Library(functions);

    private Library(IReadOnlyList<FunctionDefinition> functions)
    {
        _functions = functions;
        _roots = new Dictionary<string, TemplateValue>(StringComparer.Ordinal)
        {
            ["empty"] = TemplateValue.From(EmptyObject.Instance),
            ["blank"] = TemplateValue.From(EmptyObject.Instance),
        };
        foreach (var definition in IncludeFunctions.All)
            _roots[definition.Name] = TemplateValue.From(new DefinedFunction(definition));
        foreach (var name in Builtins.Objects)
            _roots[name] = TemplateValue.From(new NamespaceObject(name, functions));
        foreach (var definition in functions)
        {
            var dot = definition.Name.IndexOf('.', StringComparison.Ordinal);
            var name = dot < 0 ? definition.Name : definition.Name[..dot];
            if (_roots.GetValueOrDefault(name).Reference is not NamespaceObject)
                _roots[name] = dot < 0 ? TemplateValue.From(new DefinedFunction(definition)) : TemplateValue.From(new NamespaceObject(name, functions));
        }
        _hashes = new (string, int)[_roots.Count];
        var count = 0;
        foreach (var name in _roots.Keys)
            _hashes[count++] = (name, MapLayout.HashOf(name));
    }

    public IEnumerable<FunctionDefinition> All => Builtins.All.Concat(_functions);

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

/// <summary>An object of functions, such as <c>string</c>. They are made when a template first names one.</summary>
internal sealed class NamespaceObject(string name, IReadOnlyList<FunctionDefinition> functions) : TemplateObject
{
    private readonly Lazy<Dictionary<string, TemplateValue>> _members = new(() => Make(name, functions));

    public override string TypeName => name;

    /// <summary>The function that the object itself stands for: <c>date x</c> is <c>date.parse x</c>.</summary>
    public TemplateFunction? Callee => name == "date" ? _members.Value.GetValueOrDefault("parse").AsFunction() : null;

    public override int Count => _members.Value.Count;

    public override IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Members =>
        _members.Value.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(TemplateValue.FromText(m.Key), m.Value));

    internal override bool HasFixedMembers => true;

    public override bool TryGet(string name, out TemplateValue value) => _members.Value.TryGetValue(name, out value);

    private static Dictionary<string, TemplateValue> Make(string name, IReadOnlyList<FunctionDefinition> functions)
    {
        var members = new Dictionary<string, TemplateValue>(StringComparer.Ordinal);
        var start = name + ".";
        // The program's functions win over the language's.
        foreach (var definition in Builtins.Of(name).Concat(functions))
            if (definition.Name.StartsWith(start, StringComparison.Ordinal))
                members[definition.Name[start.Length..]] = TemplateValue.From(new DefinedFunction(definition));
        if (name == "date")
        {
            // What dates look like that no function formats. A template that is not strict may set the second one.
            members.TryAdd("default_format", TemplateValue.FromText(DateFormat.Default));
            members.TryAdd("format", TemplateValue.FromText(DateFormat.Default));
        }
        return members;
    }
}
