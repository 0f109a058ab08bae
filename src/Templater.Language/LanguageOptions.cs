namespace Templater.Language;

/// <summary>What a template is parsed and rendered with. Immutable; may serve many templates and threads.</summary>
public sealed record LanguageOptions
{
    /// <summary>Bounds.</summary>
    public RenderLimits Limits { get; init; } = RenderLimits.Default;

    /// <summary>Whether unknown variables and members are errors. Without it they are null, as in Scriban.</summary>
    public bool Strict { get; init; } = true;

    /// <summary>The file format that is written, such as <c>nginx</c>; null for plain text. With a format, tainted text cannot be printed.</summary>
    public string? Format { get; init; }

    /// <summary>Functions of the program, beside those of the language.</summary>
    public IReadOnlyList<FunctionDefinition> Functions { get; init; } = [];

    /// <summary>Shape of the model, for the static check; null means unknown.</summary>
    public Shape? Root { get; init; }

    /// <summary>
    /// Name of a text of the model that the caller will replace in the output, because its value depends on the output itself.
    /// <see cref="RenderResult.Stamps"/> tells where it was printed. Null means none.
    /// </summary>
    public string? Stamp { get; init; }

    /// <summary>Finds included templates; null means that there are none.</summary>
    public ITemplateLoader? Loader { get; init; }

    /// <summary>Where time comes from: <c>date.now</c> and the limit of a render.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Where <c>math.random</c> and <c>math.uuid</c> begin in each render: the same seed gives the same bytes again, so that a file changes only with its reasons.
    /// Nothing that they give is a secret.
    /// </summary>
    public ulong Seed { get; init; }

    /// <summary>Whether empty lines of an indented block get its indent, as in Scriban, or stay empty.</summary>
    public bool IndentEmptyLines { get; init; } = true;

    /// <summary>Deviations that only the comparison with Scriban needs.</summary>
    internal Leniency Leniency { get; init; } = Leniency.None;

    /// <summary>What is printed for a mistake, where it happens, before the template goes on; null: a mistake ends the render.</summary>
    internal Func<TemplateRuntimeException, string>? PrintMistake { get; init; }

    /// <summary>How values look that have no text of their own; null: as the language prints them.</summary>
    internal IValueForms? Forms { get; init; }
}

/// <summary>Forms of values that only the comparison with Scriban needs.</summary>
internal interface IValueForms
{
    /// <summary>What a value looks like inside <c>$"…"</c>; null: as elsewhere. It must not be made from texts of the value.</summary>
    string? Interpolated(TemplateValue value);

    /// <summary>What a function without a name looks like where it stands alone; null: as elsewhere.</summary>
    /// <param name="code">The function as written.</param>
    string? Code(string code);
}

/// <summary>Which mistakes are forgiven; the defaults are the language's own.</summary>
[Flags]
internal enum Leniency
{
    None = 0,

    /// <summary>A member of null is null.</summary>
    NullTarget = 1,

    /// <summary>A missing member is an error even when not strict.</summary>
    MissingMemberIsError = 2,

    /// <summary>An unknown function with arguments gives null.</summary>
    UnknownFunction = 4,

    /// <summary>A null index gives null.</summary>
    NullIndex = 8,

    /// <summary>Values are printed without indenting their lines.</summary>
    NoIndent = 16,

    /// <summary>An index out of range is an error.</summary>
    IndexOutOfRangeIsError = 64,

    /// <summary>Strict about variables only, as Scriban is.</summary>
    StrictVariables = 128,

    /// <summary>Loop turns are counted anew for each loop that is in no other, and ranges are checked when they are made.</summary>
    LimitPerLoop = 256,

    /// <summary>A break or continue outside of a loop ends the template.</summary>
    JumpEndsTemplate = 512,

    /// <summary>A function without result is an error inside an expression.</summary>
    StatementFunctionIsError = 1024,

    /// <summary>A number with a point and no suffix is a decimal.</summary>
    FloatIsDecimal = 2048,
}

/// <summary>Finds included templates. Implementations live outside the language: it does no I/O.</summary>
/// <remarks>Renders of one template may run at once and all ask the same loader: it must be safe for several threads.</remarks>
public interface ITemplateLoader
{
    /// <summary>The template of that name, or null if there is none. Must give the same answer for the whole of a render.</summary>
    /// <param name="name">As written in the include.</param>
    /// <param name="includedFrom">Path of the template that includes it.</param>
    LoadedTemplate? Load(string name, string includedFrom);
}

/// <summary>A template that a loader found.</summary>
/// <param name="Path">Name for messages; two includes with the same path are the same template.</param>
/// <param name="Text">Its text.</param>
public sealed record LoadedTemplate(string Path, string Text);
