using System.Collections;
using System.Globalization;
using System.Text;
using Mono.Unix.Native;

namespace Templater.Cli;

/// <summary>
/// Puts the program as it lies on disk now in the place of this one, in the same process with the same arguments and variables.
/// What is to stay open it learns from a variable, which nobody else sees.
/// </summary>
internal static class ProgramReplacement
{
    /// <summary>The variable; it is no setting, so its name begins like none.</summary>
    public const string Variable = "_TEMPLATER_INHERITED";

    /// <summary>What the program before this one left; empty when there was none.</summary>
    /// <param name="variables">The variables of the process, which lose it.</param>
    public static string Take(Dictionary<string, string> variables)
    {
        if (!variables.Remove(Variable, out var text))
            return "";
        Environment.SetEnvironmentVariable(Variable, null);
        // The variables of a process that somebody else started mean nothing here.
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && text[..space] == Environment.ProcessId.ToString(CultureInfo.InvariantCulture) ? text[(space + 1)..] : "";
    }

    /// <summary>Replaces the program.</summary>
    /// <param name="inherited">What the next one is to know.</param>
    /// <returns>Why it could not be done; when it can, this never returns.</returns>
    public static string Replace(string inherited)
    {
        if (Environment.ProcessPath is not { } path)
            return "its path is not known";
        string[] arguments;
        try
        {
            arguments = Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).TrimEnd('\0').Split('\0');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }

        string[] variables =
        [
            .. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(static entry => $"{entry.Key}={entry.Value}"),
            string.Create(CultureInfo.InvariantCulture, $"{Variable}={Environment.ProcessId} {inherited}"),
        ];
        // execve(2) reads up to a null pointer, which nobody adds to an array: without it whatever lies behind would be read on.
        return Syscall.execve(path, [.. arguments, null!], [.. variables, null!]) == 0 ? "" : $"{path}: {Stdlib.strerror(Stdlib.GetLastError())}";
    }
}
