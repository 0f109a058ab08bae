namespace Templater.Language;

/// <summary>Numbers for the global names of a template and everything it includes. Safe for several threads.</summary>
/// <remarks>
/// The table of a template lives as long as the template, so only names that stand in files get in. Names that come from elsewhere, from
/// objects that are imported or texts that are run, have a table of their render; their numbers are negative, and those that the template
/// knows, or that the language gives a meaning, keep theirs.
/// </remarks>
internal sealed class NameTable
{
    /// <summary>The number of no name.</summary>
    public const int None = -1;

    private const int FirstOfRender = None - 1;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly TemplateProgram? _program;

    /// <summary>The table of a template.</summary>
    public NameTable()
    {
    }

    /// <summary>The table of a render of the template.</summary>
    public NameTable(TemplateProgram program) => _program = program;

    public int Count
    {
        get
        {
            lock (_lock)
                return _names.Count;
        }
    }

    public int IdOf(string name)
    {
        lock (_lock)
        {
            if (_ids.TryGetValue(name, out var id))
                return id;
            if (_program is not null)
            {
                if (_program.Names.TryFind(name, out id))
                    return id;
                if (_program.Library.TryGet(name, out _))
                    return _program.Names.IdOf(name);
            }
            id = _program is null ? _names.Count : FirstOfRender - _names.Count;
            _ids.Add(name, id);
            _names.Add(name);
            return id;
        }
    }

    public bool TryFind(string name, out int id)
    {
        lock (_lock)
            return _ids.TryGetValue(name, out id) || _program?.Names.TryFind(name, out id) == true;
    }

    public string NameOf(int id)
    {
        if (id >= 0 && _program is not null)
            return _program.Names.NameOf(id);
        lock (_lock)
            return _names[id >= 0 ? id : FirstOfRender - id];
    }
}
