using System.Collections.Immutable;
using Templater.Pipeline.Routing.Access;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>The login that one claim asks for.</summary>
/// <param name="Realm">What browsers show; null = the host.</param>
/// <param name="Users">The users, by name; empty only until its file is looked at.</param>
/// <param name="File">Name of the operator's file with more users; null = none.</param>
internal sealed record RouteLogin(string? Realm, ImmutableArray<BasicUser> Users, string? File)
{
    /// <summary>The login on a host.</summary>
    /// <param name="host">Name of the virtual host.</param>
    public BasicAuth On(string host) => new() { Realm = Realm ?? BasicUsers.RealmOf(host), Users = Users };

    /// <summary>The same for the same users with the same hashes; no secret.</summary>
    public string Digest => On("").Digest;

    /// <summary>The names alone.</summary>
    public override string ToString() => "users " + string.Join(' ', Users.Select(static user => user.Name));
}
