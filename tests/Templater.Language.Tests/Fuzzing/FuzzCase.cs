using System.Diagnostics;

namespace Templater.Language.Tests;

/// <summary>One mutated template, parsed, checked and rendered in every way; what goes wrong is a text.</summary>
internal static class FuzzCase
{
    // Comes from the model alone, always tainted. No function of the language makes it from anything else.
    private const string Secret = "☃";

    // Far above the limits below: a machine may be busy.
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(20);

    private static readonly RenderLimits Limits = new()
    {
        LoopIterations = 300,
        StringCharacters = 2_000,
        OutputCharacters = 3_000,
        Recursion = 20,
        RegexTime = TimeSpan.FromMilliseconds(20),
        WallTime = TimeSpan.FromSeconds(2),
    };

    private static readonly Shape Root = new("model",
    [
        new ShapeMember("t", new TemplateType.Text(Untrusted: true), ""),
        new ShapeMember("list", new TemplateType.ListOf(new TemplateType.Text(Untrusted: true)), ""),
        new ShapeMember("map", new TemplateType.MapOf(new TemplateType.Text(Untrusted: true), UntrustedKeys: true), ""),
    ]);

    private static ShapedObject Model() => new(Root,
        TemplateValue.FromUntrusted(Secret + "a;1" + Secret),
        TemplateValue.From(new TemplateList([TemplateValue.FromUntrusted(Secret), TemplateValue.FromUntrusted("2" + Secret)])),
        TemplateValue.From(new MapObject([new(Secret, TemplateValue.FromUntrusted(Secret)), new("a", TemplateValue.FromUntrusted(Secret + "v"))], untrustedKeys: true)));

    /// <summary>What is wrong with how the language takes this template, or null.</summary>
    public static string? Complaint(string text)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            return Run(text) ?? (Stopwatch.GetElapsedTime(start) > Hang ? $"took {Stopwatch.GetElapsedTime(start)}" : null);
        }
        catch (Exception mistake)
        {
            return $"{mistake.GetType().Name} escaped: {mistake.Message} {mistake.StackTrace}";
        }
    }

    private static string? Run(string text)
    {
        var loader = new SelfLoader(text);
        var strict = new LanguageOptions { Limits = Limits, Root = Root, Format = "nginx", Loader = loader };
        var lenient = new LanguageOptions { Limits = Limits, Strict = false, Loader = loader };
        var parsed = Template.Parse(new SourceText("fuzz", text), strict);
        foreach (var diagnostic in parsed.Diagnostics)
            _ = DiagnosticFormatter.Format(diagnostic);
        if (parsed.Template is not { } template)
            return parsed.HasErrors ? null : "neither template nor error";
        return TaintComplaint(text, template.Render(Model())) ?? LenientComplaint(Template.Parse(new SourceText("fuzz", text), lenient));
    }

    // Not all that parses strictly does so leniently: "[1][0]" is a list with an argument behind it there.
    private static string? LenientComplaint(ParseResult parsed)
    {
        if (parsed.Template is { } template)
            return LengthComplaint(template.Render(Model()));
        return parsed.HasErrors ? null : "neither template nor error without strictness";
    }

    // No quoting function is at hand, so nothing of the model's texts may be in the output.
    private static string? TaintComplaint(string text, RenderResult result) =>
        result.Text?.Contains(Secret, StringComparison.Ordinal) == true && !text.Contains(Secret, StringComparison.Ordinal) ? "printed tainted text: " + result.Text : LengthComplaint(result);

    private static string? LengthComplaint(RenderResult result)
    {
        if (result.Error is { } error)
            return DiagnosticFormatter.Format(error.Diagnostic).Length == 0 ? "an error without text" : null;
        return result.Text!.Length > Limits.OutputCharacters ? $"wrote {result.Text.Length} characters" : null;
    }

    // Every include finds the template itself: recursion of all kinds.
    private sealed class SelfLoader(string text) : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom) => name.Length % 3 == 2 ? null : new LoadedTemplate("fuzz-" + (name.Length % 3), text);
    }
}
