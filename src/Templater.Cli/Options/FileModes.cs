using System.Globalization;

namespace Templater.Cli.Options;

/// <summary>
/// Octal file modes. <c>0640</c> and <c>640</c> mean the same. A YAML tool that reads an unquoted 0640 as a number writes 416:
/// such modes are always strange (the owner could not write), so they are refused with that explanation.
/// </summary>
internal static class FileModes
{
    private const int MaxMode = 0x1FF; // 0777
    private const int OwnerReadWrite = 0x180; // 0600

    public static bool TryParse(string text, out UnixFileMode value, out string? hint)
    {
        value = UnixFileMode.None;
        hint = null;
        if (Octal(text) is { } mode && (mode & OwnerReadWrite) == OwnerReadWrite && IsOrdered(mode))
        {
            value = (UnixFileMode)mode;
            return true;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxMode && !text.StartsWith('0'))
        {
            var meant = "0" + Convert.ToString(number, 8);
            hint = $"{text} is what an unquoted {meant} becomes when YAML reads it as a number: write \"{meant}\" in quotes.";
        }

        return false;
    }

    /// <summary>The mode as four octal digits.</summary>
    public static string Shown(UnixFileMode mode) => "0" + Convert.ToString((int)mode, 8).PadLeft(3, '0');

    private static int? Octal(string text)
    {
        if (text.Length is < 3 or > 4 || !text.All(static c => c is >= '0' and <= '7'))
            return null;
        var mode = Convert.ToInt32(text, 8);
        return mode <= MaxMode ? mode : null;
    }

    // Others never get what the group lacks, nor the group what the owner lacks.
    private static bool IsOrdered(int mode)
    {
        var (owner, group, others) = (mode >> 6 & 7, mode >> 3 & 7, mode & 7);
        return (group & ~owner) == 0 && (others & ~group) == 0;
    }
}
