namespace Templater.Language.Conformance;

/// <summary>What the original prints for a mistake, where mistakes are printed: there its texts are part of the output.</summary>
internal static class OriginalTexts
{
    /// <summary>The text in brackets.</summary>
    public static string Of(TemplateRuntimeException mistake) => mistake.Id switch
    {
        "member-of-null" when mistake.Subject.Length > 0 => $"[Cannot get the member {mistake.Subject} for a null object.]",
        "unknown-function" => $"[The function `{mistake.Subject}` was not found]",
        "unknown-variable" => $"[The variable or function `{mistake.Subject}` was not found]",
        "argument-count" => $"[Invalid number of arguments `{Given(mistake.Message)}` passed to `{mistake.Subject}` while expecting `{Needed(mistake.Hint)}` arguments]",
        _ => $"[{mistake.Message}]",
    };

    private static string Given(string message) => message.Split(' ')[^2];

    // The hint is how the function is called: its name, and its parameters, those in brackets that may be left out.
    private static int Needed(string hint) => hint[RuntimeErrors.CalledAs.Length..].Split(' ').Count(word => word[0] != '[') - 1;
}
