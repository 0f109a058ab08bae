using System.Globalization;

namespace Templater.Pipeline.Routing.Dialects.NginxProxy;

/// <summary>
/// The directive of nginx that the label <c>loadbalance</c> holds, by a closed grammar: <c>round_robin</c>, <c>least_conn</c>,
/// <c>ip_hash</c>, <c>random [two [least_conn]]</c> and <c>hash KEY [consistent]</c>. Nothing of the text is ever printed but
/// names of variables out of letters, digits and underscores. Pure.
/// </summary>
internal static class LoadBalance
{
    /// <summary>What is legal, for messages.</summary>
    public const string Legal =
        "round_robin, least_conn, ip_hash, random [two [least_conn]] or hash KEY [consistent] with one of $remote_addr $request_uri $host $uri $cookie_NAME $arg_NAME $http_NAME";

    private const int MaxName = 64;

    /// <summary>Reads the directive, with or without its semicolon.</summary>
    /// <param name="text">The value.</param>
    /// <param name="balance">The algorithm that comes nearest.</param>
    /// <param name="method">What it says beyond that; null for nothing.</param>
    public static bool TryParse(string text, out BalanceAlgorithm balance, out BalanceMethod? method)
    {
        (balance, method) = (BalanceAlgorithm.RoundRobin, null);
        var directive = text.Trim();
        if (directive.EndsWith(';'))
            directive = directive[..^1];
        switch (directive.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            case ["round_robin"]:
                return true;
            case ["least_conn"]:
                balance = BalanceAlgorithm.LeastConn;
                return true;
            case ["ip_hash"]:
                (balance, method) = (BalanceAlgorithm.Source, new BalanceMethod("ip_hash", null));
                return true;
            case ["random"]:
                balance = BalanceAlgorithm.Random;
                return true;
            case ["random", "two"]:
            case ["random", "two", "least_conn"]:
                (balance, method) = (BalanceAlgorithm.Random, new BalanceMethod("random two least_conn", "random(2)"));
                return true;
            case ["hash", var key]:
                return TryHash(key, "", out balance, out method);
            case ["hash", var key, "consistent"]:
                return TryHash(key, " consistent", out balance, out method);
            default:
                return false;
        }
    }

    private static bool TryHash(string key, string tail, out BalanceAlgorithm balance, out BalanceMethod? method)
    {
        balance = key == "$request_uri" ? BalanceAlgorithm.Uri : BalanceAlgorithm.Source;
        var isKnown = TryExpression(key, out var expression);
        method = isKnown ? new BalanceMethod($"hash {key.ToLowerInvariant()}{tail}", expression is null ? null : $"hash {expression}") : null;
        return isKnown;
    }

    /// <summary>The expression by which HAProxy gets the same; null where its algorithm says it all.</summary>
    private static bool TryExpression(string key, out string? expression)
    {
        expression = key switch
        {
            "$host" => "var(txn.host)",
            "$uri" => "path",
            _ when Name(key, "$cookie_") is { } name => string.Create(CultureInfo.InvariantCulture, $"req.cook({name})"),
            _ when Name(key, "$arg_") is { } name => string.Create(CultureInfo.InvariantCulture, $"url_param({name})"),
            _ when Name(key, "$http_") is { } name => string.Create(CultureInfo.InvariantCulture, $"req.hdr({name.Replace('_', '-')})"),
            _ => null,
        };
        return expression is not null || key is "$remote_addr" or "$request_uri";
    }

    private static string? Name(string key, string start) =>
        key.StartsWith(start, StringComparison.Ordinal)
        && key[start.Length..] is { Length: > 0 and <= MaxName } name
        && name.All(static character => char.IsAsciiLetterOrDigit(character) || character == '_')
            ? name
            : null;
}
