using System.Collections.Immutable;

namespace Templater.Pipeline.Routing.Names;

/// <summary>Lists in label values: comma and/or white space, including line breaks.</summary>
internal static class ValueList
{
    /// <summary>Most items of one list.</summary>
    public const int MaxItems = 500;

    /// <summary>
    /// The items, without empty ones. Inside an item that begins with <c>~</c> a comma within brackets separates
    /// nothing, so that <c>~^a{1,3}$</c> is one expression.
    /// </summary>
    /// <param name="text">The list.</param>
    public static ImmutableArray<string> Split(string text)
    {
        var items = ImmutableArray.CreateBuilder<string>();
        var start = 0;
        var depth = 0;
        for (var index = 0; index <= text.Length && items.Count < MaxItems; index++)
        {
            if (index < text.Length && text[start] == '~')
                depth = Math.Max(0, depth + Nesting(text[index]));
            var separates = index == text.Length || char.IsWhiteSpace(text[index]) || (text[index] == ',' && depth == 0);
            if (!separates)
                continue;
            if (index > start)
                items.Add(text[start..index]);
            start = index + 1;
            depth = 0;
        }

        return items.ToImmutable();
    }

    private static int Nesting(char character) => character switch
    {
        '(' or '[' or '{' => 1,
        ')' or ']' or '}' => -1,
        _ => 0,
    };
}
