namespace Templater.Pipeline.Deployment;

/// <summary>
/// Where the files of a group lie: <c>DIR/.templater/OUTPUT/gen/ID/</c> holds one whole set, the relative link
/// <c>DIR/.templater/OUTPUT/current</c> says which one holds, and the output's own file is a relative link through it. The name of the
/// output keeps several outputs in one directory apart. Names that begin with a dot are read by no glob of a proxy.
/// </summary>
/// <param name="path">Absolute path of the output.</param>
/// <param name="output">Name of the output.</param>
internal sealed class GroupPaths(string path, string output)
{
    /// <summary>Folder of all groups in a directory.</summary>
    public const string Folder = ".templater";

    /// <summary>Name of the link that says which set holds.</summary>
    public const string Current = "current";

    private const string Sets = "gen";

    /// <summary>Name of the configuration's own file in each set.</summary>
    public string Entry { get; } = Path.GetFileName(path);

    /// <summary>Directory of the output.</summary>
    public string Directory { get; } = Path.GetDirectoryName(path) ?? "/";

    /// <summary>Folder of all groups of the directory.</summary>
    public string Top => Path.Combine(Directory, Folder);

    /// <summary>Folder of the group.</summary>
    public string Root => Path.Combine(Top, StateDirectory.FileNameOf(output));

    /// <summary>Folder of the sets.</summary>
    public string AllSets => Path.Combine(Root, Sets);

    /// <summary>The link that says which set holds.</summary>
    public string CurrentLink => Path.Combine(Root, Current);

    /// <summary>What the output's own file points to.</summary>
    public string EntryTarget => $"{Folder}/{StateDirectory.FileNameOf(output)}/{Current}/{Entry}";

    /// <summary>True when the output's own file is the link of a group.</summary>
    public bool IsLinked => new FileInfo(path).LinkTarget == EntryTarget;

    /// <summary>The set that the link names; null when it names none of ours.</summary>
    public string? CurrentId =>
        new FileInfo(CurrentLink).LinkTarget is { } target && target.StartsWith(Sets + "/", StringComparison.Ordinal) && target[(Sets.Length + 1)..] is var id && IsSet(id) ? id : null;

    /// <summary>Folder of a set.</summary>
    /// <param name="id">Its id.</param>
    public string Set(string id) => Path.Combine(AllSets, id);

    /// <summary>What the link to a set says.</summary>
    /// <param name="id">Its id.</param>
    public static string LinkTo(string id) => $"{Sets}/{id}";

    /// <summary>True for a name that sets have: the generation, and a number where that name was taken.</summary>
    /// <param name="name">Name of a folder.</param>
    public static bool IsSet(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        var (generation, number) = dash < 0 ? (name, "1") : (name[..dash], name[(dash + 1)..]);
        return generation.Length > 0 && generation.All(char.IsAsciiHexDigitLower) && number.Length > 0 && number.All(char.IsAsciiDigit);
    }
}
