using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Access;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>Reads who has to log in. Whatever is wrong with that refuses the route.</summary>
internal static class AuthReader
{
    private const string UsersKey = "auth.basic";
    private const string SystemWord = "true";
    private const string LegalFile = "the name of a file without / and without a dot at its start";

    /// <summary>Reads the login of a route; null when nobody has to log in, or the route is refused.</summary>
    /// <param name="reader">The route's labels.</param>
    public static RouteLogin? Read(LabelReader reader)
    {
        var realm = reader.Object<string>("auth.realm", BasicUsers.TryRealm, BasicUsers.LegalRealm);
        var file = reader.Object<string>("auth.basic.file", TryFile, LegalFile);
        if (reader.Raw(UsersKey) is not var (label, value))
            return file is null ? null : new RouteLogin(realm, [], file);
        var users = BasicUsers.Parse(ValueList.Split(value), Untrusted.Shown(label), out var problem);
        if (problem.Length == 0)
            return new RouteLogin(realm, users, file);
        reader.Refuse(UsersKey, label, ReasonIds.AuthUnusable, problem + ".");
        return null;
    }

    /// <summary>Reads whether the container's certificate is verified; null when it is not.</summary>
    /// <param name="reader">The route's labels.</param>
    public static UpstreamVerify? ReadVerify(LabelReader reader) =>
        reader.Object<string>("upstream.verify", TryVerify, "true, false, or the name of a file in the certificates directory") switch
        {
            null or "" => null,
            SystemWord => new UpstreamVerify(null),
            var file => new UpstreamVerify(file),
        };

    /// <summary>Reads who is asked about requests; null when nobody is, or the route is refused.</summary>
    /// <param name="reader">The route's labels.</param>
    /// <param name="policy">Those whom the operator defined.</param>
    public static ForwardAuth? ReadForward(LabelReader reader, RoutingPolicy policy) => reader.Object(
        "auth.forward",
        (string text, out ForwardAuth value) => policy.ForwardAuths.TryGetValue(text, out value!),
        policy.ForwardAuths.IsEmpty ? "a name out of forward_auth of the settings, which define none," : $"a name out of forward_auth of the settings ({string.Join(", ", policy.ForwardAuths.Keys)})");

    private static bool TryVerify(string text, out string value)
    {
        if (Quantities.TryBoolean(text, out var isVerified))
        {
            value = isVerified ? SystemWord : "";
            return true;
        }

        return TryFile(text, out value);
    }

    private static bool TryFile(string text, out string value)
    {
        value = text;
        return OperatorFileReader.IsName(text);
    }
}
