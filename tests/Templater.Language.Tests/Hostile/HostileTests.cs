using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Templater.Testing;

namespace Templater.Language.Tests;

/// <summary>No template kills, hangs or exhausts the process that renders it. The rows run in a process of their own, with a small stack and little memory.</summary>
[NonParallelizable]
internal sealed partial class HostileTests
{
    // Four times what a render may take for itself: for its output, for what an earlier row has left to the garbage collector, and for that one's own.
    private const string MostMemory = "0x40000000";
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(30);

    // Of rows that take long only a full run tries all.
    private const int OneOf = 8;

    [Test]
    public async Task EveryRowEndsAsItSays()
    {
        var rows = Rows().Where(static (row, i) => Rotation.IsFullTier || (i % OneOf == 0 && !row.Expected.EndsWith("-time", StringComparison.Ordinal))).ToList();
        var complaints = new List<string>();
        var child = Start();
        foreach (var row in rows)
        {
            var answer = await AskAsync(child, row.Template);
            if (answer != row.Expected)
                complaints.Add($"{row.Name}: {answer} instead of {row.Expected}");
            if (!child.HasExited)
                continue;
            child.Dispose();
            child = Start();
        }
        child.StandardInput.Close();
        await child.WaitForExitAsync();
        child.Dispose();
        Assert.That(string.Join('\n', complaints), Is.Empty);
    }

    [Test]
    public void RepetitionsAreWrittenOut() =>
        Assert.That(Written("a⟪b§,⟫3c⟪x⟪y⟫2⟫2"), Is.EqualTo("ab0,b1,b2,cxyyxyy"));

    private static async Task<string> AskAsync(Process child, string template)
    {
        await child.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { template, strict = true }));
        await child.StandardInput.FlushAsync();
        using var time = new CancellationTokenSource(MostTime);
        try
        {
            if (await child.StandardOutput.ReadLineAsync(time.Token) is { } line)
                return line.Split(' ')[0];
            await child.WaitForExitAsync();
            return $"the process died ({child.ExitCode})";
        }
        catch (OperationCanceledException)
        {
            child.Kill();
            await child.WaitForExitAsync();
            return $"more than {MostTime.TotalSeconds} s";
        }
    }

    private static Process Start()
    {
        // Beside this project's directory of the same configuration.
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(here.Parent!.Parent!.FullName, "Templater.Language.Conformance", here.Name, "Templater.Language.Conformance");
        var start = new ProcessStartInfo(path, ["hostile"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_GCHeapHardLimit"] = MostMemory;
        var child = Process.Start(start)!;
        // A stack trace of 100 levels would fill the pipe.
        child.ErrorDataReceived += static (_, _) => { };
        child.BeginErrorReadLine();
        return child;
    }

    private static IEnumerable<(string Name, string Template, string Expected)> Rows()
    {
        const string arrow = " ⇶ ";
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Hostile", "hostile.rows"));
        for (var i = 0; i < lines.Length; i++)
            if (lines[i].IndexOf(arrow, StringComparison.Ordinal) is var at and > 0 && !lines[i].StartsWith("//", StringComparison.Ordinal))
                yield return ($"hostile.rows:{i + 1}", Written(lines[i][..at]), lines[i][(at + arrow.Length)..]);
    }

    // Innermost first.
    private static string Written(string text)
    {
        while (Repetition.Match(text) is { Success: true } found)
        {
            var count = int.Parse(found.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
            var part = found.Groups[1].Value;
            var all = string.Concat(Enumerable.Range(0, count).Select(i => part.Replace("§", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)));
            text = string.Concat(text.AsSpan(0, found.Index), all, text.AsSpan(found.Index + found.Length));
        }
        return text.Replace('⏎', '\n');
    }

    [GeneratedRegex("⟪([^⟪⟫]*)⟫([0-9]+)")]
    private static partial Regex Repetition { get; }
}
