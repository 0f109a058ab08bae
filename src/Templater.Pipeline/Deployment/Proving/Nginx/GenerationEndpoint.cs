using System.Collections.Immutable;
using System.Net;

namespace Templater.Pipeline.Deployment.Proving.Nginx;

/// <summary>Where a configuration of nginx says that it answers with its generation.</summary>
/// <param name="Listen">The listener.</param>
/// <param name="Path">What to ask for.</param>
/// <param name="Host">Whom to ask.</param>
internal sealed record GenerationEndpoint(NginxListen Listen, string Path, string Host)
{
    private const string AnyHost = "localhost";

    /// <summary>
    /// The endpoints of a file, the shipped template's and any other's: a location of a server on a TCP port, without TLS, that
    /// returns the generation and nothing else. A path is never guessed: what is not in the file is not asked for.
    /// </summary>
    /// <param name="file">The configuration.</param>
    /// <param name="generation">Its generation.</param>
    public static ImmutableArray<GenerationEndpoint> In(string file, string generation)
    {
        var found = ImmutableArray.CreateBuilder<GenerationEndpoint>();
        var blocks = new Stack<Block>();
        foreach (var directive in NginxDirectives.Of(file))
        {
            switch (directive.Mark)
            {
                case NginxMark.Begin:
                    blocks.Push(new Block(directive, blocks.TryPeek(out var outer) ? outer : null));
                    break;
                case NginxMark.End:
                    if (blocks.TryPop(out var ended))
                        found.AddRange(ended.Endpoints());
                    break;
                default:
                    if (blocks.TryPeek(out var block))
                        block.Read(directive, generation);
                    break;
            }
        }

        return found.DistinctBy(static endpoint => (endpoint.Listen.Address, endpoint.Listen.Port)).ToImmutableArray();
    }

    /// <summary>Where it is to be asked by way of an address of the proxy; null when it does not answer there.</summary>
    /// <param name="address">The address.</param>
    public IPEndPoint? At(IPAddress address)
    {
        if (!Listen.IsAny)
            return Listen.Address!.Equals(address) || (IPAddress.IsLoopback(address) && IPAddress.IsLoopback(Listen.Address)) ? new IPEndPoint(Listen.Address, Listen.Port) : null;
        return (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6) == Listen.IsIPv6 ? new IPEndPoint(address, Listen.Port) : null;
    }

    private sealed class Block(NginxDirective begin, Block? outer)
    {
        private readonly List<NginxListen> _listens = [];
        private readonly List<string> _paths = [];
        private string? _host;

        // Only the location itself: what stands in an "if" is not always answered.
        public void Read(NginxDirective directive, string generation)
        {
            var words = directive.Words;
            if (words[0] == "return" && words is [_, "200", var body] && body.Trim() == generation && outer is not null && Path() is { } path)
                outer._paths.Add(path);
            else if (words[0] == "listen" && NginxListen.Of(words, directive.Line) is { } listen)
                _listens.Add(listen);
            else if (words[0] == "server_name")
                _host ??= words.Skip(1).FirstOrDefault(IsPlainName);
        }

        public IEnumerable<GenerationEndpoint> Endpoints() => _paths.Count == 0 || begin.Words[0] != "server"
            ? []
            : (_listens.Count > 0 ? _listens : [NginxListen.Default(begin.Line)])
                .Where(static listen => listen.IsPlain)
                .Select(listen => new GenerationEndpoint(listen, _paths[0], _host ?? AnyHost));

        private string? Path() => begin.Words switch
        {
            ["location", "=" or "^~", var path] when IsPlainPath(path) => path,
            ["location", var path] when IsPlainPath(path) => path,
            _ => null,
        };

        private static bool IsPlainPath(string path) => path.StartsWith('/') && path.All(static c => c is > ' ' and < (char)0x7f and not '%' and not '?' and not '#');

        private static bool IsPlainName(string name) => name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') && name[0] != '.';
    }
}
