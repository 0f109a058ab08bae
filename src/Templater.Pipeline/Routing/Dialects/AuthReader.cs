using Templater.Pipeline.Routing.Access;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>Reads who has to log in. Whatever is wrong with that refuses the route.</summary>
internal static class AuthReader
{
    private const string UsersKey = "auth.basic";

    /// <summary>Reads the login of a route; null when nobody has to log in, or the route is refused.</summary>
    /// <param name="reader">The route's labels.</param>
    public static RouteLogin? Read(LabelReader reader)
    {
        var realm = reader.Object<string>("auth.realm", BasicUsers.TryRealm, BasicUsers.LegalRealm);
        if (reader.Raw(UsersKey) is not var (label, value))
            return null;
        var users = BasicUsers.Parse(ValueList.Split(value), Untrusted.Shown(label), out var problem);
        if (problem.Length == 0)
            return new RouteLogin(realm, users);
        reader.Refuse(UsersKey, label, ReasonIds.AuthUnusable, problem + ".");
        return null;
    }
}
