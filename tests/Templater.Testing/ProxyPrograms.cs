namespace Templater.Testing;

/// <summary>Where the proxies' programs are: this machine's own, or those of a folder that <see cref="Variable"/> names, so that the same tests try newer ones.</summary>
public static class ProxyPrograms
{
    /// <summary>Names a folder with <c>nginx</c>, <c>haproxy</c>, <c>curl</c>, a file <c>NAME.version</c> for each, and nginx's stream module.</summary>
    public const string Variable = "TESTS_PROXIES";

    internal const string Module = "ngx_stream_module.so";

    private static readonly string[] Folders = ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"];

    private static string? Chosen => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>nginx's stream module where it is a file of its own; null where there is none.</summary>
    public static string? StreamModule => Existing(Path.Combine(Chosen ?? "/usr/lib/nginx/modules", Module));

    /// <summary>The path of a program; the test is skipped where it is missing.</summary>
    /// <param name="program">Its name.</param>
    public static string Require(string program)
    {
        // Never this machine's own in the place of a newer one.
        var isThere = Chosen is { } chosen && Existing(Path.Combine(chosen, program + ".version")) is not null;
        foreach (var folder in isThere ? [Chosen!] : Folders)
        {
            if (Existing(Path.Combine(folder, program)) is { } path)
                return path;
        }

        Missing.Report($"{program} is not installed");
        return program;
    }

    /// <summary>The version of a newer program, for settings; null for this machine's own, which is what is written for where nothing is known.</summary>
    /// <param name="program">Its name.</param>
    public static Version? Newer(string program) =>
        Chosen is { } chosen && Existing(Path.Combine(chosen, program + ".version")) is { } file ? Version.Parse(File.ReadAllText(file).Trim()) : null;

    private static string? Existing(string path) => File.Exists(path) ? path : null;
}
