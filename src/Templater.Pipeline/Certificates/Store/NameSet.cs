using System.Security.Cryptography;
using System.Text;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>A set of names as one text: the same for the same names in whatever order, and never long.</summary>
public static class NameSet
{
    private const int MaxLength = 300;

    /// <summary>The text.</summary>
    /// <param name="names">The names, in lower case.</param>
    public static string Of(IEnumerable<string> names)
    {
        var sorted = names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var text = string.Join(',', sorted);
        return text.Length <= MaxLength ? text : $"{sorted[0]} and {sorted.Count - 1} more ({Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))})";
    }
}
