using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>The static check.</summary>
internal sealed class Checker
{
    public static ImmutableArray<Diagnostic> Check(TemplateProgram program)
    {
        _ = program;
        return [];
    }
}
