namespace Templater.Cli.Options;

/// <summary>A program whose variables, defaults and paths are taken (setting <c>compat</c>).</summary>
internal enum CompatProgram
{
    /// <summary>None: everything has Templater's own names and defaults.</summary>
    None,

    /// <summary>nginx-proxy.</summary>
    NginxProxy,

    /// <summary>Dotege.</summary>
    Dotege,
}
