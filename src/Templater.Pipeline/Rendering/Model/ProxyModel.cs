using System.Collections.Immutable;
using System.Net;
using System.Numerics;
using System.Text;
using Templater.Language;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Reachability;
using Templater.Pipeline.Routing.Streams;
using static Templater.Pipeline.Rendering.Model.ModelValues;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>A port that the proxy listens on.</summary>
/// <param name="Number">The port.</param>
/// <param name="HasDefault">True when a site on it answers names that nobody else claims.</param>
/// <param name="HasHttp3">True when a site on it offers HTTP/3.</param>
/// <param name="Containers">Who asks for it; empty for the one that is open anyway.</param>
internal sealed record ListeningPort(int Number, bool HasDefault, bool HasHttp3, ImmutableArray<ContainerId> Containers);

/// <summary>Names for which a port answers certificate challenges by one account.</summary>
/// <param name="Port">The port.</param>
/// <param name="Thumbprint">The account's thumbprint.</param>
/// <param name="Names">The names, ordinal order; empty where the account may get some without another look at the file.</param>
/// <param name="Containers">Who asks for them.</param>
internal sealed record AnsweredChallenges(int Port, string Thumbprint, ImmutableArray<string> Names, ImmutableArray<ContainerId> Containers);

/// <summary>What the model says about the proxy of an output.</summary>
internal sealed record ProxySource(ProxyContext Context, OutputDefinition Output, ImmutableArray<Site> Sites, RoutingPolicy Policy, ModelScope Scope)
{
    /// <summary>Ports for TCP and UDP, ascending.</summary>
    public ImmutableArray<StreamListener> Streams { get; init; } = [];

    /// <summary>Whether challenges of tls-alpn-01 are handed on to Templater.</summary>
    public bool HandsTlsOn { get; init; }

    /// <summary>Ports for http, ascending.</summary>
    public ImmutableArray<ListeningPort> HttpPorts => Ports(Policy.HttpPort, site => site.Host.HttpPort, _ => true);

    /// <summary>Ports for https, ascending.</summary>
    public ImmutableArray<ListeningPort> HttpsPorts => Ports(Policy.HttpsPort, site => site.Host.HttpsPort, site => site.IsHttpsServed);

    /// <summary>Whether it listens on IPv6: as set, else when one of its containers has such an address.</summary>
    public bool ListensOnIPv6 => Output.Proxy.IPv6 ?? Scope.Snapshot.Containers
        .Where(container => Context.Containers.Contains(container.Id))
        .Any(container => container.Endpoints.Any(endpoint => endpoint.IPv6.Length > 0));

    /// <summary>The names that it answers, without expressions.</summary>
    public List<string> ServerNames => field ??= Names();

    /// <summary>The names of all headers that are changed, in lower case, each once.</summary>
    public HashSet<string> HeaderNames => field ??= Headers();

    /// <summary>The pair that is shown for names that nobody claims; null when none is.</summary>
    public CertificatePair? DefaultPair => DefaultPairOf(Output, Scope.Snapshot, Context.Kind);

    /// <summary>The pair called <c>default</c>, where the operator wants it to be shown for names that nobody claims.</summary>
    public static CertificatePair? DefaultPairOf(OutputDefinition output, Snapshot snapshot, ProxyKind kind) => output.Proxy.ShowsDefaultPair && kind == ProxyKind.Nginx
        ? snapshot.Certificates.FirstOrDefault(pair => pair.Name == CertificateSelection.DefaultName && CertificateSelection.IsUsable(pair, kind) && pair.NotBefore <= snapshot.TakenAt)
        : null;

    /// <summary>
    /// Challenges that plain http answers, by port and thumbprint. On a port that answers any, all accounts that hosts may turn to
    /// are there, with names or without.
    /// </summary>
    public ImmutableArray<AnsweredChallenges> Challenges()
    {
        var named = new SortedDictionary<(int Port, string Thumbprint), SortedDictionary<string, VirtualHost>>();
        foreach (var host in Sites.Select(static site => site.Host).Distinct((IEqualityComparer<VirtualHost>)ReferenceEqualityComparer.Instance))
            foreach (var (name, thumbprint) in host.Https.Thumbprints)
            {
                if (!named.TryGetValue((host.HttpPort, thumbprint), out var hosts))
                    named[(host.HttpPort, thumbprint)] = hosts = new(StringComparer.Ordinal);
                hosts.TryAdd(name.Contains(':', StringComparison.Ordinal) ? $"[{name}]" : name, host);
            }

        foreach (var port in named.Keys.Select(static key => key.Port).Distinct().ToArray())
            foreach (var thumbprint in AcmeThumbprints.Possible(Policy.Acme, Scope.Snapshot.Acme))
                named.TryAdd((port, thumbprint), new(StringComparer.Ordinal));
        return [.. named.Select(static entry => new AnsweredChallenges(
            entry.Key.Port, entry.Key.Thumbprint, [.. entry.Value.Keys], [.. entry.Value.Values.SelectMany(static host => host.Containers).Distinct()]))];
    }

    /// <summary>Where Templater answers challenges itself, as the proxy reaches it; null where it does not.</summary>
    public IPEndPoint? ChallengeServer => Policy.Acme?.Listen is not { } listen ? null
        : !listen.Address.Equals(IPAddress.Any) && !listen.Address.Equals(IPAddress.IPv6Any) ? listen
        : new IPEndPoint(OwnAddress() ?? IPAddress.Loopback, listen.Port);

    // Of a network that both are on; without one they share a machine's or a container's loopback.
    private IPAddress? OwnAddress()
    {
        if (Scope.Snapshot.Containers.FirstOrDefault(container => container.Id == Scope.Snapshot.Self) is not { } own)
            return null;
        var networks = Scope.Snapshot.Containers.Where(container => Context.Containers.Contains(container.Id)).SelectMany(static container => container.Endpoints).Select(static endpoint => endpoint.NetworkName).ToHashSet(StringComparer.Ordinal);
        return own.Endpoints.Where(endpoint => networks.Contains(endpoint.NetworkName)).Select(static endpoint => IPAddress.TryParse(endpoint.IPv4, out var address) ? address : null).FirstOrDefault(static address => address is not null);
    }

    private List<string> Names()
    {
        var names = new List<string>(Sites.Length);
        foreach (var site in Sites)
            foreach (var name in site.Names)
                if (name.Match != HostMatch.Regex)
                    names.Add(name.Text);
        return names;
    }

    private HashSet<string> Headers()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var site in Sites)
            foreach (var route in site.Host.Routes)
            {
                foreach (var header in route.RequestHeaders)
                    names.Add(header.Name.ToLowerInvariant());
                foreach (var header in route.ResponseHeaders)
                    names.Add(header.Name.ToLowerInvariant());
            }

        return names;
    }

    private ImmutableArray<ListeningPort> Ports(int policyPort, Func<Site, int> portOf, Func<Site, bool> answers)
    {
        var numbers = new SortedSet<int> { policyPort };
        foreach (var site in Sites)
            numbers.Add(portOf(site));
        var ports = ImmutableArray.CreateBuilder<ListeningPort>(numbers.Count);
        foreach (var port in numbers)
            ports.Add(new ListeningPort(
                port,
                Sites.Any(site => portOf(site) == port && site.IsDefault && answers(site)),
                Sites.Any(site => site.Host.HttpsPort == port && site.IsHttpsServed && site.Host.Https.Http3),
                port == policyPort ? [] : [.. Sites.Where(site => portOf(site) == port).SelectMany(static site => site.Host.Containers).Distinct()]));
        return ports.ToImmutable();
    }
}

/// <summary>What templates see of the proxy, the engine and its networks.</summary>
internal static class ProxyModel
{
    public static readonly ModelObject<ListeningPort> ListeningPort = new("listening_port",
    [
        new("number", Number, "The port.", port => Whole(port.Number)),
        new("has_default", Flag, "Whether a virtual host on it answers names that nobody else claims.", port => Truth(port.HasDefault)),
        new("has_http3", Flag, "Whether a virtual host on it offers HTTP/3.", port => Truth(port.HasHttp3)),
    ], isOwner: true);

    public static readonly ModelObject<AnsweredChallenges> Challenges = new("challenges",
    [
        new("port", Number, "The port for http.", challenges => Whole(challenges.Port)),
        new("thumbprint", Plain, "What it answers with: TOKEN.THUMBPRINT, for every token of letters, digits, _ and -.", challenges => PlainText(challenges.Thumbprint)),
        new("names", PlainList, "Names that it answers for; may be empty.", challenges => PlainTexts(challenges.Names)),
    ], isOwner: true);

    public static readonly ModelObject<ProxySource> HashSizes = new("hash_sizes",
    [
        new("server_names_bucket", Number, "server_names_hash_bucket_size for the longest name.", source => Whole(NginxHashSizes.Bucket(source.ServerNames))),
        new("server_names_max", Number, "server_names_hash_max_size for the number of names.", source => Whole(NginxHashSizes.Max(source.ServerNames.Count))),
        new("server_names_usual", Flag, "Whether the sizes that nginx has without these directives are enough for the names.", source =>
            Truth(NginxHashSizes.IsUsual(source.ServerNames))),
        new("headers_bucket", Number, "proxy_headers_hash_bucket_size for the longest header's name.", source => Whole(NginxHashSizes.Bucket(source.HeaderNames))),
        new("headers_max", Number, "proxy_headers_hash_max_size for the number of headers.", source => Whole(NginxHashSizes.Max(source.HeaderNames.Count))),
        new("headers_usual", Flag, "The same for the headers.", source => Truth(NginxHashSizes.IsUsual(source.HeaderNames, NginxHashSizes.OwnHeaders))),
        new("variables_max", Number, "variables_hash_max_size for the variables of all header changes.", source =>
            Whole(NginxHashSizes.Max(256 + (2 * source.HeaderNames.Count)))),
    ]);

    public static readonly ModelObject<ProxySource> Proxy = new("proxy",
    [
        new("output", Plain, "Name of the output.", source => OwnText(source.Output.Name)),
        new("kind", Plain, "nginx, haproxy, centauri or other.", source => Word(source.Context.Kind)),
        new("known", Flag, "Whether its containers are known; if not, every network counts as reachable.", source => Truth(source.Context.IsKnown)),
        new("version", Plain.OrNull(), "The version that is written for; null where files are the same for all.", source => OwnText(source.Context.Version?.ToString())),
        new("containers", new TemplateType.ListOf(ContainerModel.Container.Type), "Its containers.", source => source.Scope.Containers(source.Context.Containers)),
        new("http_ports", new TemplateType.ListOf(ListeningPort.Type), "Ports for http, ascending.", source => Listening(source.HttpPorts)),
        new("https_ports", new TemplateType.ListOf(ListeningPort.Type), "Ports for https, ascending.", source => Listening(source.HttpsPorts)),
        new("challenges", new TemplateType.ListOf(Challenges.Type), "Certificate challenges that plain http answers, by port and account. For nginx each site has its own thumbprint.", source =>
            List(source.Challenges().Select(static challenges => TemplateValue.From(Challenges.Of(challenges, challenges.Containers))))),
        new("challenge_folder", Untrusted.OrNull(), "Folder with files that answer certificate challenges, .well-known/acme-challenge/TOKEN below it, as it sees it; null for none.", source =>
            UntrustedText(source.Policy.Acme?.Webroot is { } folder ? source.Scope.Paths.Of(folder) : null)),
        new("challenge_server", Plain.OrNull(), "Where certificate challenges are handed on to, ADDRESS:PORT; null for nowhere.", source => PlainText(source.ChallengeServer?.ToString())),
        new("challenges_by_tls", Flag, "Whether connections of TLS whose only protocol (ALPN) is acme-tls/1 are handed on there too, as they are: certificate challenges of tls-alpn-01.", source => Truth(source.HandsTlsOn)),
        new("stream_ports", new TemplateType.ListOf(StreamModel.Port.Type), "Ports for TCP and UDP, ascending.", source => List(source.Streams.Select(source.Scope.StreamPort))),
        new("ipv6", Flag, "Whether to listen on IPv6 too.", source => Truth(source.ListensOnIPv6)),
        new("http2", Flag, "Whether HTTP/2 is offered where hosts of one port cannot differ: what the setting says.", source => Truth(source.Policy.Http2)),
        new("tls_policy", Plain, "modern, intermediate or old, where hosts of one port cannot differ: what the setting says.", source => Word(source.Policy.TlsPolicy)),
        new("hsts", Flag, "Whether any virtual host sends Strict-Transport-Security.", source =>
            Truth(source.Sites.Any(site => site.IsHttpsServed && site.Host.Https.Hsts is not null))),
        new("fallback_status", Number, "Answer for unknown hosts.", source => Whole(source.Output.Proxy.FallbackStatus)),
        new("fallback_url", Plain.OrNull(), "Redirect for unknown hosts; null answers with the status.", source => OwnText(source.Output.Proxy.FallbackUrl)),
        new("trusted", PlainList, "Networks whose X-Forwarded headers are believed.", source => List(source.Output.Proxy.TrustedProxies.Select(OwnText))),
        new("askers", PlainList, "Networks out of which Templater asks for the generation that is live: loopback, or the subnets of the networks that both are on; empty where that is not known.", source =>
            PlainTexts(WayToProxy.AskersOf(source.Scope.Snapshot, source.Context))),
        new("proxy_protocol", Flag, "Expect the PROXY protocol on all listeners.", source => Truth(source.Output.Proxy.ProxyProtocol)),
        new("included", Flag, "Whether files of the operator with directives of nginx are there.", source =>
            Truth(source.Scope.Snapshot.OperatorFiles.Any(static file => file.Kind is OperatorFile.Include or OperatorFile.Replacement))),
        new("headers_file", RouteModel.Included.Type.OrNull(), "File of nginx-proxy's users in the place of the headers that applications get; null for none.", source =>
            RouteModel.File(Replacement(source, "proxy.conf") is { } file ? new IncludedFile(file.Path, file.Digest, file.Directives) : null, source.Scope)),
        new("dhparam", Untrusted.OrNull(), "File of nginx-proxy's users with parameters for the Diffie-Hellman exchange, as the proxy sees it; null for none.", source =>
            UntrustedText(Replacement(source, "dhparam/dhparam.pem") is { } file ? source.Scope.Paths.Of(file.Path) : null)),
        new("default_certificate", VirtualHostModel.Certificate.Type.OrNull(), "The pair called default, where it is shown for names that nobody claims; null where none is.", source =>
            Optional(VirtualHostModel.Certificate, source.DefaultPair is { } pair ? new Scoped<CertificatePair>(pair, source.Scope) : null)),
        new("access_log", Flag, "Whether it writes an access log.", source => Truth(source.Output.Proxy.AccessLog)),
        new("nginx_proxy", NginxProxyModel.Compat.Type.OrNull(), "What holds where Templater takes nginx-proxy's place (setting compat); null elsewhere.", source =>
            Optional(NginxProxyModel.Compat, source.Policy.NginxProxy)),
        new("certs_directory", Plain, "Certificates directory as it sees it.", source => OwnText(source.Scope.Paths.Of(source.Output.Proxy.CertsDirectory))),
        new("certificate_list", Plain.OrNull(), "File beside the configuration, as HAProxy sees it, that says which pair is shown for which name, and what its connections need; null when the whole certificates directory does as well.", source =>
            OwnText(source.Scope.CertificateListPath is { } path ? source.Scope.Paths.Of(path) : null)),
        new("config_directory", Plain, "Directory of the configuration as it sees it.", source => OwnText(source.Scope.Paths.Of(source.Output.Proxy.ConfigDirectory))),
        new("hash_sizes", HashSizes.Type, "Sizes of nginx's hash tables for this configuration.", source => TemplateValue.From(HashSizes.Of(source))),
    ]);

    public static readonly ModelObject<EngineDescription> Engine = new("engine",
    [
        new("version", Plain, "Version, such as 29.7.0.", engine => PlainText(engine.Version)),
        new("api_version", Plain, "Version of the API in use.", engine => PlainText(engine.ApiVersion)),
        new("name", Untrusted, "Its host name.", engine => UntrustedText(engine.Name)),
        new("swarm_manager", Flag, "Whether it manages a Swarm.", engine => Truth(engine.IsSwarmManager)),
    ]);

    public static readonly ModelObject<Network> Network = new("network",
    [
        new("id", Plain, "Id.", network => PlainText(network.Id)),
        new("name", Untrusted, "Name.", network => UntrustedText(network.Name)),
        new("driver", Plain, "bridge, overlay, …", network => PlainText(network.Driver)),
        new("scope", Plain, "local or swarm.", network => PlainText(network.Scope)),
        new("internal", Flag, "Whether it has no way out.", network => Truth(network.IsInternal)),
        new("ingress", Flag, "Whether it is Swarm's routing mesh.", network => Truth(network.IsIngress)),
        new("subnets", PlainList, "Its subnets.", network => PlainTexts(network.Subnets)),
    ]);

    private static TemplateValue Listening(ImmutableArray<ListeningPort> ports) =>
        List(ports.Select(static port => TemplateValue.From(ListeningPort.Of(port, port.Containers))));

    private static OperatorFile? Replacement(ProxySource source, string name) =>
        source.Scope.Snapshot.OperatorFiles.FirstOrDefault(file => file.Kind == OperatorFile.Replacement && file.Name == name);
}

/// <summary>
/// Sizes of nginx's hash tables. A bucket must hold the longest key with its bookkeeping, and with too few buckets nginx
/// warns at every start.
/// </summary>
internal static class NginxHashSizes
{
    private const int MinBucket = 128;
    private const int MinMax = 1024;
    private const int BucketsPerKey = 4;

    // ngx_hash_elt_t: a pointer, a length of two bytes and the key, rounded up to pointers; a pointer ends the bucket.
    private const int Pointer = 8;
    private const int LengthBytes = 2;

    // Two keys of a bucket at least, so that few buckets are enough.
    private const int KeysPerBucket = 2;

    // nginx has 512 buckets of 64 bytes (a line of the processor's cache), which is often one key each: with more keys than
    // these it may find no number of buckets in which no two meet.
    private const int UsualBucket = 64;
    private const int UsualKeys = 48;

    /// <summary>Headers that stand in every location, and those that nginx passes on by itself.</summary>
    public const int OwnHeaders = 24;

    /// <summary>Bytes of a bucket for these keys, a power of two.</summary>
    public static long Bucket(IEnumerable<string> keys)
    {
        var largest = 0;
        foreach (var key in keys)
            largest = Math.Max(largest, Size(key));
        return Math.Max(MinBucket, (long)BitOperations.RoundUpToPowerOf2((uint)((KeysPerBucket * largest) + Pointer)));
    }

    /// <summary>Whether a table of the sizes that nginx has by itself surely holds these keys, and others beside them.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="others">Number of other keys, which are short.</param>
    public static bool IsUsual(IEnumerable<string> keys, int others = 0)
    {
        var all = keys.ToArray();
        return all.Length + others <= UsualKeys && all.All(key => Size(key) + Pointer <= UsualBucket);
    }

    private static int Size(string key) => Pointer + ((Encoding.UTF8.GetByteCount(key) + LengthBytes + Pointer - 1) / Pointer * Pointer);

    /// <summary>Buckets for that many keys, a power of two.</summary>
    public static long Max(int keys) => Math.Max(MinMax, (long)BitOperations.RoundUpToPowerOf2((uint)(keys * BucketsPerKey)));
}
