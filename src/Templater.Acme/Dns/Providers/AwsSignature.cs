using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Templater.Acme.Dns.Providers;

/// <summary>Signs requests to AWS (Signature Version 4). Thread-safe.</summary>
/// <param name="accessKeyId">Which key.</param>
/// <param name="secretAccessKey">The key.</param>
/// <param name="sessionToken">The token of temporary credentials; empty for lasting ones.</param>
/// <param name="region">The region.</param>
/// <param name="service">The service.</param>
internal sealed class AwsSignature(string accessKeyId, string secretAccessKey, string sessionToken, string region, string service)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Adds the headers of the signature.</summary>
    /// <param name="request">With its URI, whose path and query are escaped by <c>Uri.EscapeDataString</c>, and all headers that are to be signed.</param>
    /// <param name="body">Its body.</param>
    /// <param name="now">The time.</param>
    public void Sign(HttpRequestMessage request, byte[] body, DateTimeOffset now)
    {
        var uri = request.RequestUri!;
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.Headers.TryAddWithoutValidation("x-amz-date", time);
        if (sessionToken != "")
            request.Headers.TryAddWithoutValidation("x-amz-security-token", sessionToken);
        var headers = request.Headers.Where(header => header.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
            .Concat(request.Content?.Headers.Where(header => header.Key.Equals("content-type", StringComparison.OrdinalIgnoreCase)) ?? [])
            .Select(header => (Name: header.Key.ToLowerInvariant(), Value: string.Join(',', header.Value).Trim()))
            .Append((Name: "host", Value: uri.IsDefaultPort ? uri.Host : uri.Authority))
            .OrderBy(header => header.Name, StringComparer.Ordinal)
            .ToList();
        var signed = string.Join(';', headers.Select(header => header.Name));
        var query = string.Join('&', uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=").Order(StringComparer.Ordinal));
        var canonical = $"{request.Method}\n{uri.AbsolutePath}\n{query}\n{string.Concat(headers.Select(header => $"{header.Name}:{header.Value}\n"))}\n{signed}\n{Hex(SHA256.HashData(body))}";
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        var toSign = $"{Algorithm}\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secretAccessKey);
        foreach (var part in scope.Split('/'))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"{Algorithm} Credential={accessKeyId}/{scope}, SignedHeaders={signed}, Signature={Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)))}");
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
