using System.Globalization;

namespace Templater.Language;

internal sealed partial class Checker
{
    private TemplateType Evaluate(ExpressionSyntax expression, bool isLenient = false)
    {
        if (!Step())
            return CheckedTypes.Unknown;
        switch (expression)
        {
            case ExpressionSyntax.Literal literal:
                return OfValue(literal.Value);
            case ExpressionSyntax.Group group:
                return Evaluate(group.Inner, isLenient);
            case ExpressionSyntax.Interpolation text:
                return CheckedTypes.WrittenText(text.Parts.Select(part => Whole(Evaluate(part))));
            case ExpressionSyntax.Variable variable:
                return Called(OfVariable(variable, isLenient), variable.Span, isDirect: false);
            case ExpressionSyntax.Local local:
                return Called(OfLocal(local, isLenient), local.Span, isDirect: false);
            case ExpressionSyntax.This:
                return CheckedTypes.UnknownUntrusted;
            case ExpressionSyntax.Member member:
                return Called(OfMember(member, isLenient), member.Span, isDirect: false);
            case ExpressionSyntax.Index index:
                return OfIndex(index, isLenient);
            case ExpressionSyntax.Unary unary:
                return OfUnary(unary);
            case ExpressionSyntax.Step step:
                Evaluate(step.Target);
                return Define.Number;
            case ExpressionSyntax.Binary binary:
                var isCoalesce = binary.Operator is BinaryOperator.Coalesce or BinaryOperator.NotNullThen;
                return OfBinary(binary.Operator, Evaluate(binary.Left, isCoalesce), Evaluate(binary.Right));
            case ExpressionSyntax.Conditional choice:
                Evaluate(choice.Condition);
                CheckCondition(choice.Condition);
                return CheckedTypes.Join(Evaluate(choice.Consequent), Evaluate(choice.Alternative));
            case ExpressionSyntax.List list:
                return new TemplateType.ListOf(list.Items.Select(i => Evaluate(i)).Aggregate(CheckedTypes.Nothing, CheckedTypes.Join));
            case ExpressionSyntax.Object made:
                return OfObject(made);
            case ExpressionSyntax.Call call:
                return OfCall(call.Span, call.Target, call.Arguments, null, isDirect: false);
            case ExpressionSyntax.Pipe pipe:
                return OfPipe(pipe, isDirect: false);
            case ExpressionSyntax.AnonymousFunction function:
                _declared.Add((function.Function, _source));
                // Who calls it, and with what, is not followed through values.
                _reads.All();
                return new TemplateType.Declared(function.Function, _source);
            default:
                return CheckedTypes.Unknown;
        }
    }

    private TemplateType Whole(TemplateType type)
    {
        _reads.Whole(type);
        return type;
    }

    private void PrintExpression(ExpressionSyntax expression)
    {
        var type = expression switch
        {
            ExpressionSyntax.Call call => OfCall(call.Span, call.Target, call.Arguments, null, isDirect: true),
            ExpressionSyntax.Pipe pipe => OfPipe(pipe, isDirect: true),
            ExpressionSyntax.Variable variable => Called(OfVariable(variable, false), variable.Span, isDirect: true),
            ExpressionSyntax.Member member => Called(OfMember(member, false), member.Span, isDirect: true),
            _ => Evaluate(expression),
        };
        Print(type, expression.Span);
    }

    // ---- names

    private TemplateType OfVariable(ExpressionSyntax.Variable variable, bool isLenient)
    {
        var name = variable.Name;
        TemplateType? fromWith = null;
        var sawFunction = false;
        for (var i = _layers.Count - 1; i >= 0; i--)
        {
            var layer = _layers[i];
            if (layer.With is { } with)
            {
                if (TryMember(with, name, out var member))
                    return member;
                fromWith ??= with is TemplateType.ObjectOf or TemplateType.Literal ? null : CheckedTypes.ValueOf(with).OrNull();
            }
            else if (layer.Names.TryGetValue(name, out var found) && !(layer.IsFunction && sawFunction))
            {
                return found;
            }
            sawFunction |= layer.IsFunction;
        }
        if (_state.Globals.TryGetValue(name, out var global))
            return fromWith is null ? global : CheckedTypes.Join(global, fromWith);
        if (_program.Options.Root is { } root)
        {
            if (root.IndexOf(name) is var index and >= 0)
                return root.Members[index].Type;
        }
        if (_program.Library.TryGet(name, out var library))
            return library.Reference is DefinedFunction function ? new TemplateType.Defined(function.Definition) : CheckedTypes.Unknown;
        if (fromWith is not null)
            return fromWith;
        if (!isLenient && !_importsUnknown && _program.Options is { Strict: true, Root: not null })
        {
            if (IsFull)
                return CheckedTypes.Unknown;
            ReportVariable(variable);
            return CheckedTypes.Unknown;
        }
        return isLenient ? CheckedTypes.Nothing : CheckedTypes.Derived([CheckedTypes.UnknownUntrusted]);
    }

    private IEnumerable<string> KnownNames()
    {
        return _layers.SelectMany(l => l.Names.Keys).Concat(_state.Globals.Keys).Concat(_program.Library.Names)
            .Concat(_program.Options.Root?.Members.Select(m => m.Name) ?? []).Distinct(StringComparer.Ordinal);
    }

    private TemplateType OfLocal(ExpressionSyntax.Local local, bool isLenient)
    {
        if (local.Name == "$")
            return new TemplateType.ListOf(_frame.Arguments.Aggregate(CheckedTypes.Nothing, CheckedTypes.Join));
        if (local.Name == "$$")
            return CheckedTypes.TextOf(Taint.Clean);
        if (int.TryParse(local.Name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return index < _frame.Arguments.Count ? _frame.Arguments[index] : CheckedTypes.Nothing;
        if (_frame.Locals.TryGetValue(local.Name, out var found))
            return found;
        if (isLenient || _frame.MayHaveMoreLocals || !_program.Options.Strict)
            return CheckedTypes.Nothing;
        Report(RuntimeErrors.UnknownVariable(local.Span, local.Name, _frame.Locals.Keys));
        return CheckedTypes.Unknown;
    }

    // ---- members

    private TemplateType OfMember(ExpressionSyntax.Member member, bool isLenient)
    {
        if (FindDefinition(member) is { } definition)
            return new TemplateType.Defined(definition);
        if (member.Target is ExpressionSyntax.Variable { Name: var space } && IsNamespace(space) is { } library)
        {
            Report(RuntimeErrors.UnknownFunction(member.Span, $"{space}.{member.Name}", [], _program.Library));
            return CheckedTypes.Unknown;
        }
        var target = Evaluate(member.Target, isLenient || member.IsConditional);
        _reads.Named(target, member.Name);
        if (!IsUnknownOfList(member, target) && TryMember(target, member.Name, out var type))
            return target.Nullable ? type.OrNull() : type;
        ReportMember(member, target, isLenient);
        return CheckedTypes.Nothing;
    }

    private static bool TryMember(TemplateType target, string name, out TemplateType type)
    {
        type = CheckedTypes.Unknown;
        switch (target)
        {
            case TemplateType.ObjectOf typed:
                var index = typed.Shape.IndexOf(name);
                type = index >= 0 ? typed.Shape.Members[index].Type : Define.Truth;
                return index >= 0 || name == "empty?";
            case TemplateType.MapOf map:
                type = map.Value;
                return true;
            case TemplateType.Literal literal:
                if (literal.Known.TryGetValue(name, out var known))
                    type = known;
                else if (literal.Known.TryGetValue(CheckedTypes.AnyMember, out var any))
                    type = any.OrNull();
                else
                    return false;
                return true;
            case TemplateType.Text or TemplateType.ListOf when name is "size" or "empty?":
                type = name == "size" ? Define.Number : Define.Truth;
                return true;
            case TemplateType.ListOf list:
                type = list.Element.OrNull();
                return true;
            case TemplateType.Date or TemplateType.Duration:
                type = Define.Any;
                return true;
            case TemplateType.Any any:
                type = any.OrNull();
                return true;
            default:
                return false;
        }
    }

    private TemplateType OfIndex(ExpressionSyntax.Index index, bool isLenient)
    {
        var target = Evaluate(index.Target, isLenient || index.IsConditional);
        var key = Evaluate(index.Key);
        ReadByKey(target, index.Key, key);
        if (index.Key is ExpressionSyntax.Literal { Value: { IsText: true } name } && target is TemplateType.ObjectOf or TemplateType.Literal)
            return TryMember(target, name.AsText()!, out var member) ? member.OrNull() : CheckedTypes.Nothing;
        return target switch
        {
            TemplateType.MapOf map => map.Value.OrNull(),
            TemplateType.ListOf list => list.Element.OrNull(),
            TemplateType.Literal or TemplateType.ObjectOf => CheckedTypes.ValueOf(target).OrNull(),
            TemplateType.Text text => CheckedTypes.TextOf(TaintRules.Changed(text.Taint)).OrNull(),
            _ => CheckedTypes.Derived([target]).OrNull(),
        };
    }

    private void ReadByKey(TemplateType target, ExpressionSyntax written, TemplateType key)
    {
        if (written is ExpressionSyntax.Literal { Value: { IsText: true } name })
            _reads.Named(target, name.AsText()!);
        else if (target is not TemplateType.ListOf && key is not TemplateType.Number)
            _reads.Whole(target);
    }

    private TemplateType OfObject(ExpressionSyntax.Object made)
    {
        var known = new Dictionary<string, TemplateType>(StringComparer.Ordinal);
        foreach (var member in made.Members)
            known[member.Name] = Evaluate(member.Value);
        return CheckedTypes.OfMembers(known);
    }

    // ---- operators

    private TemplateType OfUnary(ExpressionSyntax.Unary unary)
    {
        if (unary.Operator == UnaryOperator.Alias)
        {
            var aliased = unary.Operand switch
            {
                ExpressionSyntax.Variable variable => OfVariable(variable, false),
                ExpressionSyntax.Member member => OfMember(member, false),
                ExpressionSyntax.Group { Inner: ExpressionSyntax.AnonymousFunction function } => Evaluate(function),
                _ => Evaluate(unary.Operand),
            };
            if (aliased is not TemplateType.Defined)
                _reads.All();
            return aliased;
        }
        var operand = Evaluate(unary.Operand);
        return unary.Operator switch
        {
            UnaryOperator.Not => Define.Truth,
            UnaryOperator.Spread => operand,
            _ => Define.Number,
        };
    }

    // What is compared or added may be made a text first; truth, null and two lists are looked at from outside.
    private void ReadOperands(BinaryOperator op, TemplateType left, TemplateType right)
    {
        if (op is BinaryOperator.And or BinaryOperator.Or or BinaryOperator.Coalesce or BinaryOperator.NotNullThen || left is TemplateType.Nothing || right is TemplateType.Nothing
            || (op == BinaryOperator.Add && left is TemplateType.ListOf && right is TemplateType.ListOf))
            return;
        _reads.Whole(left);
        _reads.Whole(right);
    }

    private TemplateType OfBinary(BinaryOperator op, TemplateType left, TemplateType right)
    {
        ReadOperands(op, left, right);
        switch (op)
        {
            case BinaryOperator.Coalesce:
                return left is TemplateType.Nothing ? right : CheckedTypes.Join(left with { Nullable = false }, right);
            case BinaryOperator.NotNullThen:
                return right.OrNull();
            case BinaryOperator.Range or BinaryOperator.RangeExclusive:
                return new TemplateType.ListOf(Define.Number);
            case >= BinaryOperator.Or and <= BinaryOperator.GreaterOrEqual:
                return Define.Truth;
        }
        if (left is TemplateType.ListOf || right is TemplateType.ListOf)
            return new TemplateType.ListOf(CheckedTypes.Join(left is TemplateType.ListOf ? CheckedTypes.Element(left) : left, right is TemplateType.ListOf ? CheckedTypes.Element(right) : right));
        if (left is TemplateType.Text || right is TemplateType.Text)
        {
            var taint = TaintRules.Joined(CheckedTypes.WrittenTaint(left), CheckedTypes.WrittenTaint(right));
            return CheckedTypes.TextOf(op == BinaryOperator.Add ? taint : TaintRules.Changed(taint));
        }
        return left is TemplateType.Number && right is TemplateType.Number ? Define.Number : CheckedTypes.Derived([left, right]);
    }
}
