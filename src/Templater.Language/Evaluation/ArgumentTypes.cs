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
        if (value.IsNull)
            return null;
        return call.Definition.Parameters[index].Type switch
        {
            TemplateType.Number when value.AsText() is { } text && !double.TryParse(text, CultureInfo.InvariantCulture, out _) => call.Mistake(index, "a number"),
            TemplateType.Date when !value.IsDate => call.Mistake(index, "a date"),
            TemplateType.Duration when !value.IsDuration => call.Mistake(index, "a duration"),
            TemplateType.ListOf when !Sequence.TryOpen(value, call.Context, out _) => call.Mistake(index, "a list"),
            _ => null,
        };
    }
}
