using System.Security.Cryptography;

namespace Templater.Pipeline.Deployment;

/// <summary>The digest by which the journal knows a file's content again.</summary>
internal static class ContentHash
{
    private const int ReadSize = 64 * 1024;

    public static string Of(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>The digest of a file, which is never in memory as a whole: on a large host it would be asked for megabytes at every look.</summary>
    public static string OfFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, ReadSize, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
