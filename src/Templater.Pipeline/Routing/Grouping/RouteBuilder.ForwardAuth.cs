using System.Collections.Immutable;

namespace Templater.Pipeline.Routing.Grouping;

// Who is asked about requests: one of them asks for all, and who wants somebody else asked gets no requests.
internal sealed partial class RouteBuilder
{
    private const string ForwardAuthKey = "auth.forward";

    /// <summary>True when the claim has nobody asked, or the very one that is asked.</summary>
    private static bool IsAskedLike(Claim claim, Claim? asking) =>
        claim.Route.Settings.ForwardAuth is not { } own || own.Name == asking?.Route.Settings.ForwardAuth?.Name;

    private void CompareForwardAuth(string host, Claim? asking, ImmutableArray<Claim> claims)
    {
        if (asking is null || claims.Length == 1)
            return;
        var used = asking.Route.Settings.ForwardAuth!.Name;
        foreach (var other in claims)
            if (other != asking && other.IsContender && other.Route.Settings.ForwardAuth?.Name != used)
            {
                var own = other.Route.Settings.ForwardAuth?.Name;
                Differ(host, $"{policy.LabelPrefix}.{ForwardAuthKey}", ForwardAuthKey, used, asking, own ?? "nobody", other, isLeftOut: own is not null);
            }
    }
}
