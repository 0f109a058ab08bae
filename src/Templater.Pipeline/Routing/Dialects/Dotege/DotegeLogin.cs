using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.Dotege;

/// <summary>
/// The label <c>auth</c> of Dotege 1: the groups whose users may log in, nobody in particular = all users. Whatever is wrong with it refuses
/// the host. (Dotege's own template let in every user, whatever the group.)
/// </summary>
internal static class DotegeLogin
{
    /// <summary>Reads it.</summary>
    /// <param name="container">The container.</param>
    /// <param name="known">The users whom the operator defined.</param>
    /// <param name="findings">Where complaints go.</param>
    /// <param name="refusal">Why the host must not be served.</param>
    /// <returns>The login; null when there is none, or the host is refused.</returns>
    public static RouteLogin? Read(Container container, ImmutableArray<GroupedUser> known, ContainerFindings findings, out Refusal? refusal)
    {
        refusal = null;
        if (!container.Labels.TryGetValue(DotegeLabels.Auth, out var value))
            return null;
        if (known.Length == 0)
        {
            refusal = Refused(ReasonIds.UnsupportedOption, "asks for a login, and no users are defined for it (DOTEGE_USERS)", findings);
            return null;
        }

        var groups = Untrusted.IsReadable(value) ? ValueList.Split(value) : ["?"];
        var users = ImmutableArray.CreateBuilder<BasicUser>();
        foreach (var user in known)
            if (groups.Length == 0 || user.Groups.Any(group => groups.Contains(group, StringComparer.Ordinal)))
                users.Add(new BasicUser(user.Name, user.Hash));
        if (users.Count > 0)
            return new RouteLogin(null, users.ToImmutable(), null);
        refusal = Refused(ReasonIds.AuthUnusable, "names groups that no user is in", findings);
        return null;
    }

    private static Refusal Refused(string reason, string problem, ContainerFindings findings)
    {
        var detail = $"{DotegeLabels.Auth} {problem}; serving the host without it would open what it closes.";
        findings.Warn(reason, $"container {findings.Name} is not routed: {detail}", DotegeLabels.Auth);
        return new Refusal(reason, detail) { Closes = Closure.Place };
    }
}
