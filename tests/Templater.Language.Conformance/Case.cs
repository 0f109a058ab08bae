using System.Text.Json;

namespace Templater.Language.Conformance;

/// <summary>One case: a template with all that it is rendered with. What the case leaves unsaid is as in the original, not as in Templater.</summary>
internal sealed class Case
{
    private const int OriginalLoopLimit = 1000;
    private const int OriginalRecursionLimit = 100;
    private const int OriginalExpressionDepth = 250;
    private const int OriginalObjectDepth = 20;
    private const int OriginalTextLimit = 1_048_576;

    private readonly int _textLimit;

    private Case(JsonElement row)
    {
        var options = row.TryGetProperty("options", out var given) ? given : default;
        _textLimit = Number(options, "limit_to_string", OriginalTextLimit);
        Source = new SourceText(row.TryGetProperty("path", out var path) ? path.GetString()! : "<input>", row.GetProperty("template").GetString()!);
        IsScript = row.TryGetProperty("mode", out var mode) && mode.GetString() == "script";
        Model = row.TryGetProperty("model", out var model) ? JsonModel.ReadObject(model) : new MapObject();
        Options = new LanguageOptions
        {
            Strict = false,
            Leniency = Leniencies(options),
            Limits = new RenderLimits
            {
                LoopIterations = OrNoLimit(Number(options, "loop_limit", OriginalLoopLimit)),
                Recursion = Bounded(Number(options, "recursive_limit", OriginalRecursionLimit), 1, 1_000),
                ParseDepth = Bounded(Number(options, "expression_depth_limit", OriginalExpressionDepth), 10, 500),
                StringCharacters = (int)Math.Min(OrNoLimit(_textLimit), 1 << 28),
                OutputCharacters = 1 << 28,
                PrintedDepth = Bounded(Number(options, "object_recursion_limit", OriginalObjectDepth), 1, RenderLimits.ValueDepth),
            },
            Loader = row.TryGetProperty("includes", out var includes) ? new Includes(includes, Flag(row, "includes_echo", false)) : null,
            TimeProvider = TimeProvider.System,
            Forms = OriginalForms.Instance,
            PrintMistake = Flag(options, "render_exceptions", false) ? OriginalTexts.Of : null,
            IndentEmptyLines = Flag(options, "indent_on_empty_lines", true),
        };
    }

    public SourceText Source { get; }

    public LanguageOptions Options { get; }

    public bool IsScript { get; }

    public MapObject Model { get; }

    public static Case Read(JsonElement row) => new(row);

    /// <summary>The original cuts its output silently, which Templater never does.</summary>
    public string Cut(string output) => _textLimit > 0 && output.Length > _textLimit ? string.Concat(output.AsSpan(0, _textLimit), "...") : output;

    private static Leniency Leniencies(JsonElement options)
    {
        var result = Leniency.LimitPerLoop;
        void Set(bool isSet, Leniency leniency) => result |= isSet ? leniency : Leniency.None;
        Set(Flag(options, "relaxed_target", false), Leniency.NullTarget);
        Set(!Flag(options, "relaxed_member", true), Leniency.MissingMemberIsError);
        Set(Flag(options, "relaxed_function", false), Leniency.UnknownFunction);
        Set(Flag(options, "null_indexer", false), Leniency.NullIndex);
        Set(!Flag(options, "auto_indent", true), Leniency.NoIndent);
        Set(!Flag(options, "relaxed_indexer", true), Leniency.IndexOutOfRangeIsError);
        Set(Flag(options, "strict", false), Leniency.StrictVariables);
        Set(Flag(options, "break_continue_as_return", false), Leniency.JumpEndsTemplate);
        Set(Flag(options, "parse_float_as_decimal", false), Leniency.FloatIsDecimal);
        Set(Flag(options, "error_for_statement_function", false), Leniency.StatementFunctionIsError);
        return result;
    }

    private static bool Flag(JsonElement options, string name, bool otherwise) =>
        options.ValueKind == JsonValueKind.Object && options.TryGetProperty(name, out var value) ? value.GetBoolean() : otherwise;

    private static int Number(JsonElement options, string name, int otherwise) =>
        options.ValueKind == JsonValueKind.Object && options.TryGetProperty(name, out var value) ? value.GetInt32() : otherwise;

    private static long OrNoLimit(int limit) => limit > 0 ? limit : long.MaxValue;

    // The stack has an end, whatever a case asks for.
    private static int Bounded(int limit, int least, int most) => (int)Math.Clamp(OrNoLimit(limit), least, most);

    private sealed class Includes(JsonElement texts, bool echo) : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom)
        {
            if (texts.TryGetProperty(name, out var text))
                return text.GetString() is { } found ? new LoadedTemplate(name, found) : null;
            return echo ? new LoadedTemplate(name, name) : null;
        }
    }
}
