using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Templater.Language;

/// <summary>The static check: runs the template over types instead of values, following every branch.</summary>
/// <remarks>
/// Functions and includes are followed at each call with the types they are called with, so a helper may be used for trusted and untrusted
/// text alike. Loops are run until nothing changes. What cannot be known is left to the same checks at run time.
/// </remarks>
internal sealed partial class Checker
{
    private const int MostSteps = 300_000;
    private const int MostCalls = 30;
    private const int MostLoopPasses = 4;

    private readonly TemplateProgram _program;
    private readonly List<Diagnostic> _found = [];
    private readonly HashSet<(string Path, int Start, string Id)> _seen = [];
    private readonly HashSet<FunctionSyntax> _followed = [];
    private readonly List<(FunctionSyntax Function, SourceText Source)> _declared = [];
    private readonly List<object> _calls = [];
    private readonly List<Layer> _layers = [];
    private readonly Stack<Taint> _captures = new();
    private readonly List<(SourceText Source, BlockSyntax Tree)> _sources = [];
    private readonly List<(SourceText Source, TextSpan Span)> _includes = [];
    private bool _mayIncludeMore;
    private SourceText _source;
    private State _state = new();
    private CheckedFrame _frame = new();
    private int _steps;
    private bool _isCut;
    private readonly MemberReadsBuilder _reads = new();

    private Checker(TemplateProgram program)
    {
        _program = program;
        _source = program.Source;
    }

    /// <summary>All messages about a template and what it includes, and what they read.</summary>
    public static (ImmutableArray<Diagnostic> Messages, MemberReads Reads) Check(TemplateProgram program)
    {
        var checker = new Checker(program);
        checker._sources.Add((program.Source, program.Tree));
        checker.RunAll();
        if (checker._isCut || checker._mayIncludeMore)
            checker._reads.All();
        return ([.. checker._found.OrderBy(d => d.Path == program.Source.Path ? 0 : 1).ThenBy(d => d.Path, StringComparer.Ordinal).ThenBy(d => d.Span.Start).ThenBy(d => d.Id, StringComparer.Ordinal)], checker._reads.ToReads());
    }

    private void RunAll()
    {
        try
        {
            Run(_program.Tree);
            FollowUnused();
            FindUseless();
        }
        catch (InsufficientExecutionStackException)
        {
            // An include was too deep to be compiled from where it stands.
            _isCut = true;
        }
        if (_isCut)
            _found.Add(new Diagnostic
            {
                Severity = DiagnosticSeverity.Warning,
                Id = "check-incomplete",
                Source = _program.Source,
                Span = default,
                Message = "the template is too large or too deep to be checked whole",
                Hint = "what was not checked shows its mistakes when it runs; divide the template by include",
            });
    }

    /// <summary>Names that a loop, a function or <c>with</c> adds.</summary>
    private sealed record Layer(Dictionary<string, TemplateType> Names, TemplateType? With, bool IsFunction);

    /// <summary>What the global variables hold at a point of the template.</summary>
    private sealed class State
    {
        public Dictionary<string, TemplateType> Globals { get; init; } = new(StringComparer.Ordinal);

        public State Copy() => new() { Globals = new(Globals, StringComparer.Ordinal) };

        /// <summary>Takes in what another way through the template may have left. True if anything changed.</summary>
        public bool Merge(State other) => MergeInto(Globals, other.Globals);
    }

    /// <summary>What belongs to one body: its locals, its arguments, what it returns.</summary>
    private sealed class CheckedFrame
    {
        public Dictionary<string, TemplateType> Locals { get; set; } = new(StringComparer.Ordinal);

        public IReadOnlyList<TemplateType> Arguments { get; init; } = [];

        public TemplateType Result { get; set; } = CheckedTypes.Nothing;

        public bool MayHaveMoreLocals { get; init; }
    }

    private static bool MergeInto(Dictionary<string, TemplateType> target, Dictionary<string, TemplateType> other)
    {
        var isChanged = false;
        foreach (var (name, type) in other)
        {
            var merged = target.TryGetValue(name, out var known) ? CheckedTypes.Join(known, type) : type.OrNull();
            if (known is null || !Equals(merged, known))
            {
                target[name] = merged;
                isChanged = true;
            }
        }
        return isChanged;
    }

    // Every way down goes through here, so that neither time nor stack can be exhausted.
    private bool Step()
    {
        var isLeft = ++_steps <= MostSteps && RuntimeHelpers.TryEnsureSufficientExecutionStack();
        _isCut |= !isLeft;
        return isLeft;
    }

    // ---- messages

    // Looking for a hint takes longer than finding the mistake.
    private bool IsFull => _found.Count >= DiagnosticBag.Most;

    private void Report(TextSpan span, string id, string message, string hint = "", DiagnosticSeverity severity = DiagnosticSeverity.Error)
    {
        if (!IsFull && _seen.Add((_source.Path, span.Start, id)))
            _found.Add(new Diagnostic { Severity = severity, Id = id, Source = _source, Span = span, Message = message, Hint = hint, IncludedFrom = IncludedFrom() });
    }

    // Innermost first. A function that came by an include may be called after it.
    private ImmutableArray<string> IncludedFrom() => ReferenceEquals(_source, _program.Source) ? [] : [.. _includes.AsEnumerable().Reverse().Select(Place)];

    private static string Place((SourceText Source, TextSpan Span) call)
    {
        var (line, column) = call.Source.GetLineAndColumn(call.Span.Start);
        return string.Create(CultureInfo.InvariantCulture, $"{call.Source.Path}:{line}:{column}");
    }

    private void FindUseless()
    {
        var callable = new CallableNames(_program, _sources.Select(static part => part.Tree), _mayIncludeMore);
        var found = _sources.SelectMany(part => FlowFinder.Find(part.Source, part.Tree, callable)).Concat(UnusedNames.Find(_sources, _mayIncludeMore));
        foreach (var diagnostic in found)
            if (!IsFull && _seen.Add((diagnostic.Path, diagnostic.Span.Start, diagnostic.Id)))
                _found.Add(diagnostic);
    }

    private void Report(TemplateRuntimeException mistake) => Report(mistake.Span ?? default, mistake.Id, mistake.Message, mistake.Hint);

    // ---- output

    private void Print(TemplateType type, TextSpan span)
    {
        _reads.Whole(type);
        var taint = CheckedTypes.WrittenTaint(type);
        if (_captures.TryPop(out var sofar))
        {
            _captures.Push(TaintRules.Joined(sofar, taint));
            return;
        }
        CheckPrinted(taint, span);
    }

    private void CheckPrinted(TemplateType type, TextSpan span) => CheckPrinted(CheckedTypes.WrittenTaint(type), span);

    private void CheckPrinted(Taint taint, TextSpan span)
    {
        if (taint != Taint.Tainted)
            return;
        if (_program.Options.Format is { } format)
            Report(RuntimeErrors.Tainted(span, _source.Slice(span), format, _program.Library.QuotingFunctions(format)));
        else
            Report(span, "unquoted-text", $"\"{_source.Slice(span)}\" may hold text from a container, and plain text is not quoted", "name the format of the file", DiagnosticSeverity.Warning);
    }

    private Taint Captured(Action action)
    {
        _captures.Push(Taint.Clean);
        action();
        return _captures.Pop();
    }

    // ---- functions

    private TemplateType Follow(FunctionSyntax function, SourceText source, IReadOnlyList<TemplateType> arguments, Dictionary<string, TemplateType> named, bool isDirect)
    {
        _followed.Add(function);
        if (_calls.Count >= MostCalls || _calls.Contains(function) || !Step())
        {
            _reads.All();
            return CheckedTypes.Derived(arguments);
        }
        var (frame, outer, layers) = (_frame, _source, _layers.Count);
        _calls.Add(function);
        _source = source;
        _frame = new CheckedFrame { Arguments = arguments };
        if (function.Parameters is { } parameters)
            _layers.Add(new Layer(Bind(parameters, arguments, named), null, IsFunction: true));
        Run(function.Body);
        var result = _frame.Result;
        _layers.RemoveRange(layers, _layers.Count - layers);
        _calls.RemoveAt(_calls.Count - 1);
        (_frame, _source) = (frame, outer);
        return result;
    }

    private static Dictionary<string, TemplateType> Bind(ImmutableArray<ParameterSyntax> parameters, IReadOnlyList<TemplateType> arguments, Dictionary<string, TemplateType> named)
    {
        var bound = new Dictionary<string, TemplateType>(named, StringComparer.Ordinal);
        for (var i = 0; i < parameters.Length; i++)
        {
            var parameter = parameters[i];
            if (parameter.IsRest)
                bound[parameter.Name] = new TemplateType.ListOf(arguments.Skip(i).Aggregate(CheckedTypes.Nothing, CheckedTypes.Join));
            else if (i < arguments.Count)
                bound[parameter.Name] = arguments[i];
            else if (!bound.ContainsKey(parameter.Name))
                bound[parameter.Name] = parameter.Default is { } value ? OfValue(value) : CheckedTypes.Unknown;
        }
        return bound;
    }

    // What no call reaches is still checked for names, with parameters of which nothing is known.
    private void FollowUnused()
    {
        for (var i = 0; i < _declared.Count; i++)
        {
            var (function, source) = _declared[i];
            if (_followed.Contains(function))
                continue;
            var arguments = (function.Parameters ?? []).Select(_ => CheckedTypes.Unknown).ToList();
            Captured(() => Follow(function, source, arguments, new(StringComparer.Ordinal), isDirect: true));
        }
    }

    private TemplateType FollowInclude(ExpressionSyntax? name, IReadOnlyList<TemplateType> arguments, Dictionary<string, TemplateType> named, TextSpan span, bool isDirect)
    {
        if (name is not ExpressionSyntax.Literal { Value: { IsText: true } literal })
        {
            _mayIncludeMore = true;
            return CheckedTypes.TextOf(Taint.Tainted);
        }
        var text = literal.AsText()!;
        if (_program.LoadInclude(text, _source.IncludingPath) is not { } included)
        {
            _mayIncludeMore = true;
            Report(RuntimeErrors.IncludeMissing(name.Span, text, _program.Options.Loader is not null));
            return CheckedTypes.TextOf(Taint.Clean);
        }
        if (included.Error is not null)
        {
            _mayIncludeMore = true;
            _includes.Add((_source, span));
            var errors = ForeignSyntax.Explain(included.Source, included.Errors, isParsed: false, _program.Options.Format);
            foreach (var error in errors)
                if (!IsFull && _seen.Add((error.Path, error.Span.Start, error.Id)))
                    _found.Add(error with { IncludedFrom = [.. _includes.AsEnumerable().Reverse().Select(Place)] });
            _includes.RemoveAt(_includes.Count - 1);
            return CheckedTypes.TextOf(Taint.Clean);
        }
        if (_calls.Count >= MostCalls || _calls.Contains(included.Tree) || !Step())
        {
            _reads.All();
            return CheckedTypes.TextOf(Taint.Tainted);
        }
        var (frame, outer) = (_frame, _source);
        _calls.Add(included.Tree);
        _includes.Add((outer, span));
        if (!_sources.Exists(part => ReferenceEquals(part.Tree, included.Tree)))
            _sources.Add((included.Source, included.Tree));
        _source = included.Source;
        _frame = new CheckedFrame { Arguments = arguments, MayHaveMoreLocals = true };
        foreach (var (key, type) in named)
            _frame.Locals["$" + key] = type;
        var taint = Taint.Clean;
        if (isDirect)
            Run(included.Tree);
        else
            taint = Captured(() => Run(included.Tree));
        _calls.RemoveAt(_calls.Count - 1);
        _includes.RemoveAt(_includes.Count - 1);
        (_frame, _source) = (frame, outer);
        return isDirect ? CheckedTypes.Nothing : CheckedTypes.TextOf(taint);
    }

    private static TemplateType OfValue(TemplateValue value) => value.Kind switch
    {
        ValueKind.Null => CheckedTypes.Nothing,
        ValueKind.Boolean => Define.Truth,
        ValueKind.Number => Define.Number,
        ValueKind.Text => CheckedTypes.TextOf(value.Taint),
        _ => CheckedTypes.Unknown,
    };
}
