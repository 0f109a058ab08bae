using System.Collections.Immutable;
using Templater.Pipeline.Routing.Access;

namespace Templater.Pipeline.Routing;

/// <summary>A user whom the operator defined, for labels that name groups.</summary>
/// <param name="Name">The name, as in <see cref="BasicUser"/>.</param>
/// <param name="Hash">The password's hash, of a known form; never shown.</param>
/// <param name="Groups">The groups it belongs to.</param>
public sealed record GroupedUser(string Name, string Hash, ImmutableArray<string> Groups)
{
    /// <summary>What is wrong with name or hash, as a sentence without either secret; null when nothing is.</summary>
    /// <param name="source">Where the user was defined.</param>
    public string? Problem(string source)
    {
        _ = BasicUsers.Parse([$"{Name}:{Hash}"], source, out var problem);
        return problem.Length == 0 ? null : char.ToUpperInvariant(problem[0]) + problem[1..] + ".";
    }

    /// <summary>The name alone.</summary>
    public override string ToString() => Name;
}
