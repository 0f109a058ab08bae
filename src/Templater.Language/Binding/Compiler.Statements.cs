using System.Diagnostics;

namespace Templater.Language;

internal sealed partial class Compiler
{
    private StatementNode? Compile(StatementSyntax statement)
    {
        switch (statement)
        {
            case StatementSyntax.Text text:
                return new TextNode(_source.Slice(text.Span));
            case StatementSyntax.EnterCode enter:
                return CompileIndent(enter.Indent);
            case StatementSyntax.ExitCode:
                return _scope.BlockIndentSlot >= 0 ? new IndentNode(null, _scope.BlockIndentSlot) : null;
            case StatementSyntax.Expression expression:
                return CompileExpressionStatement(expression);
            case StatementSyntax.If choice:
                return new IfNode(Map(choice.Branches, b => (Compile(b.Condition), CompileBlock(b.Body))), choice.Else is { } otherwise ? CompileBlock(otherwise) : null);
            case StatementSyntax.Case choice:
                return CompileCase(choice);
            case StatementSyntax.For loop:
                return CompileFor(loop);
            case StatementSyntax.While loop:
                return CompileWhile(loop);
            case StatementSyntax.Break:
                return CompileJump(Flow.Break, statement.Span);
            case StatementSyntax.Continue:
                return CompileJump(Flow.Continue, statement.Span);
            case StatementSyntax.Return result:
                return new ReturnNode(result.Value is null ? null : Compile(result.Value));
            case StatementSyntax.FunctionDeclaration declaration:
                return new FunctionNode(CompileTarget(declaration.Target), CompileFunction(declaration.Function));
            default:
                return CompileScoped(statement);
        }
    }

    // A jump outside of a loop parses only without strictness: then it is a mistake when it runs.
    private StatementNode CompileJump(Flow flow, TextSpan span)
    {
        if (_scope.Loops.Count > 0 || (_program.Options.Leniency & Leniency.JumpEndsTemplate) != 0)
            return new JumpNode(flow);
        return _program.Options.Strict ? new JumpNode(flow) : new LostJumpNode(span);
    }

    private StatementNode CompileScoped(StatementSyntax statement)
    {
        switch (statement)
        {
            case StatementSyntax.Capture capture:
                var body = CompileBlock(capture.Body);
                return new CaptureNode(CompileTarget(capture.Target), body);
            case StatementSyntax.With with:
                var value = Compile(with.Value);
                _scope.Withs++;
                var inner = CompileBlock(with.Body);
                _scope.Withs--;
                return new WithNode(value, inner);
            case StatementSyntax.Import import:
                return new ImportNode(Compile(import.Value));
            case StatementSyntax.ReadOnly { Variable: ExpressionSyntax.Variable variable }:
                return new ReadOnlyNode(variable.Name);
            case StatementSyntax.ReadOnly:
                return BlockNode.Empty;
            case StatementSyntax.Wrap wrap:
                var (target, arguments) = wrap.Target is ExpressionSyntax.Call call ? (call.Target, call.Arguments) : (wrap.Target, []);
                var function = Compile(target);
                var values = arguments.Select(a => Compile(a.Value)).ToArray();
                _scope.Wraps++;
                var block = CompileBlock(wrap.Body);
                _scope.Wraps--;
                return new WrapNode(function, values, block);
            default:
                throw new UnreachableException(statement.GetType().Name);
        }
    }

    private StatementNode CompileExpressionStatement(StatementSyntax.Expression statement)
    {
        if (statement.Value is ExpressionSyntax.Assignment assignment)
            return CompileAssignment(assignment);
        return new PrintNode(Compile(statement.Value));
    }

    private AssignNode CompileAssignment(ExpressionSyntax.Assignment assignment)
    {
        // An anonymous function or @f is stored, every other function is called by the right side itself.
        var value = Compile(assignment.Value);
        return new AssignNode(assignment.Span, CompileTarget(assignment.Target), assignment.Compound, value);
    }

    private CaseNode CompileCase(StatementSyntax.Case choice)
    {
        var whens = Map(choice.Whens, w => (new TextSpan(w.Span.Start, "when".Length), Map(w.Values, v => Compile(v)), CompileBlock(w.Body)));
        return new CaseNode(Compile(choice.Value), whens, choice.Else is null ? null : CompileBlock(choice.Else));
    }

    private ForNode CompileFor(StatementSyntax.For loop)
    {
        var parts = new ForNode.Parts(Compile(loop.Source), BlockNode.Empty)
        {
            Offset = Optional(loop.Options.Offset),
            Limit = Optional(loop.Options.Limit),
            Columns = Optional(loop.Options.Columns),
            IsReversed = loop.Options.IsReversed,
            IsTable = loop.IsTable,
            LoopSlot = _scope.NewSlot(),
            Keyword = new TextSpan(loop.Span.Start, loop.IsTable ? "tablerow".Length : "for".Length),
            WrongOption = loop.Options.Wrong,
            Work = WorkOf(loop.Span),
        };
        var kind = loop.IsTable ? "tablerow" : "for";
        var name = (loop.Variable as ExpressionSyntax.Variable)?.Name;
        if (name is not null)
            parts = parts with { VariableSlot = _scope.NewSlot(), VariableName = _names.IdOf(name) };
        else if (loop.Variable is ExpressionSyntax.Local local && !char.IsAsciiDigit(local.Name.Length > 1 ? local.Name[1] : '0') && local.Name != "$$")
            parts = parts with { VariableSlot = _scope.Local(local.Name), VariableName = _names.IdOf(local.Name) };
        else
            parts = parts with { Target = CompileTarget(loop.Variable) };
        var scope = new Loop(kind, name, parts.VariableSlot, parts.LoopSlot, _scope.Withs);
        _scope.Loops.Add(scope);
        var body = CompileBlock(loop.Body);
        _scope.Loops.RemoveAt(_scope.Loops.Count - 1);
        return new ForNode(parts with { Body = body, IsLoopKept = scope.IsKept, Else = loop.Else is null ? null : CompileBlock(loop.Else) });
    }

    private WhileNode CompileWhile(StatementSyntax.While loop)
    {
        var slot = _scope.NewSlot();
        _scope.Loops.Add(new Loop("while", null, -1, slot, _scope.Withs));
        var node = new WhileNode(Compile(loop.Condition), CompileBlock(loop.Body), slot, new TextSpan(loop.Span.Start, "while".Length)) { Work = WorkOf(loop.Span) };
        _scope.Loops.RemoveAt(_scope.Loops.Count - 1);
        return node;
    }

    private ExpressionNode? Optional(ExpressionSyntax? expression) => expression is null ? null : Compile(expression);
}
