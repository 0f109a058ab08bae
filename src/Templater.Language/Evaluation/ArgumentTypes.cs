using System.Globalization;

namespace Templater.Language;

/// <summary>Whether arguments are what their parameters ask for. Functions look at their arguments when they need them; this finds the first that is wrong.</summary>
internal static class ArgumentTypes
{
    /// <summary>The first mistake among the arguments before one.</summary>
    public static TemplateRuntimeException? FirstMistake(FunctionCall call, int end)
    {
        for (var i = 0; i < end && i < call.Definition.Parameters.Length; i++)
            if (Mistake(call, i) is { } mistake)
                return mistake;
        return null;
    }

    private static TemplateRuntimeException? Mistake(FunctionCall call, int index)
    {
        var value = call[index];
        var parameter = call.Definition.Parameters[index];
        if (value.IsNull || parameter.IsLate)
            return null;
        return parameter.Type switch
        {
            TemplateType.Number when !IsNumeric(value) => call.Mistake(index, "a number"),
            TemplateType.Date when !value.IsDate => call.Mistake(index, "a date"),
            TemplateType.Duration when !value.IsDuration => call.Mistake(index, "a duration"),
            TemplateType.ListOf when !Sequence.TryOpen(value, call.Context, out _) => call.Mistake(index, "a list"),
            _ => null,
        };
    }

    private static bool IsNumeric(TemplateValue value) =>
        value.IsNumber || value.Kind == ValueKind.Boolean || (value.AsText() is { } text && double.TryParse(text, CultureInfo.InvariantCulture, out _));
}
