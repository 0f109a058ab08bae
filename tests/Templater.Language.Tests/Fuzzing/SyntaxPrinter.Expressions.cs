namespace Templater.Language.Tests;

internal sealed partial class SyntaxPrinter
{
    private void Expression(ExpressionSyntax expression)
    {
        switch (expression)
        {
            case ExpressionSyntax.Literal or ExpressionSyntax.This:
                _out.Append(_source.Slice(expression.Span));
                break;
            case ExpressionSyntax.Variable { Name: var name }:
                _out.Append(name);
                break;
            case ExpressionSyntax.Local { Name: var name }:
                _out.Append(name);
                break;
            case ExpressionSyntax.Interpolation interpolation:
                Interpolation(interpolation);
                break;
            case ExpressionSyntax.Member member:
                Expression(member.Target);
                _out.Append(member.IsConditional ? "?." : ".").Append(member.Name);
                break;
            case ExpressionSyntax.Index index:
                Expression(index.Target);
                Bracketed(index.IsConditional ? "?.[" : "[", index.Key, "]");
                break;
            case ExpressionSyntax.Unary unary:
                Unary(unary);
                break;
            case ExpressionSyntax.Step step:
                _out.Append(step.IsPrefix ? Steps(step) : "");
                Expression(step.Target);
                _out.Append(step.IsPrefix ? "" : Steps(step));
                break;
            case ExpressionSyntax.Binary binary:
                Infix(binary.Left, SyntaxFacts.Text(binary.Operator), binary.Right);
                break;
            case ExpressionSyntax.Pipe pipe:
                Infix(pipe.Left, "|", pipe.Right);
                break;
            case ExpressionSyntax.Conditional conditional:
                Expression(conditional.Condition);
                // On one line, a colon after a pipe's function would name an argument.
                if (conditional.Consequent is ExpressionSyntax.Pipe)
                    Bracketed(" ? (", conditional.Consequent, ") : ");
                else
                    Bracketed(" ? ", conditional.Consequent, " : ");
                Expression(conditional.Alternative);
                break;
            case ExpressionSyntax.Assignment assignment:
                Infix(assignment.Target, assignment.Compound is { } op ? SyntaxFacts.Text(op) + "=" : "=", assignment.Value);
                break;
            case ExpressionSyntax.List list:
                _out.Append('[');
                Separated(list.Items, Expression);
                _out.Append(']');
                break;
            case ExpressionSyntax.Object map:
                _out.Append('{');
                Separated(map.Members, member =>
                {
                    _out.Append(Quoted(member.Name)).Append(": ");
                    Expression(member.Value);
                });
                _out.Append('}');
                break;
            case ExpressionSyntax.Group group:
                Bracketed("(", group.Inner, ")");
                break;
            case ExpressionSyntax.Call call:
                Call(call);
                break;
            case ExpressionSyntax.AnonymousFunction { Function: var function }:
                _out.Append("do");
                Parameters(function.Parameters);
                _out.Append("; ");
                Statements(function.Body.Statements);
                _out.Append("end");
                break;
            default:
                throw new NotSupportedException(expression.GetType().Name);
        }
    }

    private static string Steps(ExpressionSyntax.Step step) => step.IsIncrement ? "++" : "--";

    private void Infix(ExpressionSyntax left, string op, ExpressionSyntax right)
    {
        Expression(left);
        _out.Append(' ').Append(op).Append(' ');
        Expression(right);
    }

    private void Bracketed(string open, ExpressionSyntax inner, string close)
    {
        _out.Append(open);
        Expression(inner);
        _out.Append(close);
    }

    // Two signs in a row would be another operator.
    private void Unary(ExpressionSyntax.Unary unary)
    {
        var sign = unary.Operator switch
        {
            UnaryOperator.Not => '!',
            UnaryOperator.Negate => '-',
            UnaryOperator.Plus => '+',
            UnaryOperator.Alias => '@',
            _ => '^',
        };
        _out.Append(sign);
        var at = _out.Length;
        Expression(unary.Operand);
        if (at < _out.Length && _out[at] is '-' or '+' or '=')
            _out.Insert(at, ' ');
    }

    private void Call(ExpressionSyntax.Call call)
    {
        Expression(call.Target);
        if (call.Target is ExpressionSyntax.Variable or ExpressionSyntax.Local or ExpressionSyntax.Member or ExpressionSyntax.Index)
        {
            _out.Append('(');
            Separated(call.Arguments, Argument);
            _out.Append(')');
            return;
        }
        foreach (var argument in call.Arguments)
        {
            _out.Append(' ');
            Argument(argument);
        }
    }

    private void Argument(ArgumentSyntax argument)
    {
        if (argument.Name is { } name)
            _out.Append(name).Append(": ");
        Expression(argument.Value);
    }

    private void Interpolation(ExpressionSyntax.Interpolation interpolation)
    {
        var quote = _source.Text[interpolation.Span.Start + 1];
        _out.Append('$').Append(quote);
        foreach (var part in interpolation.Parts)
        {
            if (part is ExpressionSyntax.Literal && IsTextPart(part))
                _out.Append(_source.Slice(part.Span));
            else
                Bracketed("{", part, "}");
        }
        _out.Append(quote);
    }

    // A text part begins after the quote or after a closing brace; a literal in braces does not.
    private bool IsTextPart(ExpressionSyntax part)
    {
        var before = _source.Text[part.Span.Start - 1];
        var after = part.Span.End < _source.Text.Length ? _source.Text[part.Span.End] : '\0';
        return before is '}' or '"' or '\'' && after is '{' or '"' or '\'';
    }

    private static string Quoted(string text) => "\"" + string.Concat(text.Select(c => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\0' => "\\0",
        _ => c.ToString(),
    })) + "\"";
}
