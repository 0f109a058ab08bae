namespace Templater.Language;

/// <summary>Bounds of one parse or render. Exceeding one is an error that names it; nothing is ever cut silently.</summary>
public sealed record RenderLimits
{
    /// <summary>The limits used where nothing else is said.</summary>
    public static RenderLimits Default { get; } = new();

    /// <summary>Most turns of all loops and list functions of a render together. Positive.</summary>
    public long LoopIterations { get; init => field = Positive(value); } = 10_000_000;

    /// <summary>Most calls and includes inside each other. 1 to 1,000: each level uses stack.</summary>
    public int Recursion { get; init => field = value is >= 1 and <= 1_000 ? value : throw new ArgumentOutOfRangeException(nameof(value)); } = 100;

    /// <summary>Most characters of the whole output. Positive.</summary>
    public int OutputCharacters { get; init => field = (int)Positive(value); } = 64 * 1024 * 1024;

    /// <summary>Most characters of one text made by the template. Positive.</summary>
    public int StringCharacters { get; init => field = (int)Positive(value); } = 16 * 1024 * 1024;

    /// <summary>Most bytes of memory that a render takes for all that it makes but its output, also for what it lets go of again. Positive.</summary>
    public long MemoryBytes { get; init => field = Positive(value); } = 256 * 1024 * 1024;

    /// <summary>Longest time of one match of a regular expression. Positive.</summary>
    public TimeSpan RegexTime { get; init => field = Positive(value); } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time of one render. Positive.</summary>
    public TimeSpan WallTime { get; init => field = Positive(value); } = TimeSpan.FromSeconds(10);

    /// <summary>Deepest nesting of blocks and expressions. 10 to 500: each level uses stack.</summary>
    public int ParseDepth { get; init => field = value is >= 10 and <= 500 ? value : throw new ArgumentOutOfRangeException(nameof(value)); } = 250;

    /// <summary>Most characters of one template. Positive.</summary>
    public int SourceCharacters { get; init => field = (int)Positive(value); } = 1024 * 1024;

    /// <summary>Deepest nesting of lists and objects that are printed or compared.</summary>
    internal const int ValueDepth = 50;

    /// <summary>Deepest nesting of lists and objects that are printed. 1 to <see cref="ValueDepth"/>.</summary>
    internal int PrintedDepth { get; init; } = ValueDepth;

    /// <summary>Most items of a list that grows by an index or is made of a range.</summary>
    internal const int ListItems = 10_000_000;

    /// <summary>Most digits of a number as written.</summary>
    internal const int NumberDigits = 10_000;

    /// <summary>Most characters of a regular expression: it is compiled before its time is measured.</summary>
    internal const int PatternCharacters = 10_000;

    /// <summary>Most steps of a search in a text: its length times that of what is looked for, which is how long the worst texts take.</summary>
    internal const long SearchSteps = 1L << 31;

    private static long Positive(long value) => value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));

    private static TimeSpan Positive(TimeSpan value) => value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value));
}
