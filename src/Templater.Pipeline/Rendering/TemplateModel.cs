using Templater.Language;
using Templater.Pipeline.Rendering.Functions;
using Templater.Pipeline.Rendering.Model;

namespace Templater.Pipeline.Rendering;

/// <summary>What templates see, for its documentation.</summary>
public static class TemplateModel
{
    /// <summary>The root of the model.</summary>
    public static Shape Root => RootModel.Root.Shape;

    /// <summary>Functions beside those of the language, by name.</summary>
    public static IReadOnlyList<FunctionDefinition> Functions => RenderFunctions.All;
}
