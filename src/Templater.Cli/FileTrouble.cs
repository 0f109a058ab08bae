using System.Text.RegularExpressions;

namespace Templater.Cli;

/// <summary>Why a file could not be read or written, as a clause without the runtime's own words where they say less.</summary>
internal static partial class FileTrouble
{
    /// <summary>The clause, with a full stop.</summary>
    public static string Of(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException when PathAtEnd().IsMatch(exception.Message) => "there is no such directory.",
        UnauthorizedAccessException when PathAtEnd().IsMatch(exception.Message) => "permission denied. Choose another place, or let the user that runs this write there.",
        IOException when exception.Message.EndsWith("already exists.", StringComparison.Ordinal) => "a part of its path is a file, where a directory is needed.",
        PathTooLongException => "its name is too long.",
        _ => PathAtEnd().Replace(exception.Message, "").TrimEnd('.') + ".",
    };

    // Read-only file system : '/config/.nginx.conf.new'
    [GeneratedRegex(@"\s*:?\s*'[^']*'( is denied)?\.?$", RegexOptions.CultureInvariant)]
    private static partial Regex PathAtEnd();
}
