using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Options;

/// <summary>Kinds of values that only other programs' settings have.</summary>
internal static class CompatTypes
{
    private const int MaxFormat = 2000;

    public static readonly SettingType<HostPattern?> Host = new("a host as containers claim it, such as example.com", TryHost);

    public static readonly SettingType<DefaultRoot?> Root = new(DefaultRoot.Legal, TryRoot);

    public static readonly SettingType<ImmutableArray<ContainerFilter>> Filters = SettingTypes.OfValue<ImmutableArray<ContainerFilter>>(
        ContainerFilter.Legal, static text => ContainerFilter.TryParse(text, out var filters) ? filters : null);

    public static readonly SettingType<string> LogFormat = SettingTypes.Of<string>(
        $"one line of at most {MaxFormat} characters, in which every $ begins the name of a variable", static text => IsFormat(text) ? text : null);

    public static readonly SettingType<string> LabelKey = SettingTypes.Of<string>("the key of a label, without = and white space",
        static text => text.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c) || c == '=') ? null : text);

    public static readonly SettingType<ImmutableArray<string>> Resolvers = SettingTypes.OfValue<ImmutableArray<string>>(
        "addresses of name servers, IPv6 in brackets, each with a port if it is not 53, and options such as valid=10s or ipv6=off", static text =>
            SettingTypes.Words(text) is { Length: > 0 } words && words.Any(IsServer) && words.All(static word => IsServer(word) || IsOption(word)) ? words : null);

    private static bool TryHost(string text, [MaybeNullWhen(false)] out HostPattern? value, out string? hint) =>
        (hint = HostPattern.TryParse(text, out value)) is null;

    private static bool TryRoot(string text, [MaybeNullWhen(false)] out DefaultRoot? value, out string? hint)
    {
        hint = null;
        return DefaultRoot.TryParse(text, out value);
    }

    // $name or ${name}; nginx refuses the whole configuration for any other dollar sign.
    private static bool IsFormat(string text)
    {
        if (text.Length > MaxFormat || text.Any(char.IsControl))
            return false;
        for (var at = text.IndexOf('$'); at >= 0; at = text.IndexOf('$', at + 1))
        {
            var isBraced = at + 1 < text.Length && text[at + 1] == '{';
            var start = isBraced ? at + 2 : at + 1;
            var end = start;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
                end++;
            if (end == start || (isBraced && (end == text.Length || text[end] != '}')))
                return false;
        }

        return true;
    }

    private static bool IsServer(string word)
    {
        var port = word.LastIndexOf(':');
        var isV6 = word.StartsWith('[');
        var hasPort = port > (isV6 ? word.IndexOf(']') : 0);
        if (hasPort && !(ushort.TryParse(word[(port + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
            return false;
        var host = hasPort ? word[..port] : word;
        return isV6
            ? host.EndsWith(']') && !host.Contains('%') && IPAddress.TryParse(host[1..^1], out var six) && six.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            : IPAddress.TryParse(host, out var four) && four.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && four.ToString() == host;
    }

    private static bool IsOption(string word) => word switch
    {
        "ipv6=off" or "ipv6=on" or "ipv4=off" or "ipv4=on" => true,
        _ => word.StartsWith("valid=", StringComparison.Ordinal) && Units.Duration(word["valid=".Length..]) is not null,
    };
}
