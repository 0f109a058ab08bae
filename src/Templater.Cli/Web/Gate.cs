using System.Net;
using System.Security.Cryptography;
using System.Text;
using Templater.Pipeline.Web;

namespace Templater.Cli.Web;

/// <summary>
/// Decides who may ask what. A page in somebody's browser may send requests to loopback, under its own name when that resolves
/// there: without a token only names that are loopback are answered, and no other page's requests ever are. Immutable.
/// </summary>
internal sealed class Gate
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _token;

    /// <param name="token">The token; empty = none is asked for.</param>
    public Gate(string token) => _token = token.Length == 0 ? null : Digest(token);

    /// <summary>Why a request is not answered; null when it is.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isOpen">True for what may be known without the token: one word.</param>
    public Answer? Refusal(RequestHead request, bool isOpen)
    {
        if (request.Method is not ("GET" or "HEAD"))
            return Answer.Text(405, "only GET and HEAD are answered");
        if (request.Origin is { } origin && origin != $"http://{request.Host}")
            return Answer.Text(403, "requests of other pages are not answered");
        if (!IsName(request.Host) || (_token is null && !IsLoopback(request.Host)))
            return Answer.Text(421, "the Host field must be localhost or an address of loopback");
        return isOpen || MayKnow(request) ? null : Answer.Text(401, "a token is needed: Authorization: Bearer TOKEN");
    }

    /// <summary>True when no token is asked for, or the request carries it. Takes the same time whatever it carries.</summary>
    public bool MayKnow(RequestHead request)
    {
        if (_token is null)
            return true;
        var given = request.Authorization ?? "";
        var isBearer = given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
        return CryptographicOperations.FixedTimeEquals(Digest(isBearer ? given[Scheme.Length..] : ""), _token) && isBearer;
    }

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static bool IsName(string host) => host.Length is > 0 and <= 260 && host.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '[' or ']');

    private static bool IsLoopback(string host)
    {
        var name = host.EndsWith(']') || !host.Contains(':') ? host : host[..host.LastIndexOf(':')];
        return string.Equals(name, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name.StartsWith('[') && name.EndsWith(']') ? name[1..^1] : name, out var address) && IPAddress.IsLoopback(address));
    }
}
