namespace Templater.Language;

/// <summary>Numbers for the global names of a template and everything it includes. Safe for several threads.</summary>
internal sealed class NameTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

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
            _ids.Add(name, _names.Count);
            _names.Add(name);
            return _names.Count - 1;
        }
    }

    public bool TryFind(string name, out int id)
    {
        lock (_lock)
            return _ids.TryGetValue(name, out id);
    }

    public string NameOf(int id)
    {
        lock (_lock)
            return _names[id];
    }
}
