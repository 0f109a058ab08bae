using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Cli.Options;

/// <summary>What an unknown host is answered: a status, or a redirect when there is a URL.</summary>
internal sealed record Fallback(int Status, string? Url);

/// <summary>Kinds of values that only routing knows.</summary>
internal static class RoutingTypes
{
    private const int LeastStatus = 400;
    private const int MostStatus = 599;
    private const int DefaultStatus = 503;
    private const string MaxAge = "max-age=";

    public static readonly SettingType<ImmutableArray<Dialect>> Dialects = SettingTypes.OfValue<ImmutableArray<Dialect>>(
        "a list out of templater, dotege, nginx-proxy, traefik", ReadDialects);

    public static readonly SettingType<string> Hsts = SettingTypes.Of<string>(
        "off, a number of seconds, or a header value such as max-age=31536000; includeSubDomains; preload", ReadHsts);

    public static readonly SettingType<ImmutableArray<StreamPort>> StreamPorts = SettingTypes.OfValue<ImmutableArray<StreamPort>>(
        "a list of ports such as 5432, 53/udp", StreamPort.ParseList);

    public static readonly SettingType<int> RedirectCode = SettingTypes.Choice(("301", 301), ("302", 302), ("307", 307), ("308", 308));

    public static readonly SettingType<Fallback> Fallback = SettingTypes.Of(
        "a status from 400 to 599, or an http(s) URL to redirect to", ReadFallback);

    private static ImmutableArray<Dialect>? ReadDialects(string text)
    {
        var dialects = ImmutableArray.CreateBuilder<Dialect>();
        foreach (var word in SettingTypes.Words(text))
        {
            Dialect? dialect = word.ToLowerInvariant() switch
            {
                "templater" => Dialect.Templater,
                "dotege" => Dialect.Dotege,
                "nginx-proxy" => Dialect.NginxProxy,
                "traefik" => Dialect.Traefik,
                _ => null,
            };
            if (dialect is null || dialects.Contains(dialect.Value))
                return null;
            dialects.Add(dialect.Value);
        }

        return dialects.Count == 0 ? null : dialects.ToImmutable();
    }

    // "off" becomes the empty text: no header.
    private static string? ReadHsts(string text)
    {
        if (string.Equals(text, "off", StringComparison.OrdinalIgnoreCase))
            return "";
        if (IsSeconds(text))
            return MaxAge + text;
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        return parts[0].StartsWith(MaxAge, StringComparison.OrdinalIgnoreCase) && IsSeconds(parts[0][MaxAge.Length..])
            && parts[1..].All(static part => part.ToLowerInvariant() is "includesubdomains" or "preload")
            ? string.Join("; ", parts)
            : null;
    }

    private static bool IsSeconds(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static Fallback? ReadFallback(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            return status is >= LeastStatus and <= MostStatus ? new Fallback(status, null) : null;
        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            && !text.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c));
        return isUrl ? new Fallback(DefaultStatus, text) : null;
    }
}
