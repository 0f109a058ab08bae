using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Access;
using Templater.Pipeline.Routing.Files;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>
/// Adds what the operator's files say that are called like hosts. Where they may close something and cannot be honoured, the host is
/// closed: somebody who put them there did not mean everyone.
/// </summary>
internal sealed class HostFileRule(Snapshot snapshot, ProxyContext proxy, Conflicts conflicts, List<Finding> findings)
{
    private const string AnyRealm = "Restricted access";

    private readonly HostFiles _files = new(snapshot.OperatorFiles);

    private bool IsDisobedient => proxy.Kind is ProxyKind.HAProxy or ProxyKind.Centauri;

    /// <summary>A text that is the same for hosts with the same files.</summary>
    /// <param name="host">The host with its claims.</param>
    public string Signature(HostClaims host) => _files.Signature(host.Pattern, host.Claims.Select(static claim => claim.Route.Path));

    /// <summary>The host with what its files say, without servers where they cannot be honoured.</summary>
    /// <param name="host">The host with its claims.</param>
    public HostClaims Fit(HostClaims host) =>
        proxy.Kind == ProxyKind.Other || (_files.IsEmpty && host.Claims.All(static claim => claim.Route.Host.VerifiesClients is null))
            ? host
            : host with { Claims = [.. host.Claims.Select(claim => WithClientAuth(host.Pattern, WithPasswords(host.Pattern, WithIncludes(host.Pattern, claim))))] };

    /// <summary>The virtual host with the files that nginx reads itself.</summary>
    /// <param name="host">The virtual host.</param>
    public VirtualHost Apply(VirtualHost host) => proxy.Kind != ProxyKind.Nginx || _files.IsEmpty
        ? host
        : host with
        {
            Include = Included(_files.Server(host.Pattern)),
            Routes =
            [
                .. host.Routes.Select(route => route with
                {
                    Include = Included(_files.Location(host.Pattern, route.Path)),
                    // In the place of a closed route there is nothing but the refusal.
                    Override = route.IsClosed ? null : Included(_files.Override(host.Pattern, route.Path)),
                }),
            ],
        };

    private Claim WithIncludes(HostPattern host, Claim claim)
    {
        var over = _files.Override(host, claim.Route.Path);
        var settings = claim.Route.Settings;
        if ((_files.Server(host) ?? over ?? _files.Location(host, claim.Route.Path)) is { } file)
        {
            if (IsDisobedient || (proxy.Kind == ProxyKind.Nginx && proxy.IgnoresIncludes))
                return Refused(host, claim, ReasonIds.UnsupportedOption, $"{Shown(file)} holds directives of nginx, which {Nobody} follows, and they may close what would be open. Take the file away");
        }

        foreach (var part in new[] { _files.Server(host), _files.Location(host, claim.Route.Path), over })
            if (part?.Problem is OperatorFile.Folder or OperatorFile.DeadLink && proxy.Kind == ProxyKind.Nginx)
                return Refused(host, claim, ReasonIds.InvalidInput, $"{Shown(part)} cannot be included: {part.Problem}. Take it away, or put the file in its place");
        if (over is not null && (settings.Allow.Length > 0 || settings.Deny.Length > 0 || settings.Login is not null || settings.ForwardAuth is not null))
            return Refused(host, claim, ReasonIds.UnsupportedOption, $"{Shown(over)} stands in the place of the route, and would open what the container's own words close. Say there who may use it, and take these words away");
        if (claim.Dialect != Dialect.NginxProxy || settings.Allow.IsEmpty || _files.InternalClients is not { } clients)
            return claim;
        return IsDisobedient
            ? Refused(host, claim, ReasonIds.UnsupportedOption, $"{Shown(clients)} says who is internal in the words of nginx, which {Nobody} follows. Take the file away")
            : claim with { Route = claim.Route with { Settings = settings with { AccessFile = Included(clients) } } };
    }

    private Claim WithPasswords(HostPattern host, Claim claim)
    {
        if (_files.Passwords(host, claim.Route.Path) is not { } file)
            return claim;
        if (proxy.Kind == ProxyKind.Centauri || proxy.IgnoresLogins)
            return Refused(host, claim, ReasonIds.UnsupportedOption, $"{Shown(file)} asks for logins, which {Nobody} does. Take the file away");
        var problem = file.Problem ?? "";
        var users = problem.Length == 0 ? PasswordFiles.Users(file, [], out problem) : [];
        if (problem.Length > 0)
            return Refused(host, claim, ReasonIds.AuthUnusable, file.Problem is null ? problem : $"{Shown(file)} says who may log in, and {problem}");
        if (users.FirstOrDefault(user => !PasswordHash.CanCheck(proxy.Kind, PasswordHash.SchemeOf(user.Hash))) is { } user)
            return Refused(host, claim, ReasonIds.AuthUnusable, $"the proxy cannot check the hash of user \"{Untrusted.Shown(user.Name)}\" in {Shown(file)}; it checks {PasswordHash.Legal(proxy.Kind)}");
        if (claim.Route.Settings.Login is not null && claim.IsContender)
            Warn(host, claim, ReasonIds.ConflictValue, $"container \"{Untrusted.Shown(claim.Container.Name)}\": its own users are not heard on {Untrusted.Shown(host.ToString())}: {Shown(file)} says who may log in.");
        var ofPath = _files.PasswordsOfPath(host, claim.Route.Path) is null ? "" : claim.Route.Path.Text;
        var realm = host.Match != HostMatch.Regex && BasicUsers.TryRealm($"Restricted {host}{ofPath}", out var named) ? named : AnyRealm;
        return claim with { Route = claim.Route with { Settings = claim.Route.Settings with { Login = new RouteLogin(realm, users, null) } } };
    }

    private Claim WithClientAuth(HostPattern host, Claim claim)
    {
        // Others name the file themselves.
        if (claim.Dialect != Dialect.NginxProxy)
            return WithRevocations(host, claim);
        var label = claim.Route.Host.VerifiesClients;
        var authority = _files.Authority(host, claim.Route.Host);
        if (authority is null)
            return label is null or ClientAuthMode.Off ? claim : Refused(host, claim, ReasonIds.CertificateMissing, $"{Dialects.NginxProxy.ProxyLabels.ClientCertificates} needs the authorities of the clients, and the certificates directory has neither {Untrusted.Shown(HostFileNames.Of(host).FirstOrDefault("HOST"))}.ca.crt nor ca.crt", Closure.Host);
        if (proxy.Kind == ProxyKind.Centauri || proxy.IgnoresClientAuth || proxy is { Kind: ProxyKind.HAProxy, IgnoresCertificateList: true })
            return Refused(host, claim, ReasonIds.UnsupportedOption, $"{Shown(authority)} asks clients for certificates, which {(proxy.Kind == ProxyKind.Centauri ? Nobody : "the template of this output")} does not do for a single host", Closure.Host);
        var revocations = _files.Revocations(authority);
        if ((authority.Problem is null ? revocations?.Problem is null ? null : revocations : authority) is { } bad)
            return Refused(host, claim, ReasonIds.CertificateMissing, $"{Shown(bad)} is needed to know the clients, and {bad.Problem}", Closure.Host);
        var auth = new ClientAuth(label ?? ClientAuthMode.Required, authority.Name)
        {
            Path = authority.Path,
            Digest = authority.Digest,
            RevocationsPath = revocations?.Path,
            RevocationsDigest = revocations?.Digest ?? "",
        };
        return claim with { Route = claim.Route with { Host = claim.Route.Host with { ClientAuth = auth } } };
    }

    // A label names only the authorities. What they took back lies beside them, or is called like the host: whoever put it there means it.
    private Claim WithRevocations(HostPattern host, Claim claim)
    {
        if (claim.Route.Host.ClientAuth is not { Mode: not ClientAuthMode.Off, Path.Length: > 0 } auth || _files.Revocations(host, auth.File) is not { } revocations)
            return claim;
        return revocations.Problem is { } problem
            ? Refused(host, claim, ReasonIds.CertificateMissing, $"{Shown(revocations)} is needed to know the clients, and {problem}", Closure.Host)
            : claim with { Route = claim.Route with { Host = claim.Route.Host with { ClientAuth = auth with { RevocationsPath = revocations.Path, RevocationsDigest = revocations.Digest } } } };
    }

    private string Nobody => proxy.Kind switch { ProxyKind.HAProxy => "HAProxy", ProxyKind.Centauri => "Centauri", _ => "the template of this output" };

    private IncludedFile? Included(OperatorFile? file)
    {
        if (file is null)
            return null;
        // The proxy's master may read what Templater may not.
        if (file.Problem is { } problem)
            findings.Add(new Finding(FindingSeverity.Warning, ReasonIds.InvalidInput, $"{Shown(file)} is included, but a change of it is not noticed: {problem}."));
        return new IncludedFile(file.Path, file.Digest, file.Directives);
    }

    private Claim Refused(HostPattern host, Claim claim, string reason, string problem, Closure closes = Closure.Place)
    {
        var refusal = new Refusal(reason, problem + ".") { Closes = closes };
        if (claim.IsContender)
        {
            Warn(host, claim, reason, $"container \"{Untrusted.Shown(claim.Container.Name)}\" is not routed for {Conflicts.Place(host, claim.Route.Path)}: {problem}.");
            conflicts.Refuse(claim, refusal);
        }

        return claim.Refused(refusal);
    }

    private void Warn(HostPattern host, Claim claim, string reason, string message) => findings.Add(
        new Finding(FindingSeverity.Warning, reason, message) { Container = claim.Container.Name, Host = host.ToString() });

    private static string Shown(OperatorFile file) => Untrusted.Shown(file.Path);
}
