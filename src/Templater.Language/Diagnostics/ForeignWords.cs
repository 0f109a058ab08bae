using System.Collections.Frozen;

namespace Templater.Language;

/// <summary>Words of other template languages (Go, Jinja, Liquid, Handlebars, PHP, JavaScript) and what this one says instead.</summary>
internal static class ForeignWords
{
    private const string Compare = "two values are compared by writing";
    private const string End = "write end: every block is closed by it";
    private const string Assign = "write only the name: x = 1";

    private static readonly FrozenDictionary<string, string> Known = new Dictionary<string, string>
    {
        ["elif"] = "write else if",
        ["elseif"] = "write else if",
        ["elsif"] = "write else if",
        ["elsei"] = "write else if",
        ["endif"] = End,
        ["endfor"] = End,
        ["endforeach"] = End,
        ["endwhile"] = End,
        ["endcase"] = End,
        ["endswitch"] = End,
        ["endfunc"] = End,
        ["endfunction"] = End,
        ["endmacro"] = End,
        ["endblock"] = End,
        ["endcapture"] = End,
        ["endunless"] = End,
        ["endwith"] = End,
        ["fi"] = End,
        ["done"] = End,
        ["foreach"] = "write for x in list",
        ["each"] = "write for x in list",
        ["range"] = "write for x in list",
        ["unless"] = "write if !(condition)",
        ["switch"] = "write case value, and when for each branch",
        ["function"] = "write func name(a, b)",
        ["def"] = "write func name(a, b)",
        ["define"] = "write func name(a, b)",
        ["macro"] = "write func name(a, b)",
        ["block"] = "write func name(a, b), and call it by its name",
        ["set"] = Assign,
        ["let"] = Assign,
        ["var"] = Assign,
        ["assign"] = Assign,
        ["const"] = Assign,
        ["template"] = "write include \"file\"",
        ["partial"] = "write include \"file\"",
        ["render"] = "write include \"file\"",
        ["extends"] = "a template cannot extend another: write include \"file\"",
        ["return"] = "write ret",
        ["echo"] = "write the value alone: it is printed",
        ["print"] = "write the value alone: it is printed",
        ["puts"] = "write the value alone: it is printed",
        ["and"] = "write &&",
        ["or"] = "write ||",
        ["not"] = "write !",
        ["eq"] = $"{Compare} a == b",
        ["ne"] = $"{Compare} a != b",
        ["lt"] = $"{Compare} a < b",
        ["le"] = $"{Compare} a <= b",
        ["gt"] = $"{Compare} a > b",
        ["ge"] = $"{Compare} a >= b",
        ["printf"] = "write $\"{a}:{b}\"; numbers are formatted by math.format",
        ["sprintf"] = "write $\"{a}:{b}\"; numbers are formatted by math.format",
        ["index"] = "write list[0], or map[\"key\"]",
        ["hasKey"] = "write object.has_key map \"key\"",
        ["coalesce"] = "write a ?? b",
        ["ternary"] = "write condition ? a : b",
        ["dict"] = "write { key: value }",
        ["list"] = "write [a, b]",
        ["nil"] = "write null",
        ["none"] = "write null",
        ["None"] = "write null",
        ["undefined"] = "write null",
        ["True"] = "write true",
        ["False"] = "write false",
        ["loop"] = "write for.index, for.first or for.last",
        ["forloop"] = "write for.index, for.first or for.last",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // Words that stand between or before operands elsewhere.
    private static readonly FrozenDictionary<string, string> Operators = new Dictionary<string, string>
    {
        ["if"] = "write condition ? a : b",
        ["else"] = "write condition ? a : b",
        ["then"] = "leave it out",
        ["in"] = "write list | array.contains item",
        ["contains"] = "write list | array.contains item, or text | string.contains part",
        ["exists"] = "write x != null",
        ["isset"] = "write x != null",
        ["defined"] = "write x != null",
        ["mod"] = "write %",
        ["div"] = "write //",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Opening =
        FrozenSet.ToFrozenSet(["foreach", "each", "range", "unless", "switch", "function", "def", "define", "macro", "block"], StringComparer.Ordinal);

    private static readonly FrozenSet<string> Assigning = FrozenSet.ToFrozenSet(["set", "let", "var", "assign", "const"], StringComparer.Ordinal);

    // What stands in the braces with percent signs of Jinja and Liquid.
    private static readonly FrozenSet<string> InPercents = FrozenSet.ToFrozenSet(
    [
        "if", "elif", "elsif", "else", "endif", "for", "endfor", "set", "assign", "include", "block", "endblock", "extends", "macro", "endmacro", "import", "from",
        "capture", "endcapture", "case", "when", "endcase", "unless", "endunless", "with", "endwith", "raw", "endraw", "comment", "endcomment", "filter", "call", "render", "end",
    ], StringComparer.Ordinal);

    /// <summary>What to write instead; empty for a word that no other language has.</summary>
    public static string Hint(string word) => Known.GetValueOrDefault(word, "");

    /// <summary>The same for a word inside an expression.</summary>
    public static string HintInside(string word) => Known.TryGetValue(word, out var hint) ? hint : Operators.GetValueOrDefault(word, "");

    /// <summary>Whether the word begins a block elsewhere, so that an "end" belongs to it.</summary>
    public static bool IsOpening(string word) => Opening.Contains(word);

    /// <summary>Whether the word ends a block elsewhere.</summary>
    public static bool IsClosing(string word) => Known.TryGetValue(word, out var hint) && hint == End;

    /// <summary>Whether the word stands before an assignment elsewhere.</summary>
    public static bool IsAssigning(string word) => Assigning.Contains(word);

    /// <summary>Whether the word begins a tag of Jinja or Liquid.</summary>
    public static bool IsPercentTag(string word) => InPercents.Contains(word);
}
