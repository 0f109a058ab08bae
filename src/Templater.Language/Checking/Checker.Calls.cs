using System.Collections.Immutable;

namespace Templater.Language;

internal sealed partial class Checker
{
    private TemplateType OfPipe(ExpressionSyntax.Pipe pipe, bool isDirect)
    {
        return pipe.Right is ExpressionSyntax.Call call
            ? OfCall(pipe.Span, call.Target, call.Arguments, pipe.Left, isDirect)
            : OfCall(pipe.Span, pipe.Right, [], pipe.Left, isDirect);
    }

    private TemplateType OfCall(TextSpan span, ExpressionSyntax target, ImmutableArray<ArgumentSyntax> arguments, ExpressionSyntax? piped, bool isDirect)
    {
        var function = OfTarget(target);
        var isDefault = function is TemplateType.Defined { Definition.Name: "object.default" };
        var positional = new List<TemplateType>();
        var named = new Dictionary<string, TemplateType>(StringComparer.Ordinal);
        var hasSpread = false;
        var isUnnamed = function is TemplateType.Defined { Definition.Special: SpecialFunction.Include } && ReportUnquotedName(piped ?? (arguments.Length > 0 ? arguments[0].Value : null));
        if (piped is not null)
            positional.Add(Evaluate(piped, isDefault));
        foreach (var argument in arguments)
        {
            var type = Evaluate(argument.Value, isDefault && positional.Count == 0);
            if (argument.Name is not null)
            {
                named[argument.Name] = type;
                continue;
            }
            var isSpread = argument.Value is ExpressionSyntax.Unary { Operator: UnaryOperator.Spread };
            hasSpread |= isSpread;
            positional.Add(isSpread ? CheckedTypes.Element(type) : type);
        }
        switch (function)
        {
            case TemplateType.Defined { Definition: { Special: not SpecialFunction.None } include }:
                var name = piped ?? (arguments.Length > 0 ? arguments[0].Value : null);
                _mayIncludeMore |= include.Special != SpecialFunction.Include;
                if (isUnnamed)
                    return CheckedTypes.TextOf(Taint.Clean);
                return include.Special == SpecialFunction.Include ? FollowInclude(name, positional, named, span, isDirect) : CheckedTypes.TextOf(Taint.Tainted);
            case TemplateType.Defined defined:
                // A text that is run may use every name.
                _mayIncludeMore |= defined.Definition.Name is "object.eval" or "object.eval_template";
                if (!hasSpread)
                    CheckArguments(defined.Definition, new GivenArguments(arguments, piped, positional, named, target.Span));
                if (defined.Definition.Reads == ArgumentUse.Named && named.Count == 0 && !hasSpread && positional is [TemplateType.ListOf list, _, ..])
                    return ReadNamed(defined.Definition, list.Element, [.. (piped is null ? [] : new[] { piped }), .. arguments.Select(static argument => argument.Value)], positional);
                ReadArguments(defined.Definition, [.. positional, .. named.Values]);
                return Invoke(defined.Definition, [.. positional, .. named.Values]);
            case TemplateType.Declared declared:
                if (!hasSpread)
                    CheckArguments(declared.Syntax, new GivenArguments(arguments, piped, positional, named, target.Span));
                return Follow(declared.Syntax, declared.Source, positional, named, isDirect);
            default:
                _reads.All();
                return CheckedTypes.Derived(positional);
        }
    }

    private TemplateType OfTarget(ExpressionSyntax target)
    {
        switch (target)
        {
            case ExpressionSyntax.Variable variable:
                var isKnown = _program.Options.Root is null || !_program.Options.Strict || OfVariable(variable, isLenient: true) is not TemplateType.Nothing;
                if (!isKnown && !IsFull)
                    Report(RuntimeErrors.UnknownFunction(variable.Span, variable.Name, KnownNames(), _program.Library));
                return OfVariable(variable, isLenient: true);
            case ExpressionSyntax.Member member:
                return OfMember(member, false);
            case ExpressionSyntax.Local local:
                return OfLocal(local, false);
            case ExpressionSyntax.Group group:
                return OfTarget(group.Inner);
            default:
                return Evaluate(target);
        }
    }

    // A function's name without arguments is a call.
    private TemplateType Called(TemplateType type, TextSpan span, bool isDirect)
    {
        switch (type)
        {
            case TemplateType.Defined defined:
                CheckArguments(defined.Definition, GivenArguments.None(span));
                return Invoke(defined.Definition, []);
            case TemplateType.Declared declared:
                CheckArguments(declared.Syntax, GivenArguments.None(span));
                return Follow(declared.Syntax, declared.Source, [], new(StringComparer.Ordinal), isDirect);
            default:
                return type;
        }
    }

    private NamespaceObject? IsNamespace(string name)
    {
        if (_layers.Any(l => l.With is not null || l.Names.ContainsKey(name)) || _state.Globals.ContainsKey(name) || _program.Options.Root?.IndexOf(name) >= 0)
            return null;
        return _program.Library.TryGet(name, out var found) ? found.Reference as NamespaceObject : null;
    }

    private FunctionDefinition? FindDefinition(ExpressionSyntax.Member member)
    {
        return member.Target is ExpressionSyntax.Variable variable && IsNamespace(variable.Name) is { } library && library.TryGet(member.Name, out var function)
            ? (function.Reference as DefinedFunction)?.Definition
            : null;
    }

    private TemplateType Invoke(FunctionDefinition definition, List<TemplateType> arguments)
    {
        if (definition.Quotes is { } format && format == _program.Options.Format)
            return CheckedTypes.TextOf(CheckedTypes.TaintOf(arguments) == Taint.Clean ? Taint.Clean : Taint.Quoted);
        switch (definition.Name)
        {
            case "array.each" when arguments.Count == 2:
                return new TemplateType.ListOf(CallBack(arguments[1], CheckedTypes.Element(arguments[0])));
            case "array.join" when arguments.Count == 3:
                return CheckedTypes.WrittenText([CallBack(arguments[2], CheckedTypes.Element(arguments[0])), arguments[1]]);
            case "array.filter" or "array.any" when arguments.Count >= 2:
                CallBack(arguments[1], CheckedTypes.Element(arguments[0]));
                break;
            case "array.map" when arguments.Count == 2:
                return CheckedTypes.MappedMembers(arguments);
        }
        var result = definition.Result?.Invoke(arguments) ?? CheckedTypes.Derived(arguments);
        // A function of the program may say too little about its result: what goes in tainted comes out tainted.
        if (definition.Flow == TaintFlow.Derived && result is TemplateType.Text or TemplateType.Any && CheckedTypes.TaintOf(arguments) != Taint.Clean)
            return result is TemplateType.Text ? CheckedTypes.TextOf(Taint.Tainted) : CheckedTypes.UnknownUntrusted;
        return result;
    }

    private TemplateType CallBack(TemplateType function, TemplateType element) => function switch
    {
        TemplateType.Declared declared => Follow(declared.Syntax, declared.Source, [element], new(StringComparer.Ordinal), isDirect: false),
        TemplateType.Defined defined => InvokeOn(defined.Definition, element),
        _ => CheckedTypes.Derived([Whole(element)]),
    };

    private TemplateType InvokeOn(FunctionDefinition definition, TemplateType argument)
    {
        ReadArguments(definition, [argument]);
        return Invoke(definition, [argument]);
    }

    // In place of a list an object is gone through.
    private void ReadArguments(FunctionDefinition definition, List<TemplateType> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
            if (definition.Reads != ArgumentUse.HandedOn || (arguments[i] is not TemplateType.ListOf && i < definition.Parameters.Length && definition.Parameters[i].Type is TemplateType.ListOf))
                _reads.Whole(arguments[i]);
    }

    private TemplateType ReadNamed(FunctionDefinition definition, TemplateType element, ExpressionSyntax[] written, List<TemplateType> arguments)
    {
        for (var i = 1; i < arguments.Count; i++)
        {
            if (i > 1 && !definition.HasRest)
                _reads.Whole(arguments[i]);
            else if (written[i] is not ExpressionSyntax.Literal { Value: { IsText: true } path })
                _reads.Whole(element);
            else if (definition.Name != "array.map")
                _reads.Whole(ReadPath(element, path.AsText()!.TrimStart('-').Split('.')));
            else if (ReadPath(element, path.AsText()!) is var member and not TemplateType.Nothing)
                return new TemplateType.ListOf(member);
        }
        return Invoke(definition, arguments);
    }

    private TemplateType ReadPath(TemplateType target, params string[] path)
    {
        foreach (var name in path)
        {
            _reads.Named(target, name);
            target = TryMember(target, name, out var member) ? member : CheckedTypes.Nothing;
        }
        return target;
    }
}
