using System.Runtime.CompilerServices;
using NUnit.Framework;

namespace Templater.Testing;

/// <summary>Compares text with a file that a person has read and accepted.</summary>
/// <remarks>
/// The files lie in <c>Golden/</c> beside the test's source file. <c>UPDATE_GOLDEN=1</c> in the environment writes them anew;
/// read the difference before committing it.
/// </remarks>
public static class Golden
{
    private const string UpdateVariable = "UPDATE_GOLDEN";
    private const string UpdateHint = UpdateVariable + "=1";
    private const int ContextLines = 2;

    /// <summary>Fails the test when <paramref name="actual"/> differs from the file in any byte.</summary>
    /// <param name="actual">What the code under test produced.</param>
    /// <param name="name">File name below <c>Golden/</c>, with its suffix.</param>
    /// <param name="source">Filled in by the compiler: the calling source file.</param>
    public static void Verify(string actual, string name, [CallerFilePath] string source = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(source)!, "Golden", name);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }

        if (!File.Exists(path))
            Assert.Fail($"There is no golden file {path}; write it with {UpdateHint}.\nActual text:\n{actual}");
        var expected = File.ReadAllText(path);
        if (!string.Equals(expected, actual, StringComparison.Ordinal))
            Assert.Fail($"{Difference(expected, actual)}\n{path}: rewrite with {UpdateHint} if the new text is right.");
    }

    /// <summary>A description of the first line in which two texts differ, with the lines before it.</summary>
    /// <param name="expected">The accepted text.</param>
    /// <param name="actual">The text produced now.</param>
    public static string Difference(string expected, string actual)
    {
        var want = expected.Split('\n');
        var got = actual.Split('\n');
        var line = 0;
        while (line < want.Length && line < got.Length && want[line] == got[line])
            line++;
        var context = string.Concat(want[Math.Max(0, line - ContextLines)..Math.Min(line, want.Length)].Select(text => $"    {text}\n"));
        return $"First difference in line {line + 1}:\n{context}  - {Shown(want, line)}\n  + {Shown(got, line)}";
    }

    private static string Shown(string[] lines, int line) =>
        line < lines.Length ? lines[line].Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal) : "(end of text)";
}
