using System.Collections.Immutable;

namespace Templater.Pipeline.Routing;

/// <summary>A user whom the operator defined, for labels that name groups.</summary>
/// <param name="Name">The name, as in <see cref="BasicUser"/>.</param>
/// <param name="Hash">The password's hash, of a known form; never shown.</param>
/// <param name="Groups">The groups it belongs to.</param>
public sealed record GroupedUser(string Name, string Hash, ImmutableArray<string> Groups)
{
    /// <summary>The name alone.</summary>
    public override string ToString() => Name;
}
