namespace Templater.Pipeline.Deployment;

/// <summary>Replaces one path by another in the bytes of a file.</summary>
internal static class PathReplacement
{
    /// <summary>The content with every place of one path replaced.</summary>
    /// <param name="content">The content.</param>
    /// <param name="path">What is replaced; not empty.</param>
    /// <param name="other">What takes its place.</param>
    public static byte[] In(ReadOnlySpan<byte> content, ReadOnlySpan<byte> path, ReadOnlySpan<byte> other)
    {
        using var result = new MemoryStream(content.Length);
        for (int at; (at = content.IndexOf(path)) >= 0; content = content[(at + path.Length)..])
        {
            result.Write(content[..at]);
            result.Write(other);
        }

        result.Write(content);
        return result.ToArray();
    }
}
