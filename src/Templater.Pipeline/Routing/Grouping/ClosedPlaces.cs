using System.Collections.Immutable;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>
/// A restriction that cannot be honoured refuses the container that asks for it. Its replicas would answer in its stead, to
/// everyone, although a restriction that can be honoured holds for them all: so they are refused, too.
/// </summary>
internal sealed class ClosedPlaces(Conflicts conflicts, List<Finding> findings)
{
    /// <summary>The claims of a host as they may be served.</summary>
    /// <param name="host">The host's name for messages.</param>
    /// <param name="claims">Its claims; different applications share no place here unless they are merged.</param>
    public ImmutableArray<Claim> Close(HostPattern host, ImmutableArray<Claim> claims)
    {
        // As it is nearly everywhere.
        if (!claims.Any(IsClosing))
            return claims;
        var isMerged = conflicts.IsMerged(claims);
        // What is closed with its fellows closes its place too, for whoever shares that with it.
        for (var open = int.MaxValue; claims.Count(static claim => claim.Route.Refusal is null) is var left && left < open;)
        {
            open = left;
            var closing = claims.Where(IsClosing).ToArray();
            claims = [.. claims.Select(claim => closing.FirstOrDefault(by => Closes(by, claim, isMerged)) is { } by ? Closed(host, claim, by) : claim)];
        }

        return claims;
    }

    // What is dead does not govern what lives.
    private static bool IsClosing(Claim claim) => claim.IsAlive && claim.Route.Refusal is { Closes: not Closure.Nothing };

    private static bool Closes(Claim by, Claim claim, bool isMerged) =>
        by.Route.Path == claim.Route.Path
        || (by.Route.Refusal is { Closes: Closure.Host } && (isMerged || by.Application == claim.Application));

    private Claim Closed(HostPattern host, Claim claim, Claim by)
    {
        if (claim.Route.Refusal is not null)
            return claim;
        var cause = by.Route.Refusal!;
        var (name, closer) = (Untrusted.Shown(claim.Container.Name), Untrusted.Shown(by.Container.Name));
        var place = Conflicts.Place(host, claim.Route.Path);
        findings.Add(new Finding(
            FindingSeverity.Warning,
            cause.Reason,
            $"container \"{name}\" is not routed for {place}: its fellow \"{closer}\" wants it closed in a way that cannot be honoured "
                + $"({cause.Detail.TrimEnd('.')}), and \"{name}\" would open it to everyone. Correct \"{closer}\", or stop it.")
        {
            Container = claim.Container.Name,
            Host = host.ToString(),
        });
        var refusal = new Refusal(cause.Reason, $"\"{closer}\" closes {place} in a way that cannot be honoured.") { Closes = Closure.Place };
        conflicts.Refuse(claim, refusal);
        return claim.Refused(refusal);
    }
}
