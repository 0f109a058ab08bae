using System.Collections.Immutable;

namespace Templater.Pipeline.Routing.Dialects.Traefik;

/// <summary>One way to fulfil a rule: all of it must hold.</summary>
/// <param name="Hosts">The request's host is one of these; null = any. Not empty.</param>
/// <param name="Path">What its path begins with; null = anything.</param>
internal sealed record RuleTerm(ImmutableArray<HostPattern>? Hosts, string? Path)
{
    /// <summary>What fulfils both terms; null when nothing can.</summary>
    /// <param name="other">The other one.</param>
    public RuleTerm? And(RuleTerm other)
    {
        var hosts = Hosts is { } own && other.Hosts is { } theirs ? own.Where(theirs.Contains).ToImmutableArray() : Hosts ?? other.Hosts;
        if (hosts is { Length: 0 })
            return null;
        if (Path is null || other.Path is null)
            return new RuleTerm(hosts, Path ?? other.Path);
        // Of two prefixes the longer one says both, or there is no such path.
        return Path.StartsWith(other.Path, StringComparison.Ordinal) ? new RuleTerm(hosts, Path)
            : other.Path.StartsWith(Path, StringComparison.Ordinal) ? new RuleTerm(hosts, other.Path)
            : null;
    }
}

/// <summary>Why a rule, or something else about a router, cannot be honoured.</summary>
/// <param name="Reason">One of <see cref="ReasonIds"/>.</param>
/// <param name="Text">A clause without a full stop.</param>
internal sealed record RuleProblem(string Reason, string Text);
