namespace Templater.Cli.Options;

/// <summary>Dotege's variables.</summary>
internal static class DotegeVariables
{
    /// <summary>What is taken from it.</summary>
    public static readonly CompatTable Table = new("dotege", [], []);
}
