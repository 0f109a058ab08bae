using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Spelling;

/// <summary>Writes a claim as native keys with canonical values: what is the default anyway is not written.</summary>
internal sealed class RouteSpelling(RoutingPolicy policy)
{
    private readonly List<SpelledLabel> _labels = [];

    /// <summary>The keys without prefix and route, host first.</summary>
    /// <param name="claim">What <see cref="NativeView"/> gave.</param>
    /// <param name="policy">The operator's settings, whose defaults hold for native labels, too.</param>
    public static ImmutableArray<SpelledLabel> Of(RouteClaim claim, RoutingPolicy policy)
    {
        var spelling = new RouteSpelling(policy);
        spelling.Match(claim);
        spelling.Upstream(claim);
        spelling.Balancing(claim);
        spelling.Host(claim.Host);
        spelling.Answers(claim.Settings);
        spelling.Access(claim.Settings);
        return [.. spelling._labels];
    }

    private void Match(RouteClaim claim)
    {
        Put("host", string.Join(", ", claim.Hosts));
        Put("path", claim.Path == PathPattern.Root ? null : Path(claim.Path));
        Put("priority", claim.Priority == 0 ? null : Number(claim.Priority));
        Put("port", claim.Port is { } port ? Number(port) : null);
    }

    /// <summary>A path as labels write it.</summary>
    public static string Path(PathPattern path) => path.Match switch
    {
        PathMatch.Exact => "=" + path.Text,
        PathMatch.Regex => "~" + path.Text,
        _ => path.Text,
    };

    private void Upstream(RouteClaim claim)
    {
        var settings = claim.Settings;
        Put("protocol", settings.Protocol == UpstreamProtocol.Http ? null : RouteSettings.Word(settings.Protocol));
        Put("upstream.verify", settings.Verify?.ToString());
        Put("upstream.group", claim.Group);
        Put("upstream.server-name", settings.ServerName);
        Put("rewrite", settings.Rewrite);
        Put("fastcgi.root", settings.FastCgiRoot);
        Put("fastcgi.index", settings.FastCgiIndex);
    }

    private void Balancing(RouteClaim claim)
    {
        var (settings, usual) = (claim.Settings, new RouteTimeouts());
        Put("weight", claim.Weight == 1 ? null : Number(claim.Weight));
        Put("backup", claim.Backup ? "true" : null);
        Put("balance", settings.Balance == policy.Balance ? null : RouteSettings.Word(settings.Balance));
        Put("sticky", settings.Sticky switch { StickyMode.Off => null, StickyMode.Cookie => $"cookie:{settings.StickyCookie}", var mode => RouteSettings.Word(mode) });
        Put("keepalive", settings.Keepalive switch { RouteSettings.AutoKeepalive => null, 0 => "off", var count => Number(count) });
        Put("maxconn", settings.MaxConnections == 0 ? null : Number(settings.MaxConnections));
        if (settings.Check is { } check)
        {
            Put("check", check.Path ?? "tcp");
            Put("check.interval", check.Interval == UpstreamCheck.DefaultInterval ? null : Quantities.Text(check.Interval));
            Put("check.rise", check.Rise == UpstreamCheck.DefaultRise ? null : Number(check.Rise));
            Put("check.fall", check.Fall == UpstreamCheck.DefaultFall ? null : Number(check.Fall));
        }

        Put("timeout.connect", settings.Timeouts.Connect == usual.Connect ? null : Quantities.Text(settings.Timeouts.Connect));
        Put("timeout.server", settings.Timeouts.Server == usual.Server ? null : Quantities.Text(settings.Timeouts.Server));
        Put("timeout.tunnel", settings.Timeouts.TunnelIsSet ? Quantities.Text(settings.Timeouts.Tunnel) : null);
        Put("max-body", settings.MaxBody == policy.MaxBody ? null : Number(settings.MaxBody));
        Put("buffering", settings.Buffering ? null : "off");
    }

    private void Host(HostSettings host)
    {
        Put("listen.http", host.HttpPort is { } http ? Number(http) : null);
        Put("listen.https", host.HttpsPort is { } https ? Number(https) : null);
        Put("https", host.Https is { } mode ? RouteSettings.Word(mode) : null);
        Put("https.code", host.HttpsCode is { } code ? Number(code) : null);
        Put("hsts", host.Hsts is "" ? "off" : host.Hsts);
        Put("http2", Truth(host.Http2));
        Put("http3", Truth(host.Http3));
        Put("tls.policy", host.TlsPolicy is { } tls ? RouteSettings.Word(tls) : null);
        Put("tls.certificate", host.Certificate);
        Put("tls.client-auth", host.ClientAuth is { } auth ? RouteSettings.Word(auth.Mode) : null);
        Put("tls.client-ca", host.ClientAuth is { File.Length: > 0 } with ? with.File : null);
        Obtaining(host.Acme ?? new AcmeSettings());
        Put("redirect.from", host.RedirectFrom is { } names ? string.Join(", ", names) : null);
        Put("redirect.code", host.RedirectCode is { } status ? Number(status) : null);
    }

    private void Obtaining(AcmeSettings acme)
    {
        Put("acme", Truth(acme.IsWanted));
        Put("acme.names", acme.Names?.Replace(" ", ", ", StringComparison.Ordinal));
        Put("acme.ca", acme.Authorities);
        Put("acme.challenge", acme.Challenge);
        Put("acme.dns", acme.Dns);
        Put("acme.profile", acme.Profile);
        Put("acme.key-type", acme.KeyType is { } type ? RouteSettings.Word(type) : null);
    }

    private void Answers(RouteSettings settings)
    {
        Put("redirect.to", settings.RedirectTo is { } redirect ? redirect.Url + (redirect.AppendPath ? "" : "!") : null);
        Headers("response", settings.ResponseHeaders);
        Headers("request", settings.RequestHeaders);
        foreach (var page in settings.ErrorPages)
            Put("errors." + page.Status, page.ToString()[(page.Status.Length + 1)..]);
        foreach (var (name, value) in settings.Data)
            Put("data." + name, value);
    }

    private void Access(RouteSettings settings)
    {
        Put("allow", Clients(settings.Allow));
        Put("deny", Clients(settings.Deny));
        if (settings.Login is { } login)
        {
            Put("auth.basic", login.Users.Length > 0 ? string.Join(", ", login.Users.Select(static user => $"{user.Name}:{user.Hash}")) : null);
            Put("auth.basic.file", login.File);
            Put("auth.realm", login.Realm);
        }

        Put("auth.forward", settings.ForwardAuth?.Name);
    }

    private void Headers(string start, ImmutableArray<HeaderChange> changes)
    {
        var deleted = changes.Where(static change => change.Operation == HeaderOperation.Delete).Select(static change => change.Name).ToArray();
        Put(start + ".delete", deleted.Length > 0 ? string.Join(", ", deleted) : null);
        foreach (var change in changes)
            if (change.Operation != HeaderOperation.Delete)
                Put($"{start}.{RouteSettings.Word(change.Operation)}.{change.Name}", change.Value);
    }

    /// <summary>A list of clients as labels write it; null for an empty one.</summary>
    public static string? Clients(ImmutableArray<string> ranges)
    {
        if (ranges.Length == 0)
            return null;
        var known = ClientRange.Private;
        for (var start = 0; start + known.Length <= ranges.Length; start++)
            if (ranges.AsSpan(start, known.Length).SequenceEqual(known.AsSpan()))
                return string.Join(", ", [.. ranges.Take(start), "private", .. ranges.Skip(start + known.Length)]);
        return string.Join(", ", ranges);
    }

    private static string? Truth(bool? value) => value switch { true => "true", false => "false", null => null };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private void Put(string key, string? value)
    {
        if (value is not null)
            _labels.Add(new SpelledLabel(key, value));
    }
}
