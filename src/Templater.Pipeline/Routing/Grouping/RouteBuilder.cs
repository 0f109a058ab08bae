using System.Collections.Immutable;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>Makes one route, with its upstream, out of the claims on one place.</summary>
internal sealed partial class RouteBuilder(RoutingPolicy policy, ProxyKind kind, UpstreamNames names, Conflicts conflicts, List<Finding> findings)
{
    /// <summary>Makes the route. Its servers have no slots yet.</summary>
    /// <param name="host">Name of the virtual host.</param>
    /// <param name="path">The path.</param>
    /// <param name="claims">The claims, the deciding one first.</param>
    public Route Build(string host, PathPattern path, ImmutableArray<Claim> claims)
    {
        var deciding = claims[0];
        var settings = deciding.Route.Settings;
        Compare(host, deciding, claims);
        // Who restricts is heard even when another container decides: a mixed set must not open what one closes.
        var restricting = claims.FirstOrDefault(claim => claim.Route.Settings.Allow.Length > 0) ?? deciding;
        if (claims.Length > 1)
            CompareAllow(host, restricting, claims);
        var guarding = claims.FirstOrDefault(claim => claim.Route.Settings.Login is { Users.Length: > 0 });
        if (claims.Length > 1)
            CompareLogin(host, guarding, claims);
        var verifying = claims.FirstOrDefault(claim => claim.Route.Settings.Verify is not null);
        if (claims.Length > 1)
            CompareVerify(host, verifying, claims);
        var asking = claims.FirstOrDefault(claim => claim.Route.Settings.ForwardAuth is not null);
        CompareForwardAuth(host, asking, claims);
        CheckBackups(host, settings, claims);
        // A server that speaks another protocol cannot share the upstream, and one that admits other clients must not.
        var serving = ImmutableArray.CreateBuilder<Claim>(claims.Length);
        foreach (var claim in claims)
            if (claim.Server is not null && claim.Route.Settings.Protocol == settings.Protocol
                && Admits(claim, restricting) && IsGuardedBy(claim, guarding) && IsAskedLike(claim, asking)
                && (claim.Route.Settings.Verify ?? verifying?.Route.Settings.Verify) == verifying?.Route.Settings.Verify)
                serving.Add(claim);
        var servers = settings.RedirectTo is not null ? [] : Relieved(Servers(serving.DrainToImmutable()));
        return new Route
        {
            Key = $"{host} {Text(path)}",
            Path = path,
            Rewrite = settings.Rewrite,
            Destination = settings.Destination,
            FastCgiRoot = settings.FastCgiRoot,
            FastCgiIndex = settings.FastCgiIndex,
            ErrorPages = settings.ErrorPages,
            RedirectTo = deciding.IsContender ? settings.RedirectTo : null,
            Priority = deciding.Route.Priority,
            Upstream = BuildUpstream(names.Name(host, path), settings, servers, verifying?.Route.Settings.Verify),
            Allow = restricting.Route.Settings.Allow,
            AccessFile = restricting.Route.Settings.AccessFile,
            Deny = claims.All(claim => claim.Route.Settings.Deny.IsEmpty) ? [] : [.. claims.SelectMany(claim => claim.Route.Settings.Deny).Distinct(StringComparer.Ordinal)],
            Auth = guarding?.Route.Settings.Login?.On(host),
            ForwardAuth = asking?.Route.Settings.ForwardAuth,
            IsClosed = claims.Any(claim => claim.IsAlive && claim.Route.Refusal is { Closes: not Closure.Nothing }),
            Timeouts = settings.Timeouts,
            MaxBody = settings.MaxBody,
            Buffering = settings.Buffering,
            ResponseHeaders = settings.ResponseHeaders,
            RequestHeaders = settings.RequestHeaders,
            Data = settings.Data,
            Containers = servers.Length > 0 ? UpstreamServer.ContainersOf(servers) : Unserved(settings, claims),
        };
    }

    // Whose route it is all the same.
    private static ImmutableArray<Inventory.ContainerId> Unserved(RouteSettings settings, ImmutableArray<Claim> claims) =>
    [
        .. claims
            .Where(claim => settings.RedirectTo is null || claim.Route.Settings.RedirectTo == settings.RedirectTo)
            .OrderBy(claim => claim.Container.Name, StringComparer.Ordinal)
            .Select(claim => claim.Container.Id)
            .Distinct(),
    ];

    /// <summary>The servers of claims that have one, in a stable order.</summary>
    public static ImmutableArray<UpstreamServer> Servers(ImmutableArray<Claim> claims) => claims is [var only]
        ? [only.Server!]
        :
        [
            .. claims
                .OrderBy(claim => claim.Container.Compose?.Service ?? "", StringComparer.Ordinal)
                .ThenBy(claim => claim.Container.Compose?.Number ?? 0)
                .ThenBy(claim => claim.Container.Name, StringComparer.Ordinal)
                .ThenBy(claim => claim.Container.Id.Value, StringComparer.Ordinal)
                .Select(claim => claim.Server!)
                .DistinctBy(SlotAllocator.KeyOf),
        ];

    /// <summary>
    /// Who was told to stop gets nothing new, unless nobody else could take it: then whatever it still answers is better than nothing.
    /// </summary>
    public static ImmutableArray<UpstreamServer> Relieved(ImmutableArray<UpstreamServer> servers) =>
        servers.Any(static server => server.IsEnding) && servers.Any(static server => server is { IsEnding: false, State: ServerState.Up })
            ? [.. servers.Select(static server => server.IsEnding ? server with { State = ServerState.Drain } : server)]
            : servers;

    /// <summary>Order in which routes must be tried.</summary>
    public static int CompareRoutes(Route left, Route right)
    {
        var order = Rank(left).CompareTo(Rank(right));
        if (order == 0 && left.Path.Match == PathMatch.Regex)
            order = right.Priority.CompareTo(left.Priority);
        if (order == 0 && left.Path.Match == PathMatch.Prefix)
            order = right.Path.Text.Length.CompareTo(left.Path.Text.Length);
        return order != 0 ? order : string.CompareOrdinal(left.Path.Text, right.Path.Text);
    }

    private static int Rank(Route route) => route.Path.Match switch { PathMatch.Exact => 0, PathMatch.Regex => 2, _ => route.Path.BeatsRegex ? 1 : 3 };

    private static string Text(PathPattern path) => path.Match switch
    {
        PathMatch.Exact => "=" + path.Text,
        PathMatch.Regex => "~" + path.Text,
        _ => path.IsRaw ? "^" + path.Text : path.Text,
    };

    private static Upstream BuildUpstream(string name, RouteSettings settings, ImmutableArray<UpstreamServer> servers, UpstreamVerify? verify) => new()
    {
        Name = name,
        Protocol = settings.Protocol,
        Balance = settings.Balance,
        BalanceMethod = settings.BalanceMethod,
        Sticky = settings.Sticky,
        StickyCookie = settings.StickyCookie,
        HasAutoKeepalive = settings.Keepalive == RouteSettings.AutoKeepalive,
        Keepalive = settings.Keepalive == RouteSettings.AutoKeepalive ? 2 * servers.Sum(static server => server.Places) : settings.Keepalive,
        MaxConnections = settings.MaxConnections,
        ServerName = settings.ServerName,
        Verify = verify,
        Check = settings.Check,
        Servers = servers,
    };

    private void Compare(string host, Claim deciding, ImmutableArray<Claim> claims)
    {
        if (claims.Length == 1)
            return;
        var settings = deciding.Route.Settings;
        var used = settings.Facts().ToArray();
        foreach (var other in claims.Skip(1).Where(claim => claim.IsContender))
        {
            var theirs = other.Route.Settings.Facts().ToArray();
            for (var i = 0; i < used.Length; i++)
            {
                var (key, text, shown) = theirs[i];
                if (text != used[i].Text)
                    Differ(host, $"{policy.LabelPrefix}.{key}", key, used[i].Shown, deciding, shown == used[i].Shown ? $"{shown} with another value" : shown, other);
            }

            if (ImageOf(other) != ImageOf(deciding) && other.Route.Settings.Protocol == settings.Protocol && other.Route.Settings.RedirectTo == settings.RedirectTo)
                Differ(host, null, "the image", ImageOf(deciding), deciding, ImageOf(other), other);
        }
    }

    // A place is answered by servers of one protocol, or by one redirect.
    private static bool IsExclusive(string label) =>
        label.EndsWith(".protocol", StringComparison.Ordinal) || label.EndsWith(".redirect.to", StringComparison.Ordinal);

    /// <summary>True when the claim asks for no clients of its own, or for the very ones that are admitted.</summary>
    private static bool Admits(Claim claim, Claim restricting) =>
        claim.Route.Settings.Allow is var allow
        && (allow.Length == 0
            || (claim.Route.Settings.AccessFile == restricting.Route.Settings.AccessFile && allow.ToHashSet(StringComparer.Ordinal).SetEquals(restricting.Route.Settings.Allow)));

    private void CompareAllow(string host, Claim restricting, ImmutableArray<Claim> claims)
    {
        var used = RouteSettings.AllowText(restricting.Route.Settings.Allow);
        foreach (var other in claims.Where(claim => claim != restricting && claim.IsContender))
        {
            var own = other.Route.Settings.Allow;
            if (!Admits(other, restricting) || own.Length != restricting.Route.Settings.Allow.Length)
                Differ(host, $"{policy.LabelPrefix}.allow", "allow", used, restricting, RouteSettings.AllowText(own), other, isLeftOut: !Admits(other, restricting));
        }
    }

    /// <summary>True when the claim asks for no login of its own, or lets in the very users that are let in.</summary>
    private static bool IsGuardedBy(Claim claim, Claim? guarding) =>
        claim.Route.Settings.Login is not { } login || login.Digest == guarding?.Route.Settings.Login?.Digest;

    private void CompareLogin(string host, Claim? guarding, ImmutableArray<Claim> claims)
    {
        if (guarding is null)
            return;
        var used = guarding.Route.Settings.Login!;
        foreach (var other in claims.Where(claim => claim != guarding && claim.IsContender))
        {
            var own = other.Route.Settings.Login;
            if (own?.Digest == used.Digest || own is { Users.Length: 0 })
                continue;
            var shown = own is null ? "no login" : own.ToString() == used.ToString() ? $"{own} with other passwords" : own.ToString();
            Differ(host, $"{policy.LabelPrefix}.auth.basic", "auth.basic", used.ToString(), guarding, shown, other, isLeftOut: own is not null);
        }
    }

    private void CompareVerify(string host, Claim? verifying, ImmutableArray<Claim> claims)
    {
        if (verifying is null)
            return;
        var used = verifying.Route.Settings.Verify!;
        foreach (var other in claims.Where(claim => claim != verifying && claim.IsContender && claim.Route.Settings.Verify != used))
        {
            var own = other.Route.Settings.Verify;
            Differ(host, $"{policy.LabelPrefix}.upstream.verify", "upstream.verify", used.ToString(), verifying, own?.ToString() ?? "false", other, isLeftOut: own is not null);
        }
    }

    /// <summary>nginx has reserves only where requests go round.</summary>
    private void CheckBackups(string host, RouteSettings settings, ImmutableArray<Claim> claims)
    {
        var balance = settings.Sticky == StickyMode.Source ? BalanceAlgorithm.Source : settings.Balance;
        if (kind != ProxyKind.Nginx || balance is BalanceAlgorithm.RoundRobin or BalanceAlgorithm.LeastConn || claims.All(claim => claim.Route.Backup))
            return;
        var wish = settings.Sticky == StickyMode.Source ? "sticky=source" : $"balance={settings.BalanceMethod?.Nginx ?? RouteSettings.Word(balance)}";
        foreach (var claim in claims.Where(claim => claim.Route.Backup && claim.IsContender))
        {
            findings.Add(new Finding(
                FindingSeverity.Warning,
                ReasonIds.UnsupportedOption,
                $"container \"{Untrusted.Shown(claim.Container.Name)}\": backup is not available in nginx with {wish}; "
                    + "it gets requests only when no other container is ready, and not when others do not answer.")
            {
                Container = claim.Container.Name,
                Host = host,
                Label = $"{policy.LabelPrefix}.backup",
            });
        }
    }

    // Containers outside of any project count as one application, and so do all services of a project.
    private string WayOut(Claim other) =>
        other.Dialect == Dialect.Templater && policy.Conflict == ConflictRule.Oldest
            ? $"give them different hosts, or give one a {policy.LabelPrefix}.upstream.group of its own: "
                + $"then the one with the higher {policy.LabelPrefix}.priority, else the older one, gets them all"
            : "give them different hosts";

    private static string ImageOf(Claim claim) =>
        claim.Container.Image.Registry.Length > 0 ? $"{claim.Container.Image.Registry}/{claim.Container.Image.Repository}" : claim.Container.Image.Repository;

    private void Differ(string host, string? label, string what, string used, Claim deciding, string ignored, Claim other, bool isLeftOut = false)
    {
        // Blue and green from two projects with two images is what the users of nginx-proxy do on purpose.
        if (label is null && other.Dialect == Dialect.NginxProxy)
            return;
        var getsNothing = isLeftOut || (label is not null && IsExclusive(label));
        if (getsNothing)
            conflicts.Refuse(other, new Refusal(ReasonIds.ConflictValue, $"its {label} is {Untrusted.Shown(ignored)}, and that of \"{Untrusted.Shown(deciding.Container.Name)}\", which has {Untrusted.Shown(host)}, is {Untrusted.Shown(used)}."));
        var tail = label is null
            ? $"Both get requests. If they are different applications, {WayOut(other)}."
            : getsNothing ? "The other gets no requests; give both the same value." : "Give both containers the same value.";
        findings.Add(new Finding(
            FindingSeverity.Warning,
            ReasonIds.ConflictValue,
            $"{Untrusted.Shown(host)}: {label ?? what} differs: {Untrusted.Shown(used)} (\"{Untrusted.Shown(deciding.Container.Name)}\"{(label is null ? "" : ", used")}) "
                + $"and {Untrusted.Shown(ignored)} (\"{Untrusted.Shown(other.Container.Name)}\"). {tail}")
        {
            Container = other.Container.Name,
            Host = host,
            Label = label,
        });
    }
}
