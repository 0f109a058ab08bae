using System.Collections.Immutable;
using Templater.Language;

namespace Templater.Pipeline.Rendering.Templates;

/// <summary>
/// Finds what a template includes: in its own folder, then in the include directory, then among the shipped parts. A
/// file that lies elsewhere once its links are resolved does not exist. What a name in one place stands for is read
/// once, so that all renders of one load see the same text; two names of one file are read each. Safe for several threads.
/// </summary>
internal sealed class IncludeLoader(ITemplateFiles files, string templatePath, bool isShipped, string? includeDirectory) : ITemplateLoader
{
    /// <summary>Most paths that are remembered: a template may make names out of anything.</summary>
    public const int MaxPaths = 500;

    // Also held while a file is read: two renders at once must not see two texts of it.
    private readonly Lock _lock = new();
    private readonly Dictionary<Inclusion, LoadedTemplate?> _loaded = [];
    private volatile ImmutableSortedSet<string> _paths = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Texts of all files that were included so far.</summary>
    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (_lock)
                return [.. _loaded.Values.OfType<LoadedTemplate>().Select(template => template.Text)];
        }
    }

    /// <summary>
    /// Paths on the disk of all files that were looked for so far, found or not, links not resolved; at most
    /// <see cref="MaxPaths"/>. Never waits for a file that is being read.
    /// </summary>
    public ImmutableSortedSet<string> Paths => _paths;

    /// <summary>Why the last file that could not be read could not; null when all could.</summary>
    public string? Problem
    {
        get
        {
            lock (_lock)
                return field;
        }
        private set;
    }

    /// <inheritdoc/>
    public LoadedTemplate? Load(string name, string includedFrom)
    {
        lock (_lock)
        {
            if (!_loaded.TryGetValue(new Inclusion(name, includedFrom), out var known))
                _loaded[new Inclusion(name, includedFrom)] = known = Find(name, includedFrom);
            return known;
        }
    }

    private LoadedTemplate? Find(string name, string includedFrom)
    {
        return isShipped || includedFrom.StartsWith(ShippedTemplates.Root, StringComparison.Ordinal)
            ? Shipped(Combine(Folder(includedFrom), name))
            : OnDisk(name) ?? Shipped(ShippedTemplates.Root + name) ?? ShippedBeside(name);
    }

    private LoadedTemplate? OnDisk(string name)
    {
        if (name.Contains('\0', StringComparison.Ordinal))
            return null;
        string?[] folders = [Path.GetDirectoryName(Path.GetFullPath(templatePath)), includeDirectory];
        foreach (var folder in folders.OfType<string>())
        {
            Note(Path.Combine(folder, name));
            try
            {
                var root = files.Resolve(folder).TrimEnd('/') + "/";
                var path = files.Resolve(Path.Combine(root, name));
                if (!path.StartsWith(root, StringComparison.Ordinal) || files.Read(path) is not { } text)
                    continue;
                return new LoadedTemplate(Path.Combine(Path.GetDirectoryName(templatePath) ?? "", name), text);
            }
            catch (TemplateFileException exception)
            {
                Problem = exception.Message;
            }
        }

        return null;
    }

    // Only one thread at a time loads; it is the readers that must never see half a set.
    private void Note(string path)
    {
        if (_paths.Count < MaxPaths)
            _paths = _paths.Add(path);
    }

    // A copy of a shipped template still finds the parts that lie beside the original.
    private static LoadedTemplate? ShippedBeside(string name) => ShippedTemplates.All
        .Select(template => Folder(template.Path)).Distinct(StringComparer.Ordinal)
        .Select(folder => Shipped(folder + name)).FirstOrDefault(part => part is not null);

    private static LoadedTemplate? Shipped(string path) =>
        ShippedTemplates.Read(path) is { } text ? new LoadedTemplate(path, text) : null;

    private static string Folder(string path) => path[..(path.LastIndexOf('/') + 1)];

    private static string Combine(string folder, string name) => folder + name;

    private sealed record Inclusion(string Name, string From);
}
