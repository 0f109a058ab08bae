using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing.Access;

/// <summary>Reads password files (htpasswd). Pure; no message holds a hash or a password.</summary>
internal static class PasswordFiles
{
    /// <summary>The users of a file, and others beside them.</summary>
    /// <param name="file">The file, which could be read.</param>
    /// <param name="more">The others.</param>
    /// <param name="problem">What is wrong, as a sentence; empty when nothing is.</param>
    public static ImmutableArray<BasicUser> Users(OperatorFile file, IEnumerable<BasicUser> more, out string problem)
    {
        var lines = file.Text.Split('\n').Select(static line => line.TrimEnd('\r')).Where(static line => line.Trim().Length > 0 && line[0] != '#').Select(WithoutComment);
        return BasicUsers.Parse(lines.Concat(more.Select(static user => $"{user.Name}:{user.Hash}")), file.Path, out problem);
    }

    // name:hash:comment, as htpasswd files have it.
    private static string WithoutComment(string line) => line.Split(':') is [var name, var hash, _, ..] ? $"{name}:{hash}" : line;
}
