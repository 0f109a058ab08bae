using System.Text;

namespace Templater.Pipeline.Rendering;

/// <summary>How a configuration of HAProxy loads a folder of pairs as a whole. Pure.</summary>
internal static class CertificateFolder
{
    private const char Quote = '\'';

    /// <summary>
    /// True when pairs of a folder can come and go while HAProxy runs: a listener loads it, and none shows the first pair in it to
    /// those who ask for a name that no pair covers, because that would be another one after a restart.
    /// </summary>
    /// <param name="content">The configuration.</param>
    /// <param name="folder">The folder as HAProxy sees it, without a slash at its end.</param>
    public static bool IsOpen(ReadOnlySpan<byte> content, string folder)
    {
        var isLoaded = false;
        foreach (var range in content.Split((byte)'\n'))
        {
            var line = content[range];
            if (!line.TrimStart((byte)' ').StartsWith("bind "u8) || line.IndexOf(" crt "u8) < 0)
                continue;
            var words = Encoding.UTF8.GetString(line).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var first = Array.IndexOf(words, "crt");
            if (!Enumerable.Range(first, words.Length - 1 - first).Any(i => words[i] == "crt" && IsFolder(words[i + 1], folder)))
                continue;
            if (IsFolder(words[first + 1], folder) && !words.Contains("strict-sni"))
                return false;
            isLoaded = true;
        }

        return isLoaded;
    }

    private static bool IsFolder(string word, string folder) => word.Trim(Quote).TrimEnd('/') == folder;
}
