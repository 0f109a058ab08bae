using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing;

/// <summary>A domain that containers may claim.</summary>
/// <param name="Name">The name, in the form of hosts, or an address.</param>
/// <param name="Itself">Whether the name itself may be claimed.</param>
/// <param name="Below">Whether names below it may be claimed.</param>
public sealed record AllowedDomain(string Name, bool Itself, bool Below)
{
    /// <summary>Every host, expressions too.</summary>
    public static readonly AllowedDomain Any = new("", Itself: true, Below: true);

    /// <summary>What is legal, for messages.</summary>
    public const string Legal = "a list of domains such as example.com (and all below it), *.example.org (only those below it), =shop.example.net (only that) or addresses; or any";

    /// <summary>Reads <c>example.com</c>, <c>*.example.com</c>, <c>=shop.example.com</c> or an address.</summary>
    /// <param name="text">The text.</param>
    /// <param name="domain">The domain.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out AllowedDomain? domain)
    {
        ArgumentNullException.ThrowIfNull(text);
        var isAlone = text.StartsWith('=');
        domain = text.Equals("any", StringComparison.OrdinalIgnoreCase) ? Any : null;
        if (domain is not null)
            return true;
        if (!HostPatternParser.TryParse(isAlone ? text[1..] : text, out var pattern, out _))
            return false;
        domain = pattern.Match switch
        {
            HostMatch.Exact => new AllowedDomain(pattern.Text, Itself: true, Below: !isAlone),
            HostMatch.Ip => new AllowedDomain(pattern.Text, Itself: true, Below: false),
            HostMatch.Wildcard when !isAlone => new AllowedDomain(pattern.Text[2..], Itself: false, Below: true),
            _ => null,
        };
        return domain is not null;
    }

    /// <summary>Reads a list; null when something in it is no domain.</summary>
    /// <param name="words">The list.</param>
    public static ImmutableArray<AllowedDomain>? Parse(ImmutableArray<string> words)
    {
        var domains = ImmutableArray.CreateBuilder<AllowedDomain>(words.Length);
        foreach (var word in words)
        {
            if (!TryParse(word, out var domain))
                return null;
            domains.Add(domain);
        }

        return domains.ToImmutable();
    }

    /// <summary>Whether all names of a pattern lie in the domain. Nobody can tell that of an expression.</summary>
    /// <param name="pattern">The pattern.</param>
    public bool Covers(HostPattern pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return pattern.Match switch
        {
            _ when this == Any => true,
            HostMatch.Exact or HostMatch.Ip => (Itself && pattern.Text == Name) || (Below && IsBelow(pattern.Text)),
            HostMatch.Wildcard => Below && (pattern.Text[2..] == Name || IsBelow(pattern.Text)),
            _ => false,
        };
    }

    private bool IsBelow(string name) => name.Length > Name.Length && name[^(Name.Length + 1)] == '.' && name.EndsWith(Name, StringComparison.Ordinal);

    /// <summary>As settings write it.</summary>
    public override string ToString() => this == Any ? "any" : !Itself ? "*." + Name : Below || Name.StartsWith('[') || System.Net.IPAddress.TryParse(Name, out _) ? Name : "=" + Name;
}

/// <summary>Which domains may be claimed. Immutable.</summary>
public sealed record DomainPolicy
{
    /// <summary>Domains of all who have none of their own.</summary>
    public ImmutableArray<AllowedDomain> Others { get; init; } = [];

    /// <summary>Domains by compose project, or stack of a Swarm.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<AllowedDomain>> Projects { get; init; } = ImmutableSortedDictionary.Create<string, ImmutableArray<AllowedDomain>>(StringComparer.Ordinal);

    /// <summary>The domains of a project.</summary>
    /// <param name="project">Its name; null for containers without one.</param>
    public ImmutableArray<AllowedDomain> Of(string? project) => project is not null && Projects.TryGetValue(project, out var own) ? own : Others;
}
