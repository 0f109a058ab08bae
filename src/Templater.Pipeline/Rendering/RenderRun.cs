using System.Collections.Immutable;
using Templater.Language;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering.Model;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Rendering;

/// <summary>One routed snapshot with its template, rendered once or twice.</summary>
internal sealed class RenderRun(Template template, OutputDefinition output, Snapshot snapshot, RoutingResult routing, RoutingPolicy policy, FurtherFiles files)
{
    private readonly Dictionary<VirtualHost, ImmutableArray<Site>> _sites = routing.VirtualHosts.ToDictionary(
        host => host, host => HostSites.Of(host, snapshot, routing.Proxy.Kind, routing.Proxy.JoinsPairs), (IEqualityComparer<VirtualHost>)ReferenceEqualityComparer.Instance);

    private bool _isListMade;
    private string? _certificateList;

    /// <summary>Renders with the given generation id.</summary>
    /// <returns>The content, or an error.</returns>
    public (RenderedContent? Content, RenderError? Error) Render(string generation, CancellationToken cancellationToken)
    {
        RenderedContent? content = null;
        files.Begin(output.Path == "-" ? "" : Path.GetFileName(output.Path), () => Paths.Of(FilesDirectory), output.Kind == ProxyKind.Centauri ? "Centauri reads a single file" : null);
        var model = RootModel.Build(snapshot, routing, policy, output, generation, Paths, _sites, CertificateList);
        var result = template.Render(model, (text, places) => content = RenderedContent.Of(text, places), cancellationToken);
        return (content, result.Error);
    }

    // Standard output has no directory: it stands for a file in that of the configuration.
    private string FilesDirectory => FurtherFile.DirectoryOf(output.Path == "-" ? $"{output.Proxy.ConfigDirectory.TrimEnd('/')}/-" : output.Path, output.Name);

    /// <summary>The proxy's view of paths, with what the renders found out about it.</summary>
    public ProxyPaths Paths { get; } = new(snapshot, routing.Proxy);

    /// <summary>Which pair HAProxy shows for which name; null for other proxies, and where its folder does as well.</summary>
    public string? CertificateList
    {
        get
        {
            if (!_isListMade && routing.Proxy is { Kind: ProxyKind.HAProxy, IgnoresCertificateList: false })
                _certificateList = Rendering.CertificateList.Of([.. routing.VirtualHosts.SelectMany(host => SitesOfPairs(host))], snapshot, policy, Paths);
            _isListMade = true;
            return _certificateList;
        }
    }

    private ImmutableArray<Site> SitesOfPairs(VirtualHost host) =>
        routing.Proxy.JoinsPairs ? HostSites.Of(host, snapshot, routing.Proxy.Kind, joinsPairs: false) : _sites[host];

    /// <summary>
    /// The folder whose pairs can come and go while HAProxy runs a configuration; null where there is none, or HAProxy has another
    /// one there.
    /// </summary>
    /// <param name="content">The configuration.</param>
    public RuntimeFolder? OpenFolder(ReadOnlySpan<byte> content)
    {
        var folder = Path.Combine(output.Proxy.CertsDirectory, CertificateDirectory.HAProxyFolder);
        var name = Paths.Of(folder).TrimEnd('/');
        return CertificateFolder.IsOpen(content, name) && Paths.IsSeen(folder) ? new RuntimeFolder(name, folder) : null;
    }

    /// <summary>The logins of all routes.</summary>
    public IEnumerable<BasicAuth> Logins => routing.VirtualHosts.SelectMany(static host => host.Routes).Select(static route => route.Auth).OfType<BasicAuth>();

    /// <summary>The operator's files that the configuration refers to, with their digests, by path.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Authorities
    {
        get
        {
            var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var host in routing.VirtualHosts)
            {
                if (host.ClientAuth is { } auth)
                {
                    files[auth.Path] = auth.Digest;
                    if (auth.RevocationsPath is { } revoked)
                        files[revoked] = auth.RevocationsDigest;
                }

                Add(files, host.Include);
                foreach (var route in host.Routes)
                {
                    if (route.Upstream.Verify is { Path: { } path } verify)
                        files[path] = verify.Digest;
                    Add(files, route.AccessFile);
                    Add(files, route.Include);
                    Add(files, route.Override);
                }
            }

            if (routing.Proxy.Kind == ProxyKind.Nginx)
                foreach (var file in snapshot.OperatorFiles)
                    if (file.Kind is OperatorFile.Parameters or OperatorFile.Replacement)
                        files[file.Path] = file.Digest;
            return [.. files];
        }
    }

    private static void Add(SortedDictionary<string, string> files, IncludedFile? file)
    {
        if (file is not null)
            files[file.Path] = file.Digest;
    }

    /// <summary>Those of some pairs that a running HAProxy can be told of.</summary>
    public ImmutableArray<RuntimeCertificate> RuntimeCertificates(ImmutableArray<CertificatePair> pairs)
    {
        var told = ImmutableArray.CreateBuilder<RuntimeCertificate>();
        foreach (var pair in pairs)
            if (pair.IsToldAtRunTime)
                told.Add(new RuntimeCertificate(Paths.Of(pair.ChainPath), pair.ChainPath, pair.ContentDigest));
        return told.ToImmutable();
    }

    /// <summary>The pairs that the file depends on, ordered by path.</summary>
    /// <param name="all">True when the template looks at all pairs itself.</param>
    public ImmutableArray<CertificatePair> Certificates(bool all)
    {
        // HAProxy loads its whole folder.
        var pairs = all || routing.Proxy.Kind == ProxyKind.HAProxy
            ? snapshot.Certificates
            : routing.VirtualHosts.SelectMany(host => _sites[host]).Select(site => site.Certificate)
                .Concat(routing.Streams.Select(static listener => listener.Certificate)).Append(ProxySource.DefaultPairOf(output, snapshot, routing.Proxy.Kind)).OfType<CertificatePair>();
        return [.. pairs.DistinctBy(pair => pair.ChainPath).OrderBy(pair => pair.ChainPath, StringComparer.Ordinal)];
    }
}
