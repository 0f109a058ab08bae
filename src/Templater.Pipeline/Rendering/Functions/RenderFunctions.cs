using Templater.Language;

namespace Templater.Pipeline.Rendering.Functions;

/// <summary>All functions that templates have beside those of the language.</summary>
internal static class RenderFunctions
{
    /// <summary>All of them, by name.</summary>
    public static readonly IReadOnlyList<FunctionDefinition> All =
    [
        .. QuotingFunctions.All.Concat(NetworkFunctions.All).Concat(ListFunctions.All).OrderBy(function => function.Name, StringComparer.Ordinal),
    ];
}
