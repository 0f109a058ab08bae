using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>Turns the tree of a template into executable nodes: names become slots, known functions are found once, constants stay constants.</summary>
internal sealed partial class Compiler
{
    private readonly TemplateProgram _program;
    private readonly NameTable _names;
    private readonly SourceText _source;
    private readonly bool _isMain;
    private readonly bool _usesIndent;
    private readonly Pile<StatementNode> _statements = new();
    private Scope _scope;

    private Compiler(TemplateProgram program, NameTable names, SourceText source, bool isMain, bool hasIndents, Scope scope)
    {
        // Where no code block indents, the indent of the caller stays what it is.
        _usesIndent = hasIndents && (program.Options.Leniency & Leniency.NoIndent) == 0;
        _program = program;
        _names = names;
        _source = source;
        _isMain = isMain;
        _scope = scope;
    }

    /// <summary>Compiles a template.</summary>
    /// <param name="program">The template that is rendered.</param>
    /// <param name="names">Where its names get their numbers: in the program's table, or in that of the render that made the text.</param>
    /// <param name="source">The text.</param>
    /// <param name="block">What was read from it.</param>
    /// <param name="isMain">Whether it is rendered itself, not included.</param>
    public static Body CompileTemplate(TemplateProgram program, NameTable names, SourceText source, BlockSyntax block, bool isMain)
    {
        var body = new Body { Name = source.Path, Source = source, Work = WorkOf(block.Span) };
        var compiler = new Compiler(program, names, source, isMain, block.HasIndents, new Scope(body, null));
        var statements = compiler.CompileStatements(block, keepsIndent: true);
        compiler._scope.Finish(new BlockNode(statements));
        return body;
    }

    /// <summary>What is known about the body being compiled.</summary>
    private sealed class Scope(Body body, Scope? outer)
    {
        private readonly Dictionary<int, int> _names = [];

        public Body Body { get; } = body;

        public Scope? Outer { get; } = outer;

        /// <summary>Loops around the current place, outermost first.</summary>
        public List<Loop> Loops { get; } = [];

        public bool HasLoopOver(string variable)
        {
            foreach (var loop in Loops)
                if (loop.Variable == variable)
                    return true;
            return false;
        }

        /// <summary>How many <c>with</c> are around the current place.</summary>
        public int Withs { get; set; }

        /// <summary>How many wrapped blocks are around the current place: they run below the names of the wrapping function.</summary>
        public int Wraps { get; set; }

        public int SlotCount { get; set; }

        /// <summary>Where the body remembers the indent that its caller has set; -1: it does not touch the indent.</summary>
        public int IndentSlot { get; set; } = -1;

        /// <summary>The same for the block around the current place.</summary>
        public int BlockIndentSlot { get; set; } = -1;

        public bool IsFunction => Outer is not null;

        public bool HasParameters => Body.Parameters is not null;

        public int NewSlot() => SlotCount++;

        public int Local(string name)
        {
            if (!Body.Locals.TryGetValue(name, out var slot))
                Body.Locals.Add(name, slot = NewSlot());
            return slot;
        }

        public bool TryFindName(int name, out int slot) => _names.TryGetValue(name, out slot);

        // Of two parameters of one name, which is an error elsewhere, the first one counts.
        public void AddName(int name, int slot) => _names.TryAdd(name, slot);

        public void Finish(BlockNode block)
        {
            Body.Names = [.. _names.Select(static name => (name.Key, name.Value))];
            Body.SlotCount = SlotCount;
            Body.Block = block;
        }
    }

    private sealed record Loop(string Kind, string? Variable, int VariableSlot, int LoopSlot, int Withs)
    {
        /// <summary>Whether the loop object is used as a value.</summary>
        public bool IsKept { get; set; }
    }

    private static TResult[] Map<T, TResult>(ImmutableArray<T> items, Func<T, TResult> compile)
    {
        var result = new TResult[items.Length];
        for (var i = 0; i < result.Length; i++)
            result[i] = compile(items[i]);
        return result;
    }

    // About how much is done when a part of the template runs once. What runs again and again inside of it counts on its own.
    private static int WorkOf(TextSpan span) => 1 + (span.Length / 64);

    // ---- blocks

    private BlockNode CompileBlockHere(BlockSyntax block)
    {
        if (_scope.IndentSlot < 0 || !block.Statements.Any(s => s is StatementSyntax.EnterCode or StatementSyntax.ExitCode))
            return new BlockNode(CompileStatements(block, keepsIndent: false));
        var outer = _scope.BlockIndentSlot;
        var slot = _scope.BlockIndentSlot = _scope.NewSlot();
        var statements = CompileStatements(block, keepsIndent: false);
        _scope.BlockIndentSlot = outer;
        return new IndentedBlockNode(statements, slot);
    }

    // The indent of a function's code block replaces that of its caller, that of an included template adds to it.
    private IndentNode? CompileIndent(string? indent)
    {
        if (_scope.IndentSlot < 0)
            return null;
        if (indent is not null)
            return new IndentNode(indent, _scope.IsFunction ? -1 : _scope.IndentSlot);
        return _scope.BlockIndentSlot == _scope.IndentSlot ? null : new IndentNode(null, _scope.IndentSlot);
    }

    private StatementNode[] CompileStatements(BlockSyntax block, bool keepsIndent)
    {
        var begin = _statements.Begin();
        if (keepsIndent && _usesIndent)
        {
            _scope.IndentSlot = _scope.BlockIndentSlot = _scope.NewSlot();
            _statements.Add(new KeepIndentNode(_scope.IndentSlot));
        }
        foreach (var statement in block.Statements)
            if (Compile(statement) is { } node)
                _statements.Add(_program.Options.PrintMistake is { } print ? new ForgivingNode(node, print) : node);
        return _statements.TakeArray(begin);
    }

    private Body CompileFunction(FunctionSyntax function)
    {
        var body = new Body
        {
            Name = function.Name,
            Source = _source,
            Work = WorkOf(function.Span),
            Span = function.Span,
            Parameters = function.Parameters?.Select(p => new Parameter(p.Name, p.Default, p.IsRest)).ToArray(),
            HasOutput = function.Inline is null,
            IsAnonymous = function.IsAnonymous,
        };
        var outer = _scope;
        _scope = new Scope(body, outer);
        foreach (var parameter in body.Parameters ?? [])
            _scope.AddName(_names.IdOf(parameter.Name), _scope.NewSlot());
        var statements = CompileStatements(function.Body, keepsIndent: HasCodeBorders(function.Body));
        // $f calls itself by its own name, which is a local one of the body around it.
        if (function.Name.StartsWith('$'))
            statements = [new OwnNameNode(_scope.Local(function.Name), body), .. statements];
        _scope.Finish(new BlockNode(statements));
        _scope = outer;
        body.HasOutput = function.Inline is null && OutputFinder.HasOutput(function.Body);
        return body;
    }

    // A function written inside one code block never touches the indent.
    private static bool HasCodeBorders(BlockSyntax block) => OutputFinder.HasCodeBorders(block);
}
