namespace Templater.Language;

internal sealed partial class Checker
{
    private void Run(BlockSyntax? block)
    {
        if (block is null)
            return;
        foreach (var statement in block.Statements)
            if (Step())
                Run(statement);
    }

    private void Run(StatementSyntax statement)
    {
        switch (statement)
        {
            case StatementSyntax.Expression { Value: ExpressionSyntax.Assignment assignment }:
                Assign(assignment);
                break;
            case StatementSyntax.Expression expression:
                PrintExpression(expression.Value);
                break;
            case StatementSyntax.If choice:
                foreach (var branch in choice.Branches)
                {
                    Evaluate(branch.Condition);
                    CheckCondition(branch.Condition);
                }
                Branch([.. choice.Branches.Select(b => b.Body), choice.Else]);
                break;
            case StatementSyntax.Case choice:
                Whole(Evaluate(choice.Value));
                foreach (var value in choice.Whens.SelectMany(w => w.Values))
                    Whole(Evaluate(value));
                Branch([.. choice.Whens.Select(w => w.Body), choice.Else]);
                break;
            case StatementSyntax.For loop:
                RunFor(loop);
                break;
            case StatementSyntax.While loop:
                Repeat(() =>
                {
                    Evaluate(loop.Condition);
                    Run(loop.Body);
                });
                break;
            case StatementSyntax.Break or StatementSyntax.Continue:
                // What variables hold then is not merged with what they hold at the end.
                _reads.All();
                break;
            case StatementSyntax.Return result:
                if (!IsLast(result))
                    _reads.All();
                if (result.Value is not null)
                    _frame.Result = CheckedTypes.Join(_frame.Result, Evaluate(result.Value));
                break;
            default:
                RunScoped(statement);
                break;
        }
    }

    private bool IsLast(StatementSyntax.Return result) => _calls is [.., FunctionSyntax { Body.Statements: var statements }]
        && ReferenceEquals(statements.LastOrDefault(static statement => statement is not (StatementSyntax.EnterCode or StatementSyntax.ExitCode)), result);

    private void RunScoped(StatementSyntax statement)
    {
        switch (statement)
        {
            case StatementSyntax.FunctionDeclaration declaration:
                _declared.Add((declaration.Function, _source));
                Set(declaration.Target, new TemplateType.Declared(declaration.Function, _source));
                break;
            case StatementSyntax.Capture capture:
                Set(capture.Target, CheckedTypes.TextOf(Captured(() => Run(capture.Body))));
                break;
            case StatementSyntax.With with:
                _layers.Add(new Layer(new(StringComparer.Ordinal), Whole(Evaluate(with.Value)), false));
                Run(with.Body);
                _layers.RemoveAt(_layers.Count - 1);
                break;
            case StatementSyntax.Import import:
                _reads.All();
                Import(Evaluate(import.Value));
                break;
            case StatementSyntax.Wrap wrap:
                PrintExpression(wrap.Target);
                Run(wrap.Body);
                break;
        }
    }

    // A copy of all that is known costs about a step for every few names.
    private void CountCopies(int count) => _steps += (int)Math.Min((long)count * (_state.Globals.Count + _frame.Locals.Count) / 16, MostSteps);

    // Each way starts from the same state; afterwards any of them may have been taken.
    private void Branch(BlockSyntax?[] ways)
    {
        CountCopies(ways.Length + 1);
        var (before, locals) = (_state.Copy(), new Dictionary<string, TemplateType>(_frame.Locals, StringComparer.Ordinal));
        State? after = null;
        Dictionary<string, TemplateType>? localsAfter = null;
        foreach (var way in ways)
        {
            _state = before.Copy();
            _frame.Locals = new(locals, StringComparer.Ordinal);
            Run(way);
            if (after is null)
            {
                (after, localsAfter) = (_state, _frame.Locals);
                continue;
            }
            after.Merge(_state);
            MergeInto(localsAfter!, _frame.Locals);
        }
        _state = after ?? before;
        _frame.Locals = localsAfter ?? locals;
    }

    private void Repeat(Action body)
    {
        for (var pass = 0; pass < MostLoopPasses; pass++)
        {
            CountCopies(1);
            var before = _state.Copy();
            var locals = new Dictionary<string, TemplateType>(_frame.Locals, StringComparer.Ordinal);
            body();
            var isChanged = before.Merge(_state);
            isChanged |= MergeInto(locals, _frame.Locals);
            _state = before;
            _frame.Locals = locals;
            if (!isChanged || !Step())
                return;
        }
        // What further turns would leave is not known.
        _reads.All();
    }

    private void RunFor(StatementSyntax.For loop)
    {
        var source = Evaluate(loop.Source);
        foreach (var option in new[] { loop.Options.Offset, loop.Options.Limit, loop.Options.Columns })
            if (option is not null)
                Evaluate(option);
        if (source is TemplateType.Number or TemplateType.Boolean)
            Report(loop.Source.Span, "not-iterable", $"a loop needs a list, an object or a text, not a {source}",
                source is TemplateType.Number ? $"to count write 1..{_source.Slice(loop.Source.Span)}" : "");
        var names = new Dictionary<string, TemplateType>(StringComparer.Ordinal)
        {
            [loop.IsTable ? "tablerow" : "for"] = LoopType,
        };
        if (source is not TemplateType.ListOf)
            _reads.Whole(source);
        var element = CheckedTypes.Element(source);
        if (loop.Variable is ExpressionSyntax.Variable variable)
            names[variable.Name] = element;
        else
            Set(loop.Variable, element);
        _layers.Add(new Layer(names, null, false));
        Repeat(() => Run(loop.Body));
        _layers.RemoveAt(_layers.Count - 1);
        Run(loop.Else);
    }

    private static readonly TemplateType LoopType = new TemplateType.ObjectOf(new Shape("for",
    [
        .. new[] { "index", "rindex", "length", "col" }.Select(n => new ShapeMember(n, new TemplateType.Number(), "")),
        .. new[] { "first", "last", "even", "odd", "changed" }.Select(n => new ShapeMember(n, new TemplateType.Boolean(), "")),
    ]));

    private void Assign(ExpressionSyntax.Assignment assignment)
    {
        var value = Evaluate(assignment.Value);
        if (assignment.Compound is { } op)
        {
            var before = Evaluate(assignment.Target, isLenient: true);
            if (assignment.Target is ExpressionSyntax.Variable { Name: var name } && before is TemplateType.Nothing && !_importsUnknown && !_mayIncludeMore && _program.Options.Strict)
                Report(assignment.Target.Span, "unknown-variable", $"\"{name}\" has no value yet", $"give it one before: {name} = ...", DiagnosticSeverity.Warning);
            value = OfBinary(op, before, value);
        }
        Set(assignment.Target, value);
    }

    private void Set(ExpressionSyntax target, TemplateType type)
    {
        switch (target)
        {
            case ExpressionSyntax.Variable variable:
                SetVariable(variable.Name, type);
                break;
            case ExpressionSyntax.Local local:
                _frame.Locals[local.Name] = type;
                break;
            case ExpressionSyntax.Member member:
                ReadAliases(type);
                SetMember(Evaluate(member.Target), member.Name, type);
                break;
            case ExpressionSyntax.Index index:
                ReadAliases(type);
                var container = Evaluate(index.Target);
                var key = Evaluate(index.Key);
                SetMember(container, index.Key is ExpressionSyntax.Literal { Value: { IsText: true } name } ? name.AsText()! : CheckedTypes.AnyMember, type);
                SetNameTaint(container, CheckedTypes.TaintOf(key));
                if (container is TemplateType.ListOf list)
                    Set(index.Target, new TemplateType.ListOf(CheckedTypes.Join(list.Element, type)));
                break;
        }
    }

    // Who else has the object or list sees what is put into it.
    private void ReadAliases(TemplateType type)
    {
        if (type is not (TemplateType.Text or TemplateType.Number or TemplateType.Boolean or TemplateType.Date or TemplateType.Duration or TemplateType.Nothing))
            _reads.All();
    }

    // Objects are shared, so a member only ever gets wider.
    private static void SetMember(TemplateType target, string name, TemplateType type)
    {
        if (target is TemplateType.Literal literal)
            literal.Known[name] = literal.Known.TryGetValue(name, out var known) ? CheckedTypes.Join(known, type) : type;
    }

    private static void SetNameTaint(TemplateType target, Taint taint)
    {
        if (target is TemplateType.Literal literal && taint == Taint.Tainted)
            literal.Known[CheckedTypes.TaintedName] = CheckedTypes.TextOf(Taint.Tainted);
    }

    private void SetVariable(string name, TemplateType type)
    {
        for (var i = _layers.Count - 1; i >= 0; i--)
        {
            var layer = _layers[i];
            if (layer.With is { } with)
            {
                SetMember(with, name, type);
                return;
            }
            if (layer.Names.ContainsKey(name) || (layer.IsFunction && !_state.Globals.ContainsKey(name)))
            {
                layer.Names[name] = layer.Names.TryGetValue(name, out var known) && layer.IsFunction ? CheckedTypes.Join(known, type) : type;
                return;
            }
            if (layer.IsFunction)
                break;
        }
        _state.Globals[name] = type;
    }

    private void Import(TemplateType type)
    {
        if (type is TemplateType.Literal literal)
            foreach (var (name, member) in literal.Known)
                SetVariable(name, member);
        else if (type is TemplateType.ObjectOf typed)
            foreach (var member in typed.Shape.Members)
                SetVariable(member.Name, member.Type);
        else
            ImportUnknown(type);
    }

    private void ImportUnknown(TemplateType type)
    {
        _importsUnknown = true;
        if (_layers.FindLast(static layer => layer.With is not null)?.With is not { } target)
            return;
        SetMember(target, CheckedTypes.AnyMember, CheckedTypes.ValueOf(type));
        SetNameTaint(target, CheckedTypes.KeyTaint(type));
    }

    private bool _importsUnknown;
}
