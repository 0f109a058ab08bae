namespace Templater.Pipeline.Tests.Rendering;

/// <summary>Texts that break out of configurations which do not quote.</summary>
internal static class NastyText
{
    /// <summary>One line each; none is a legal value in all places, all are legal text but for the last groups.</summary>
    public static readonly string[] Printable =
    [
        ";", "{", "}", "a;b", "x; return 200 hacked; #", "} server { listen 81; }", "\"", "'", "a\"b", "it's", "\\", "a\\", "\\\\\"", "%",
        "%[env(HOME)]", "%%", "#", "a # b", "$var", "${VAR}", "$", "$$", "$1", "~", "~*", "unix:", "unix:/tmp/x", "\t", "a\tb", " ", " a", "a ",
        "é", "名前", "😀", "\"; }\n"[..3], "*", "=", "@x", "!", "|", "&", "`id`", "$(id)", "|| true", "<script>", "a,b", "\\n", "\\x00", "::", "[::1]",
    ];

    /// <summary>Texts that no configuration can hold.</summary>
    public static readonly string[] Impossible =
        ["\n", "a\nb", "\r", "a\r\nb", "\0", "a\0b", "\u001b[31m", "\u0085", "\ud800", "a\udc00b", "\x7f"];

    private static readonly string[] Pieces = [.. Printable, "a", "B", "7", "/", ".", "-", "(", ")", "[", "]", "?", "+", "^", "\u2028"];

    /// <summary>Random joins of the above; the same for the same seed.</summary>
    public static IEnumerable<string> Random(int seed, int count)
    {
#pragma warning disable CA5394 // a seeded generator is the point
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
            yield return string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Pieces[random.Next(Pieces.Length)]));
#pragma warning restore CA5394
    }
}
