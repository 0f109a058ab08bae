using System.Collections.Immutable;
using static Templater.Language.Define;

namespace Templater.Language;

/// <summary>The functions of <c>object</c>.</summary>
internal static class ObjectFunctions
{
    private static FunctionParameter ObjectIn => In("value", Any);

    public static ImmutableArray<FunctionDefinition> All { get; } =
    [
        Value("object.default", "The value, or another one if it is null or an empty text.", CheckedTypes.FirstOrSecond, Default, ObjectIn, In("default", Any)) with { Reads = ArgumentUse.HandedOn },
        Value("object.eval", "The result of a text of code, run in the place of the call; what it writes before its last expression is written.", null, c => c.Context.Evaluate(c, isScript: true), In("code", Text)),
        Value("object.eval_template", "The output of a text that is a template, run in the place of the call.", null, c => c.Context.Evaluate(c, isScript: false), In("template", Text)),
        Test("object.has_key", "Whether the object has a member of that name.", c => Find(c, out _), ObjectIn, In("key", Text)),
        Test("object.has_value", "Whether the object has a member of that name that is not null.", c => Find(c, out var value) && !value.IsNull, ObjectIn, In("key", Text)),
        Value("object.keys", "The names of the members.", CheckedTypes.Keys, c => Parts(c, m => m.Key), ObjectIn),
        Value("object.values", "The values of the members.", CheckedTypes.Values, c => Parts(c, m => m.Value), ObjectIn),
        Scalar("object.size", "Number of characters, items or members.", Number, Size, ObjectIn) with { Reads = ArgumentUse.HandedOn },
        TextOf("object.typeof", "The kind of value: string, boolean, number, array, iterator, object, function; null gives an empty text.", c => TypeOf(c[0], c.Context.Options.Strict), ObjectIn) with { Flow = TaintFlow.Explicit, Result = static _ => Text },
        TextOf("object.kind", "The exact kind of value, such as int, double, array, range.", c => KindOf(c[0]), ObjectIn) with { Flow = TaintFlow.Explicit, Result = static _ => Text },
        TextOf("object.format", "A number, a date or a duration by a .NET format.", Format, ObjectIn, In("format", Text), Maybe("culture", Text)),
        new FunctionDefinition
        {
            Name = "object.to_json",
            Documentation = "The value as JSON, compact.",
            Parameters = [ObjectIn],
            Body = c => TemplateValue.FromText(Json.Write(c[0], c)),
            Result = CheckedTypes.DerivedText,
        },
        new FunctionDefinition
        {
            Name = "object.from_json",
            Documentation = "The value that a JSON text says.",
            Parameters = [In("json", Text)],
            Body = c => c[0].IsNull ? throw c.Wrong(0, "a text") : Json.Read(c.Text(0), TaintRules.Changed(c.ArgumentTaint()), c),
            Flow = TaintFlow.Explicit,
            Result = CheckedTypes.Derived,
        },
    ];

    private static TemplateValue Default(FunctionCall call)
    {
        return call[0].IsNull || call[0].AsText() is "" ? call[1] : call[0];
    }

    private static bool Find(FunctionCall call, out TemplateValue value)
    {
        value = default;
        if (call[0].IsNull)
            return false;
        return (call[0].AsObject() ?? throw call.Wrong(0, "an object")).TryGet(call.Text(1), out value);
    }

    private static TemplateValue Parts(FunctionCall call, Func<KeyValuePair<TemplateValue, TemplateValue>, TemplateValue> part)
    {
        if (call[0].IsNull)
            return TemplateValue.From(new TemplateList());
        if (call[0].AsObject() is not { } target)
            return SizeAs(call, part);
        call.Context.CountIterations(target.Count, call.Span);
        return TemplateValue.From(new TemplateList([.. target.Members.Select(part)], isOwned: true));
    }

    // Texts and lists have one member without a name of the author's: their size.
    private static TemplateValue SizeAs(FunctionCall call, Func<KeyValuePair<TemplateValue, TemplateValue>, TemplateValue> part)
    {
        if (call[0].Kind is not (ValueKind.Text or ValueKind.List))
            throw call.Wrong(0, "an object");
        var members = new List<TemplateValue> { part(new(TemplateValue.FromText("size"), Size(call))) };
        members.AddRange(call[0].AsList()?.Members?.Members.Select(part) ?? []);
        return TemplateValue.From(new TemplateList(members, isOwned: true));
    }

    private static TemplateValue Size(FunctionCall call)
    {
        if (call[0].AsText() is { } text)
            return TemplateValue.From(text.Length);
        if (call[0].AsObject() is { } target)
            return TemplateValue.From(target.Count);
        return Sequence.TryOpen(call[0], call.Context, out var items) ? TemplateValue.From(items.Count) : TemplateValue.From(0);
    }

    private static string TypeOf(TemplateValue value, bool isStrict) => value.Kind switch
    {
        ValueKind.Null => "",
        ValueKind.Boolean => "boolean",
        ValueKind.Number => "number",
        ValueKind.Text when isStrict || !value.IsUnquoted => "string",
        ValueKind.List => Operators.IsRange(value) ? "iterator" : "array",
        _ => "object",
    };

    private static string KindOf(TemplateValue value) => value.Kind switch
    {
        ValueKind.Null => "",
        ValueKind.Boolean => "bool",
        ValueKind.Number => value.NumberKind switch
        {
            NumberKind.Integer => value.Bits is >= int.MinValue and <= int.MaxValue ? "int" : "long",
            NumberKind.Big => "bigint",
            NumberKind.Single => "float",
            NumberKind.Decimal => "decimal",
            _ => "double",
        },
        ValueKind.Text => "string",
        ValueKind.List => Operators.IsRange(value) ? "range" : "array",
        ValueKind.Function => "function",
        ValueKind.Date => "datetime",
        ValueKind.Duration => "timespan",
        _ => "object",
    };

    private static string Format(FunctionCall call)
    {
        if (call[0].IsDate || call[0].IsDuration)
            return DateFormat.FormatDotNet(call[0].IsDate ? call[0].ToDate() : call[0].ToDuration(), call.Text(1), Cultures.Of(call, 2), call);
        if (call[0].IsNull || call[0].IsNumber)
            return MathFunctions.Format(call);
        throw call.Error($"only a number, a date or a duration can be formatted, not {ValueText.Describe(call[0])}");
    }
}
