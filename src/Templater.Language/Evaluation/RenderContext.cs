namespace Templater.Language;

/// <summary>Everything one render knows. Used by one thread, and by one render after the other: what is kept between two of them (buffers, frames, texts, expressions) saves work alone.</summary>
internal sealed partial class RenderContext
{
    private const int CheckEvery = 1024;
    private const int CharactersPerWork = 256;
    private const int LevelsThatFit = 3;

    private CancellationToken _cancellation;
    private long _started;
    private long _allocatedBefore;
    private readonly Stack<OutputBuffer> _freeBuffers = new();
    private readonly Stack<OutputBuffer> _outputs = new();
    private readonly OutputBuffer _root;
    private TemplateObject? _owner;
    private int _sinceCheck;
    private int _depth;
    private int _loopDepth;
    private readonly int _dateName;
    private Chance? _chance;

    public RenderContext(TemplateProgram program)
    {
        Program = program;
        Names = new NameTable(program);
        Globals = new TemplateValue[Math.Max(16, program.Names.Count)];
        _root = new OutputBuffer(this, isCapture: false);
        Output = _root;
        Arguments = new TemplateValue[FirstArguments];
        _dateName = program.Names.IdOf("date");
        _stampName = Options.Stamp is { } stamp ? program.Names.IdOf(stamp) : NameTable.None;
    }

    /// <summary>A render begins.</summary>
    public void Begin(TemplateObject model, CancellationToken cancellation)
    {
        Model = model;
        _cancellation = cancellation;
        _started = Options.TimeProvider.GetTimestamp();
        // The memory of the output is none of the template's: taken before it is counted.
        _root.Reset();
        _allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        ModelMayShadow = Program.Library.IsHiddenBy(model);
        Source = Program.Source;
    }

    /// <summary>A render has ended without a mistake: forgets all of it. After a mistake the context is not used again.</summary>
    public void End()
    {
        Model = null!;
        _cancellation = default;
        ForgetGlobals();
        Array.Clear(Arguments, 0, _argumentCount);
        (_argumentCount, _sinceCheck, _depth, _loopDepth, Iterations) = (0, 0, 0, 0, 0);
        PopScopes(0);
        _chance = null;
        Cycles.Clear();
        Owner = null;
        (_stamps, _stampReads) = (null, 0);
        _outputs.Clear();
        Output = _root;
        Includes.Clear();
        Trim();
    }

    public TemplateProgram Program { get; }

    public LanguageOptions Options => Program.Options;

    public RenderLimits Limits => Program.Options.Limits;

    public TemplateObject Model { get; private set; } = null!;

    public OutputBuffer Output { get; private set; }

    public OutputBuffer Root => _root;

    public SourceText Source { get; set; } = null!;

    public TemplateValue[] Globals { get; private set; }

    /// <summary>Whether the model has a member of the same name as an object of the language.</summary>
    public bool ModelMayShadow { get; private set; }

    public long Iterations { get; private set; }

    /// <summary>State of <c>array.cycle</c>.</summary>
    public Dictionary<string, int> Cycles { get; } = new(StringComparer.Ordinal);

    /// <summary>Regular expressions by their options and pattern; the same in every render.</summary>
    public Dictionary<(System.Text.RegularExpressions.RegexOptions Options, string Pattern), System.Text.RegularExpressions.Regex> Expressions { get; } = [];

    public TextPool Texts { get; } = new();

    /// <summary>The chance of this render.</summary>
    public Chance Chance => _chance ??= new Chance(Options.Seed);

    public ReplacementMemo Replacements => field ??= new();

    public Stack<(SourceText Source, TextSpan Span)> Includes { get; } = new();

    // ---- owner

    public TemplateObject? Owner
    {
        get => _owner;
        set
        {
            _owner = value;
            _root.SetOwner(value);
        }
    }

    // ---- limits

    /// <summary>One turn of a loop.</summary>
    /// <param name="span">The loop.</param>
    /// <param name="work">About how much is done in a turn; see <see cref="CountWork"/>.</param>
    public void CountIteration(TextSpan? span, int work = 1)
    {
        if (++Iterations > Limits.LoopIterations)
            throw RuntimeErrors.LoopLimit(span, Limits.LoopIterations);
        if ((_sinceCheck += work) >= CheckEvery)
            CheckUse();
    }

    public void CountIterations(long count, TextSpan? span)
    {
        if (count < 0 || count > Limits.LoopIterations - Iterations)
            throw RuntimeErrors.LoopLimit(span, Limits.LoopIterations);
        Iterations += count;
        CountWork(count);
    }

    /// <summary>Work that is no turn of a loop: one for each thing that a function or a literal looks at, and for every few hundred characters.</summary>
    /// <remarks>Time, memory and cancellation are looked at after so much of it, and so soon enough whatever a template does.</remarks>
    public void CountWork(long work)
    {
        if (work >= CheckEvery - _sinceCheck)
            CheckUse();
        else
            _sinceCheck += (int)work;
    }

    /// <summary>The work of going through a text.</summary>
    public void CountText(int length)
    {
        if (length >= CharactersPerWork)
            CountWork(length / CharactersPerWork);
    }

    /// <summary>A loop, or a function that loops, begins.</summary>
    public void EnterLoop()
    {
        // The original counts anew for each loop that is in no other.
        if (_loopDepth++ == 0 && (Options.Leniency & Leniency.LimitPerLoop) != 0)
            Iterations = 0;
    }

    public void LeaveLoop() => _loopDepth--;

    /// <summary>Checks a range as soon as it is made, as the original does.</summary>
    public TemplateValue CheckRange(TemplateValue range, TextSpan span)
    {
        if ((Options.Leniency & Leniency.LimitPerLoop) != 0 && range.Reference is TemplateRange { Length: var length } && length > Limits.LoopIterations)
            throw RuntimeErrors.LoopLimit(span, Limits.LoopIterations);
        return range;
    }

    /// <summary>Looks at what bounds a render as a whole.</summary>
    public void CheckUse()
    {
        _sinceCheck = 0;
        _cancellation.ThrowIfCancellationRequested();
        if (Options.TimeProvider.GetElapsedTime(_started) > Limits.WallTime)
            throw RuntimeErrors.WallTime(Limits.WallTime);
        if (GC.GetAllocatedBytesForCurrentThread() - _allocatedBefore > Limits.MemoryBytes)
            throw RuntimeErrors.Memory(Limits.MemoryBytes);
    }

    /// <summary>Takes memory out of the count that has a bound of its own.</summary>
    public void ForgetMemory(long bytes) => _allocatedBefore += bytes;

    public void EnterCall(TextSpan span, int work = 1)
    {
        if (++_depth > Limits.Recursion)
            throw RuntimeErrors.RecursionLimit(span, Limits.Recursion);
        // The first few levels fit every stack, and most templates have no more.
        if (_depth > LevelsThatFit)
            System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if ((_sinceCheck += work) >= CheckEvery)
            CheckUse();
    }

    public void LeaveCall() => _depth--;

    public string CheckLength(string text, TextSpan? span)
    {
        CountText(text.Length);
        return text.Length <= Limits.StringCharacters ? text : throw RuntimeErrors.StringTooLong(Limits.StringCharacters, span);
    }

    // ---- output

    public void BeginCapture()
    {
        _outputs.Push(Output);
        Output = _freeBuffers.TryPop(out var free) ? free : new OutputBuffer(this, isCapture: true);
        Output.Reset();
    }

    public TemplateValue EndCapture()
    {
        var finished = Output;
        CountText(finished.Length);
        var result = TemplateValue.FromText(Texts.Get(finished.Written()), finished.Taint);
        Output = _outputs.Pop();
        _freeBuffers.Push(finished);
        return result;
    }

    public void ReleaseBuffers()
    {
        foreach (var buffer in _freeBuffers)
            buffer.Release();
        _root.Release();
    }

    public void Print(TemplateValue value, TextSpan span)
    {
        switch (value.Reference)
        {
            case null:
                return;
            case string text:
                PrintText(text, value.Taint, span);
                return;
            case ScalarTag { Number: NumberKind.Integer }:
                Output.Write(value.Bits);
                return;
            default:
                PrintText(ToText(value), Taints.OfText(value), span);
                return;
        }
    }

    private void PrintText(string text, Taint taint, TextSpan span)
    {
        if (taint != Taint.Clean)
        {
            if (!Output.IsCapture && taint == Taint.Tainted && Options.Format is { } format)
                throw RuntimeErrors.Tainted(span, Source.Slice(span), format, Program.Library.QuotingFunctions(format));
            Output.Taint = TaintRules.Joined(Output.Taint, taint);
        }
        Output.Write(text);
    }

    public string ToText(TemplateValue value) => value.AsText() ?? MakeText(value);

    private string MakeText(TemplateValue value)
    {
        CountWork(BigNumber.WorkOf(value));
        var text = ValueText.Of(value, new TextRules(Limits.StringCharacters, DatePattern, Limits.PrintedDepth));
        CountText(text.Length);
        return text;
    }

    /// <summary>How dates look that no function formats: as a template that is not strict has set <c>date.format</c>.</summary>
    public string DatePattern
    {
        get
        {
            var date = _dateName < Globals.Length ? Globals[_dateName] : default;
            return date.Reference is MapObject changed && changed.TryGet("format", out var pattern) && pattern is { Taint: Taint.Clean, IsText: true } ? pattern.AsText()! : DateFormat.Default;
        }
    }
}
