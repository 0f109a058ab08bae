using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Templater.Cli.Options;

/// <summary>What is taken from another program. Immutable.</summary>
/// <param name="Name">The program, as the setting <c>compat</c> names it.</param>
/// <param name="Defaults">Its defaults and paths, as far as they differ from Templater's.</param>
/// <param name="Variables">Its variables; of two that set one setting, the later one holds.</param>
internal sealed record CompatTable(string Name, ImmutableArray<CompatDefault> Defaults, ImmutableArray<CompatVariable> Variables)
{
    /// <summary>The table of a program; null for none.</summary>
    public static CompatTable? Of(CompatProgram program) => program switch
    {
        CompatProgram.NginxProxy => NginxProxyVariables.Table,
        CompatProgram.Dotege => DotegeVariables.Table,
        _ => null,
    };

    /// <summary>The table of the documentation.</summary>
    public string Markdown()
    {
        var text = new StringBuilder("| variable | sets |\n|---|---|\n");
        foreach (var variable in Variables)
            text.Append(CultureInfo.InvariantCulture, $"| `{variable.Name}` | {variable.Meaning.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        return text.ToString();
    }
}
