using System.Text;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>
/// Centauri's own rules, applied in-process. Centauri ends when it meets a bad file, so a file is never tried out on it; and
/// its <c>-validate</c> passes names on which its route manager then fails, so these rules are stricter than its parser.
/// </summary>
internal sealed class CentauriChecker : IConfigChecker
{
    public string Description => "Centauri's rules, in-process";

    public async Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken) =>
        Check(await File.ReadAllBytesAsync(candidate, cancellationToken)) is var (line, problem)
            ? new CheckResult.Refused($"{live}:{line}: {problem}", line)
            : new CheckResult.Accepted();

    /// <summary>The first line that Centauri would not take, with the reason; null when it takes the file.</summary>
    public static (int Line, string Problem)? Check(ReadOnlySpan<byte> content)
    {
        // The scanner's limit, in bytes.
        const int MaxLine = 65535;
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return (1, "not UTF-8");
        }

        var rules = new CentauriRules();
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var problem = Encoding.UTF8.GetByteCount(raw) > MaxLine ? "the line is too long" : rules.Take(raw.TrimEnd('\r'), number);
            if (problem is not null)
                return (number, problem);
        }

        return rules.End() is { } last ? last : null;
    }
}

/// <summary>The state of reading a Centauri configuration line by line.</summary>
internal sealed class CentauriRules
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
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
        var directive = space < 0 ? line : line[..space];
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
        _names.Clear();
        if (Names(rest, wildcards: false) is not { } names)
            return "a route needs valid domain names, one space apart";
        _names.UnionWith(names);
        return null;
    }

    private string? EndRoute()
    {
        if (_routeLine == 0)
            return null;
        if (!_hasUpstream)
            return "a route has no upstream";
        return _redirects && _names.Count < 2 ? "redirect-to-primary needs two different names" : null;
    }

    // Centauri takes any text here and answers 502 for it later.
    private string? TakeUpstream(string rest)
    {
        _hasUpstream = true;
        var isUsable = rest.Length > 0 && !rest.Contains(' ', StringComparison.Ordinal)
            && Uri.TryCreate("http://" + rest, UriKind.Absolute, out var url) && url.PathAndQuery == "/" && url.UserInfo.Length == 0;
        return isUsable ? null : "an upstream is written HOST:PORT";
    }

    private static string? Header(string rest)
    {
        var parts = rest.Split(' ', 3);
        var isName = parts.Length > 1 && parts[1].Length > 0 && parts[1].All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
        if (!isName)
            return "a header needs an operation and a name";
        return parts[0] switch
        {
            "delete" when parts.Length == 2 => null,
            "add" or "replace" or "default" when parts.Length == 3 && parts[2].Trim().Length > 0 => null,
            _ => "a header is written add|replace|default NAME VALUE or delete NAME",
        };
    }

    private static string? OnError(string rest)
    {
        var parts = rest.Split(' ');
        var isGood = parts.Length == 2 && int.TryParse(parts[0], System.Globalization.CultureInfo.InvariantCulture, out var status)
            && status is >= 400 and <= 599 && parts[1].Length > 0 && !parts[1].EndsWith('?');
        return isGood ? null : "on_error is written STATUS HOST:PORT[/PATH]";
    }

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
