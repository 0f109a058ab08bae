using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Mono.Unix.Native;

namespace Templater.Cli.Options;

/// <summary>Users and groups as numbers, or as names that are looked up on the system that Templater itself runs on.</summary>
internal static class UnixIdentity
{
    private const string Legal = "a number, or a name that this system knows";

    /// <summary>A user.</summary>
    public static readonly SettingType<int?> User = new(Legal, static (string text, [MaybeNullWhen(false)] out int? id, out string? hint) =>
        TryParse(text, "user", static name => Syscall.getpwnam(name) is { } user ? (int)user.pw_uid : null, out id, out hint));

    /// <summary>A group.</summary>
    public static readonly SettingType<int?> Group = new(Legal, static (string text, [MaybeNullWhen(false)] out int? id, out string? hint) =>
        TryParse(text, "group", static name => Syscall.getgrnam(name) is { } group ? (int)group.gr_gid : null, out id, out hint));

    private static bool TryParse(string text, string kind, Func<string, int?> lookUp, out int? id, out string? hint)
    {
        hint = null;
        id = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : text.All(char.IsAsciiDigit) || text.Any(char.IsControl) || OperatingSystem.IsWindows() ? null
            : lookUp(text);
        if (id is null && !text.Any(char.IsControl))
            hint = $"This system has no {kind} \"{text}\"; in a container, names of the host are not known: write the number.";
        return id is not null;
    }
}
