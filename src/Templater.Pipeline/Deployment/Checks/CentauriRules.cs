using System.Globalization;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>The state of reading a Centauri configuration line by line.</summary>
internal sealed class CentauriRules
{
    private readonly Dictionary<string, int> _taken = new(StringComparer.OrdinalIgnoreCase);
    private string[] _names = [];
    private int _routeLine;
    private bool _hasUpstream;
    private bool _hasProvider;
    private bool _hasFallback;
    private bool _redirects;

    public string? Take(string raw, int number)
    {
        var line = raw.Trim(' ', '\t');
        if (line.Length == 0 || line == "#" || line.StartsWith("# ", StringComparison.Ordinal))
            return null;
        if (line.Any(char.IsControl))
            return "a control character";
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var directive = (space < 0 ? line : line[..space]).ToLowerInvariant();
        var rest = space < 0 ? "" : line[(space + 1)..];
        if (directive == "route")
            return EndRoute() ?? BeginRoute(rest, number);
        return _routeLine == 0 ? $"\"{directive}\" stands before the first route" : TakeInRoute(directive, rest);
    }

    public (int Line, string Problem)? End() => EndRoute() is { } problem ? (_routeLine, problem) : null;

    private string? TakeInRoute(string directive, string rest) => directive switch
    {
        "upstream" => TakeUpstream(rest),
        "header" => Header(rest),
        "provider" => TakeOnce(ref _hasProvider, "provider") ?? (rest.Length == 0 || rest.Contains(' ', StringComparison.Ordinal) ? "a provider is one word" : null),
        "subject" => Names(rest, wildcards: true) is null ? "subject needs valid names" : null,
        "fallback" => rest.Length > 0 ? "fallback takes nothing after it" : TakeOnce(ref _hasFallback, "fallback"),
        "redirect-to-primary" => rest.Length > 0 ? "redirect-to-primary takes nothing after it" : TakeOnce(ref _redirects, "redirect-to-primary"),
        "on_error" => OnError(rest),
        _ => $"\"{directive}\" is not a directive",
    };

    private string? BeginRoute(string rest, int number)
    {
        _routeLine = number;
        _hasUpstream = _hasProvider = _redirects = false;
        if (Names(rest, wildcards: false) is not { } names)
            return "a route needs valid domain names, one space apart";
        _names = names;
        foreach (var name in names)
        {
            // Centauri would let the last route have it, and order certificates for both.
            if (!_taken.TryAdd(name, number))
                return $"{name} is named by the route in line {_taken[name].ToString(CultureInfo.InvariantCulture)}, too";
        }

        return null;
    }

    private string? EndRoute()
    {
        if (_routeLine == 0)
            return null;
        if (!_hasUpstream)
            return "a route has no upstream";
        if (!_redirects)
            return null;
        // It compares as written: a client, who asks in lower case, would be sent to where it is.
        return _names.Length < 2 ? "redirect-to-primary needs two different names" : _names[0].Any(char.IsAsciiLetterUpper) ? "redirect-to-primary to a name in upper case never ends" : null;
    }

    // Centauri takes any text here and answers 502 for it later.
    private string? TakeUpstream(string rest)
    {
        _hasUpstream = true;
        return IsAddress(rest) ? null : "an upstream is written HOST:PORT";
    }

    private static string? Header(string rest)
    {
        var parts = rest.Split(' ', 3);
        var isName = parts.Length > 1 && parts[1].Length > 0 && parts[1].All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
        if (!isName)
            return "a header needs an operation and a name";
        return parts[0].ToLowerInvariant() switch
        {
            "delete" when parts.Length == 2 => null,
            "add" or "replace" or "default" when parts.Length == 3 && parts[2].Trim().Length > 0 => null,
            _ => "a header is written add|replace|default NAME VALUE or delete NAME",
        };
    }

    private static string? OnError(string rest)
    {
        var parts = rest.Split(' ');
        var isStatus = int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and <= 599;
        return isStatus && parts.Length == 2 && IsPage(parts[1]) ? null : "on_error is written STATUS HOST[:PORT][/PATH[?QUERY]] with a status from 400 to 599";
    }

    // A query needs a path that is more than a slash, and neither may be empty behind its mark.
    private static bool IsPage(string target)
    {
        var slash = target.IndexOf('/', StringComparison.Ordinal);
        var (host, path) = slash < 0 ? (target, "") : (target[..slash], target[slash..]);
        return IsAddress(host) && !path.StartsWith("/?", StringComparison.Ordinal) && !path.EndsWith('?') && !path.Contains('#', StringComparison.Ordinal);
    }

    private static bool IsAddress(string text) =>
        text.Length > 0 && text[^1] != ':' && text.IndexOfAny([' ', '?', '#', '@', '/']) < 0 && Uri.TryCreate("http://" + text, UriKind.Absolute, out var url) && url.PathAndQuery == "/" && url.Port > 0;

    private static string? TakeOnce(ref bool seen, string directive)
    {
        var again = seen;
        seen = true;
        return again ? $"a second {directive}" : null;
    }

    private static string[]? Names(string text, bool wildcards)
    {
        var names = text.Split(' ');
        return names.All(name => IsName(wildcards && name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name)) ? names : null;
    }

    private static bool IsName(string name)
    {
        const int MaxName = 253;
        const int MaxLabel = 63;
        var labels = name.Split('.');
        return name.Length is > 0 and <= MaxName
            && !name.All(c => char.IsAsciiDigit(c) || c == '.')
            && labels.All(label => label.Length is > 0 and <= MaxLabel && label[0] != '-' && label[^1] != '-'
                && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
    }
}
