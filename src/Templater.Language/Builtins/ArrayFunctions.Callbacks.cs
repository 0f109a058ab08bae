using System.Collections.Immutable;
using static Templater.Language.Define;

namespace Templater.Language;

internal static partial class ArrayFunctions
{
    private static FunctionParameter FunctionIn => In("function", Function);

    /// <summary>The functions that call a function for each item.</summary>
    public static ImmutableArray<FunctionDefinition> Callbacks { get; } =
    [
        Value("array.any", "The first result of the function that is true, else false.", null, AnyOf, ListParameter, FunctionIn, Rest("arguments", Any)),
        Value("array.each", "The results of the function for each item.", null, c => OrNull(c, static c => Caller(c, 1) is { } caller ? Items(c).Select(caller) : Items(c)), ListParameter, FunctionIn),
        Value("array.filter", "The items for which the function is true.", CheckedTypes.SameList, c => OrNull(c, static c => Caller(c, 1) is { } caller ? Items(c).Where(item => caller(item).IsTruthy) : Items(c)), ListParameter, FunctionIn) with { Reads = ArgumentUse.HandedOn },
        new FunctionDefinition
        {
            Name = "array.join",
            Documentation = "The items as text with a separator between them, each passed through the function if one is given.",
            Parameters = [ListParameter, In("delimiter", Text), Maybe("function", Function)],
            Body = Join,
            Flow = TaintFlow.Explicit,
            Result = CheckedTypes.JoinedText,
        },
    ];

    // No function leaves the items as they are.
    private static Func<TemplateValue, TemplateValue>? Caller(FunctionCall call, int index)
    {
        if (call[index].IsNull)
            return null;
        if (call[index].AsFunction() is not { } function)
            throw call.Wrong(index, "a function; write @name");
        var (context, span) = (call.Context, call.Span);
        return item => context.Call(function, [item], span);
    }

    private static TemplateValue AnyOf(FunctionCall call)
    {
        var items = Items(call);
        if (call[1].AsFunction() is not { } function)
            return call.Context.Options.Strict ? throw call.Wrong(1, "a function; write @name") : TemplateValue.False;
        foreach (var item in items)
        {
            var result = call.Context.Call(function, [item, .. call.Arguments[2..]], call.Span);
            if (result.IsTruthy)
                return TemplateValue.True;
        }
        return TemplateValue.False;
    }

    // Whole texts end to end: quoted ones stay quoted.
    private static TemplateValue Join(FunctionCall call)
    {
        var context = call.Context;
        var caller = call[0].IsNull ? null : Caller(call, 2);
        context.BeginCapture();
        var isFirst = true;
        foreach (var item in Items(call))
        {
            if (!isFirst)
                context.Print(call[1], call.Span);
            isFirst = false;
            context.Print(caller is null ? item : caller(item), call.Span);
        }
        return context.EndCapture();
    }
}
