using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;

namespace Templater.Language;

internal sealed partial class Compiler
{
    private ExpressionNode CompileHere(ExpressionSyntax expression, bool isLenient)
    {
        switch (expression)
        {
            case ExpressionSyntax.Literal literal:
                return new LiteralNode(literal.Span, (_program.Options.Leniency & Leniency.FloatIsDecimal) == 0 ? literal.Value : Literals.AsDecimal(literal.Value, _source.Slice(literal.Span)));
            case ExpressionSyntax.Missing missing:
                return new LiteralNode(missing.Span, TemplateValue.Null);
            case ExpressionSyntax.Group group:
                // (do … end) is called on the spot; @(do … end) is not.
                var inner = Compile(group.Inner, isLenient);
                return group.Inner is ExpressionSyntax.AnonymousFunction ? new CallNode(group.Span, new CallPlace(group.Span), inner, []) : inner;
            case ExpressionSyntax.Variable variable:
                return CompileVariable(variable, isLenient);
            case ExpressionSyntax.Local local:
                return CompileLocal(local, isLenient);
            case ExpressionSyntax.This self:
                return new ThisNode(self.Span);
            case ExpressionSyntax.Member member:
                return CompileMember(member, isLenient);
            case ExpressionSyntax.Index index:
                return CompileIndex(index, isLenient);
            case ExpressionSyntax.Unary unary:
                return CompileUnary(unary);
            case ExpressionSyntax.Step step:
                return new StepNode(step.Span, CompileTarget(step.Target), step.IsIncrement, step.IsPrefix);
            case ExpressionSyntax.Binary binary:
                return CompileBinary(binary);
            case ExpressionSyntax.Conditional choice:
                return new ConditionalNode(choice.Span, Compile(choice.Condition), Compile(choice.Consequent), Compile(choice.Alternative));
            case ExpressionSyntax.Call call:
                return CompileCall(call.Span, call.Span, call.Target, call.Arguments, null);
            case ExpressionSyntax.Pipe pipe:
                return CompilePipe(pipe, isLenient);
            default:
                return CompileMaker(expression);
        }
    }

    private ExpressionNode CompileMaker(ExpressionSyntax expression) => expression switch
    {
        ExpressionSyntax.Interpolation text => new InterpolationNode(text.Span, Map(text.Parts, p => Compile(p))),
        ExpressionSyntax.List list => new ListNode(list.Span, Map(list.Items, i => Compile(i))),
        ExpressionSyntax.Object made => new ObjectNode(made.Span, Map(made.Members, m => (m.Name, Compile(m.Value)))),
        ExpressionSyntax.AnonymousFunction function => new AnonymousFunctionNode(function.Span, CompileFunction(function.Function)),
        // Reported by the parser; the template is never rendered.
        ExpressionSyntax.Assignment assignment => new LiteralNode(assignment.Span, TemplateValue.Null),
        _ => throw new UnreachableException(expression.GetType().Name),
    };

    // ---- names

    private ExpressionNode CompileVariable(ExpressionSyntax.Variable variable, bool isLenient)
    {
        if (variable.Name is "for" or "while" or "tablerow" && FindLoop(variable.Name) is { } loop)
        {
            loop.IsKept = true;
            return new SlotNode(variable.Span, loop.LoopSlot, variable.Name, isLenient);
        }
        return CompileName(variable, isLenient);
    }

    private Loop? FindLoop(string kind)
    {
        for (var i = _scope.Loops.Count - 1; i >= 0; i--)
            if (_scope.Loops[i].Kind == kind)
                return _scope.Loops[i];
        return null;
    }

    private AssignableNode CompileName(ExpressionSyntax.Variable variable, bool isLenient)
    {
        var (span, name) = (variable.Span, variable.Name);
        var id = _names.IdOf(name);
        for (var i = _scope.Loops.Count - 1; i >= 0; i--)
            if (_scope.Loops[i].Variable == name && _scope.Loops[i].Withs == _scope.Withs)
                return new SlotNode(span, _scope.Loops[i].VariableSlot, name, isLenient);
        // A with object, or a loop outside of it, may have the name.
        if (_scope.Withs > 0)
            return new DynamicNode(span, id, name, isLenient);
        if (_scope.HasParameters && _scope.TryFindName(id, out var slot) && slot < _scope.Body.Parameters!.Length)
            return new SlotNode(span, slot, name, isLenient);
        return _isMain && !_scope.IsFunction && _scope.Wraps == 0 ? new GlobalNode(span, id, name, isLenient) : new DynamicNode(span, id, name, isLenient);
    }

    private ExpressionNode CompileLocal(ExpressionSyntax.Local local, bool isLenient)
    {
        if (local.Name != "$$" && (local.Name == "$" || char.IsAsciiDigit(local.Name[1])))
            _scope.Body.ReadsArguments = true;
        if (local.Name == "$")
            return IsOutsideOfCalls ? new LiteralNode(local.Span, TemplateValue.Null) : new ArgumentsNode(local.Span);
        if (local.Name == "$$")
            return new WrappedBlockNode(local.Span);
        if (int.TryParse(local.Name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return new ArgumentNode(local.Span, index, hasNone: IsOutsideOfCalls);
        var slot = new SlotNode(local.Span, _scope.Local(local.Name), local.Name, isLenient);
        return _scope.Wraps > 0 ? new WrappedLocalNode(local.Span, _names.IdOf(local.Name), slot) : slot;
    }

    // Nothing has called the template that is rendered itself: it has no arguments.
    private bool IsOutsideOfCalls => _isMain && !_scope.IsFunction;

    // Reported by the parser; the template is never rendered.
    private SlotNode NoTarget(TextSpan span)
    {
        return new SlotNode(span, _scope.NewSlot(), "", true);
    }

    private AssignableNode CompileTarget(ExpressionSyntax target)
    {
        switch (target)
        {
            case ExpressionSyntax.Variable variable:
                AddFunctionName(variable.Name);
                return CompileName(variable, isLenient: true);
            case ExpressionSyntax.Local local when CompileLocal(local, isLenient: true) is AssignableNode node:
                return node;
            case ExpressionSyntax.Member member:
                return new MemberNode(member.Span, Compile(member.Target), member.Name, member.NameSpan, default);
            case ExpressionSyntax.Index index:
                return new IndexNode(index.Span, Compile(index.Target), Compile(index.Key), new Access(false, IsLenient: true));
            default:
                return NoTarget(target.Span);
        }
    }

    // A name that a function with parameters sets is its own unless a global one exists.
    private void AddFunctionName(string name)
    {
        var id = _names.IdOf(name);
        if (_scope.HasParameters && _scope.Withs == 0 && !_scope.TryFindName(id, out _))
            _scope.AddName(id, _scope.NewSlot());
    }

    // ---- members

    private ExpressionNode CompileMember(ExpressionSyntax.Member member, bool isLenient)
    {
        if (member.Target is ExpressionSyntax.Variable { Name: "for" or "while" or "tablerow" } loop && FindLoop(loop.Name) is { } found && !isLenient)
            return new LoopMemberNode(member.Span, found.LoopSlot, member.Name);
        var isConditional = member.IsConditional || IsAfterConditional(member.Target);
        var target = Compile(member.Target, isLenient || member.IsConditional);
        return new MemberNode(member.Span, target, member.Name, member.NameSpan, new Access(isConditional, isLenient));
    }

    private IndexNode CompileIndex(ExpressionSyntax.Index index, bool isLenient)
    {
        var isConditional = index.IsConditional || IsAfterConditional(index.Target);
        return new IndexNode(index.Span, Compile(index.Target, isLenient || index.IsConditional), Compile(index.Key), new Access(isConditional, isLenient));
    }

    // a?.b.c: when a is null the rest of the chain is null too.
    private static bool IsAfterConditional(ExpressionSyntax target)
    {
        while (true)
        {
            switch (target)
            {
                case ExpressionSyntax.Member member:
                    if (member.IsConditional)
                        return true;
                    target = member.Target;
                    break;
                case ExpressionSyntax.Index index:
                    if (index.IsConditional)
                        return true;
                    target = index.Target;
                    break;
                default:
                    return false;
            }
        }
    }

    // ---- operators

    private ExpressionNode CompileUnary(ExpressionSyntax.Unary unary) => unary.Operator switch
    {
        UnaryOperator.Not => new NotNode(unary.Span, Compile(unary.Operand)),
        UnaryOperator.Negate => CompileSign(unary, isMinus: true),
        UnaryOperator.Plus => CompileSign(unary, isMinus: false),
        UnaryOperator.Alias => new AliasNode(unary.Span, Compile(unary.Operand is ExpressionSyntax.Group group ? group.Inner : unary.Operand)),
        _ => Compile(unary.Operand),
    };

    private ExpressionNode CompileSign(ExpressionSyntax.Unary unary, bool isMinus)
    {
        var operand = Compile(unary.Operand);
        return operand is LiteralNode { Value.IsNumber: true } literal
            ? new LiteralNode(unary.Span, Operators.Sign(isMinus, literal.Value, unary.Operand.Span))
            : new SignNode(unary.Span, isMinus, operand, unary.Operand.Span);
    }

    private ExpressionNode CompileBinary(ExpressionSyntax.Binary binary)
    {
        var op = binary.Operator;
        switch (op)
        {
            case BinaryOperator.And or BinaryOperator.Or:
                return new LogicNode(binary.Span, op == BinaryOperator.And, Compile(binary.Left), Compile(binary.Right));
            case BinaryOperator.Coalesce or BinaryOperator.NotNullThen:
                return new CoalesceNode(binary.Span, op == BinaryOperator.Coalesce, Compile(binary.Left, isLenient: true), Compile(binary.Right));
            default:
                return new BinaryNode(binary.Span, op, new OperandSpans(binary.OperatorSpan, binary.Left.Span, binary.Right.Span), Compile(binary.Left), Compile(binary.Right));
        }
    }

    // ---- calls

    private ExpressionNode CompilePipe(ExpressionSyntax.Pipe pipe, bool isLenient)
    {
        // x | object.default y is another way to say that x may be missing.
        var isDefault = pipe.Right is ExpressionSyntax.Call { Target: ExpressionSyntax.Member { Target: ExpressionSyntax.Variable { Name: "object" }, Name: "default" } };
        var left = Compile(pipe.Left, isLenient || isDefault);
        var isSpread = pipe.Left is ExpressionSyntax.Unary { Operator: UnaryOperator.Spread };
        var piped = new ArgumentPart(null, left, isSpread) { Span = PipedSpan(pipe.Left) };
        return pipe.Right is ExpressionSyntax.Call call
            ? CompileCall(pipe.Span, call.Span, call.Target, call.Arguments, piped)
            : CompileCall(pipe.Span, pipe.Right.Span, pipe.Right, [], piped);
    }

    // In a row of pipes the argument of the next function is what the last one gave, with all that is calculated from that.
    private static TextSpan PipedSpan(ExpressionSyntax piped)
    {
        var first = piped;
        while (first is ExpressionSyntax.Binary binary)
            first = binary.Left;
        return first is ExpressionSyntax.Pipe last ? TextSpan.FromBounds(last.Right.Span.Start, piped.Span.End) : piped.Span;
    }

    private ExpressionNode CompileCall(TextSpan span, TextSpan callSpan, ExpressionSyntax target, ImmutableArray<ArgumentSyntax> arguments, ArgumentPart? piped)
    {
        var parts = new ArgumentPart[arguments.Length + (piped is null ? 0 : 1)];
        var count = 0;
        if (piped is not null)
            parts[count++] = piped;
        foreach (var argument in arguments)
        {
            var isSpread = argument.Value is ExpressionSyntax.Unary { Operator: UnaryOperator.Spread };
            parts[count++] = new ArgumentPart(argument.Name, Compile(argument.Value), isSpread) { Span = argument.Span };
        }
        var place = new CallPlace(callSpan, parts);
        var call = new CallNode(span, place, Compile(target is ExpressionSyntax.Group group ? group.Inner : target, isLenient: target is ExpressionSyntax.Variable), parts);
        return TryFindDefinition(target, out var root) is { } definition && Fits(definition, parts)
            ? Shortened(new DefinedCallNode(span, place, new DefinedCallNode.Callee(definition, root, call), Array.ConvertAll(parts, p => p.Value)), parts)
            : call;
    }

    private static ExpressionNode Shortened(DefinedCallNode call, ArgumentPart[] parts)
    {
        return call.Definition.TakesFirstItem && parts[0].Value is DefinedCallNode list && list.ForFirstItem() is { } first
            ? new FirstItemNode(call, list, first)
            : call;
    }

    // string.upcase, unless a scope around this place could have another "string".
    private FunctionDefinition? TryFindDefinition(ExpressionSyntax target, out int root)
    {
        root = -1;
        if (target is not ExpressionSyntax.Member { Target: ExpressionSyntax.Variable variable, IsConditional: false } member)
            return null;
        if (_scope.Withs > 0 || _scope.HasLoopOver(variable.Name) || !_program.Library.TryGet(variable.Name, out var found))
            return null;
        root = _names.IdOf(variable.Name);
        if (_scope.TryFindName(root, out _) || found.Reference is not NamespaceObject library || !library.TryGet(member.Name, out var function))
            return null;
        return (function.Reference as DefinedFunction)?.Definition;
    }

    private static bool Fits(FunctionDefinition definition, ArgumentPart[] parts)
    {
        if (definition.Special != SpecialFunction.None || Array.Exists(parts, p => p.Name is not null || p.IsSpread) || parts.Length < definition.RequiredCount)
            return false;
        return definition.HasRest || parts.Length <= definition.Parameters.Length;
    }
}
