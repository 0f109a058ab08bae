using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Access;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>Finds the operator's files that labels name. A route whose file cannot be used is closed.</summary>
internal sealed class OperatorFilesRule(Snapshot snapshot)
{
    /// <summary>The claim with what its files hold, or refused.</summary>
    /// <param name="claim">The claim.</param>
    public RouteClaim Fit(RouteClaim claim)
    {
        if (claim.Settings.Login is { File: { } passwords } login)
            claim = WithUsers(claim, login, passwords);
        if (claim.Settings.Verify is { File: { } authority } verify)
        {
            var file = Find(OperatorFile.Authority, authority, "upstream.verify", out var problem);
            claim = file is null
                ? Refused(claim, ReasonIds.CertificateMissing, problem, Closure.Place)
                : claim with { Settings = claim.Settings with { Verify = verify with { Path = file.Path, Digest = file.Digest } } };
        }

        if (claim.Host.ClientAuth is { Mode: not ClientAuthMode.Off } auth)
        {
            var file = Find(OperatorFile.Authority, auth.File, "tls.client-ca", out var problem);
            claim = file is null
                ? Refused(claim, ReasonIds.CertificateMissing, problem, Closure.Host)
                : claim with { Host = claim.Host with { ClientAuth = auth with { Path = file.Path, Digest = file.Digest } } };
        }

        return claim.Settings is { Verify: not null, Protocol: not (UpstreamProtocol.Https or UpstreamProtocol.Grpcs) }
            ? Refused(claim, ReasonIds.InvalidValue, $"upstream.verify needs the protocol https or grpcs, and it is {RouteSettings.Word(claim.Settings.Protocol)}", Closure.Place)
            : claim;
    }

    private RouteClaim WithUsers(RouteClaim claim, RouteLogin login, string name)
    {
        if (Find(OperatorFile.Passwords, name, "auth.basic.file", out var problem) is not { } file)
            return Refused(claim, ReasonIds.AuthUnusable, problem, Closure.Place);
        var users = PasswordFiles.Users(file, login.Users, out problem);
        return problem.Length > 0
            ? Refused(claim, ReasonIds.AuthUnusable, problem, Closure.Place)
            : claim with { Settings = claim.Settings with { Login = login with { Users = users } } };
    }

    private OperatorFile? Find(string kind, string name, string key, out string problem)
    {
        foreach (var file in snapshot.OperatorFiles)
        {
            if (file.Kind != kind || file.Name != name)
                continue;
            problem = file.Problem is null ? "" : $"{key} names {Untrusted.Shown(file.Path)}, and {file.Problem}";
            return file.Problem is null ? file : null;
        }

        problem = $"{key} names the file \"{Untrusted.Shown(name)}\", which was not read";
        return null;
    }

    private static RouteClaim Refused(RouteClaim claim, string reason, string detail, Closure closes) =>
        claim with { Refusal = Refusal.Graver(claim.Refusal, new Refusal(reason, detail + ".") { Closes = closes }) };
}
