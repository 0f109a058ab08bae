using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Templater.Cli.Tests.Faults;

/// <summary>What became of every fault beside every proxy, as a table.</summary>
internal sealed class FaultReport
{
    private const string FileName = "fault-matrix.md";

    private readonly ConcurrentDictionary<(string Kind, string Fault), string> _cells = new();

    /// <summary>Notes how a case ended well.</summary>
    public void Add(string kind, Fault fault, string told, TimeSpan toLive) => _cells[(kind, fault.Name)] = string.Create(
        CultureInfo.InvariantCulture,
        $"{Meanwhile(fault, told)}; {(kind == FaultProxy.PushedCentauri ? "live" : "live and proven")} {toLive.TotalSeconds:0} s after its end. Status: {told.Replace("|", "\\|", StringComparison.Ordinal)}");

    /// <summary>Writes the table beside the build's other results.</summary>
    /// <returns>Where to.</returns>
    public string Write()
    {
        var text = new StringBuilder("| fault | ").AppendJoin(" | ", FaultTable.Kinds).Append(" |\n|---|").AppendJoin("|", FaultTable.Kinds.Select(static _ => "---")).Append("|\n");
        foreach (var fault in FaultTable.All)
            text.Append("| ").Append(fault.Name).Append(" | ").AppendJoin(" | ", FaultTable.Kinds.Select(kind => Cell(kind, fault))).Append(" |\n");
        var path = Path.Combine(Artifacts(), FileName);
        File.WriteAllText(path, text.ToString());
        return path;
    }

    private string Cell(string kind, Fault fault) =>
        _cells.TryGetValue((kind, fault.Name), out var cell) ? cell
        : fault.Impossible.TryGetValue(kind, out var why) ? $"none: {why}"
        : "NOT PASSED";

    private static string Meanwhile(Fault fault, string told) => fault switch
    {
        { Service: FaultService.Former } when told.Contains(FaultTable.WasRestored, StringComparison.Ordinal) => "the former one is served on, and was put back",
        { Service: FaultService.Former } => "the former one is served on, and its file stays",
        { Service: FaultService.FormerOfNewFile } => "the former one is served on, the new file is in place",
        { Service: FaultService.Wanted } => "the new one is served",
        _ => "nothing is served, the new file is in place",
    };

    private static string Artifacts()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (directory.Name == "artifacts")
                return directory.FullName;
        }

        return AppContext.BaseDirectory;
    }
}
