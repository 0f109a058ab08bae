namespace Templater.Language.Tests;

/// <summary>Makes templates that nobody would write out of those that somebody wrote.</summary>
internal sealed class TemplateMutator(IReadOnlyList<string> templates)
{
    private const int MostEdits = 6;

    // Longer ones only repeat what is in them already, and take the time of many others.
    private const int LongestTemplate = 2000;

    private static readonly string[] Pieces =
    [
        "{{", "}}", "{{-", "-}}", "{{~", "~}}", "{%{", "}%}", "end", "else", "else if ", "if ", "for x in ", "for x in t limit:2 ", "tablerow x in ", "while true", "func f(a)", "func f(a, b = 1, c...)", "ret ", "break", "continue",
        "case ", "when ", "do ", "do; ", "with ", "capture c", "wrap ", "import ", "readonly ", "include ", "include_join ", "this", "empty", "f ", "f(", "f(x) = ", "$", "$0", "$$", "$x", "@f", "^t",
        "(", ")", "[", "]", "{", "}", "{a:1}", "[1,2]", "|", "|>", "?", ":", "?.", "?.[", ".", "..", "..<", "...", "@", "^", "\"", "'", "`", "$\"", "$'{", "\\", "\\u", "\\x", "#", "##", ";", "\n", "\r", "\t", "  ",
        "=", "+=", "??=", "==", "!=", "<=", ">=", "&&", "||", "??", "?!", "++", "--", "-", "+", "*", "/", "//", "%", "<<", ">>", "!", ",",
        "null", "true", "0", "-1", "1e9", "1e400", "1_0", "0x", "0xFFFFFFFFu", "0b101", "1.5m", "2.5f", "9223372036854775807", "99999999999999999999999999", "\0", "\ud800", "é", "☃", " ",
        "t", "list", "map", "t | ", "(t)", "array.", "string.", "math.", "date.", "object.", "regex.", "timespan.", "html.", ".size", ".first", "['a']",
    ];

    private static readonly string[] Calls = [.. Builtins.All.Select(f => f.Name)];

    public string Make(RandomSource random)
    {
        var text = random.Pick(templates);
        for (var edits = 1 + random.Next(MostEdits); edits > 0; edits--)
            text = Edit(text, random);
        return text.Length <= LongestTemplate ? text : text[..LongestTemplate];
    }

    private string Edit(string text, RandomSource random)
    {
        var at = random.Next(text.Length + 1);
        var length = Math.Min(1 + random.Next(8), text.Length - at);
        switch (random.Next(9))
        {
            case 0:
                return text.Remove(at, length);
            case 1:
                return text.Insert(at, text.Substring(at, length));
            case 2:
                return string.Concat(text.AsSpan(0, at), text.AsSpan(random.Next(text.Length + 1)));
            case 3:
                var other = random.Pick(templates);
                return string.Concat(text.AsSpan(0, at), other.AsSpan(random.Next(other.Length + 1)));
            case 4:
                return text.Insert(at, " " + random.Pick(Calls) + " ");
            case 5 when length > 0:
                return text.Remove(at, length).Insert(at, random.Pick(Pieces));
            default:
                return text.Insert(at, random.Pick(Pieces));
        }
    }
}
