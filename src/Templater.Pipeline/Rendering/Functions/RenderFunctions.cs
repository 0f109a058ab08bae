using Templater.Language;

namespace Templater.Pipeline.Rendering.Functions;

/// <summary>All functions that templates have beside those of the language.</summary>
internal static class RenderFunctions
{
    /// <summary>All of them, by name.</summary>
    public static readonly IReadOnlyList<FunctionDefinition> All =
    [
        .. QuotingFunctions.All.Concat(NetworkFunctions.All).Concat(ListFunctions.All).Append(FurtherFiles.Documentation).OrderBy(function => function.Name, StringComparer.Ordinal),
    ];

    /// <summary>All of them, with the one that writes further files to a collector.</summary>
    /// <param name="files">The collector.</param>
    public static IReadOnlyList<FunctionDefinition> With(FurtherFiles files)
    {
        var functions = new FunctionDefinition[All.Count];
        for (var i = 0; i < functions.Length; i++)
            functions[i] = All[i].Name == files.Function.Name ? files.Function : All[i];
        return functions;
    }
}
