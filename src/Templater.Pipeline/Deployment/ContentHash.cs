using System.Security.Cryptography;

namespace Templater.Pipeline.Deployment;

/// <summary>The digest by which the journal knows a file's content again.</summary>
internal static class ContentHash
{
    public static string Of(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
