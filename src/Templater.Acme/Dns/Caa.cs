using Templater.Acme.Dns.Messages;
using Templater.Acme.Protocol;

namespace Templater.Acme.Dns;

/// <summary>A CAA property (RFC 8659 section 4.1).</summary>
/// <param name="Flags">Bit 0 (value 128): who does not know the tag must not issue.</param>
/// <param name="Tag">What it is about.</param>
/// <param name="Value">What is said.</param>
public sealed record CaaProperty(byte Flags, string Tag, string Value)
{
    internal const byte Critical = 128;
}

/// <summary>The properties that hold for a name.</summary>
/// <param name="Owner">The name that has them, the name itself or one above it; empty where there are none.</param>
/// <param name="Properties">All of them; empty where any CA may issue.</param>
public sealed record CaaSet(string Owner, IReadOnlyList<CaaProperty> Properties);

/// <summary>What a CA is asked to do.</summary>
/// <param name="IsWildcard">Whether it is for <c>*.</c> in front of the name.</param>
/// <param name="IssuerDomains">The names that the CA goes by in CAA records (its directory's <c>caaIdentities</c>).</param>
/// <param name="AccountUri">The account's URL; null where there is none yet, then nothing is said about it.</param>
/// <param name="ValidationMethod">The type of challenge, for example <c>dns-01</c>.</param>
public sealed record CaaRequest(bool IsWildcard, IReadOnlyList<string> IssuerDomains, string? AccountUri, string ValidationMethod);

/// <summary>Tells whether a CA may issue for a name (RFC 8659 with the parameters of RFC 8657), as the CA itself will find out.</summary>
public static class Caa
{
    private const string Issue = "issue";
    private const string IssueWild = "issuewild";
    private static readonly string[] KnownTags = [Issue, IssueWild, "iodef", "contactemail", "contactphone", "issuemail", "issuevmc"];

    /// <summary>Finds the properties that hold for a name: of the name itself, else of the next one above that has any (RFC 8659 section 3).</summary>
    /// <param name="client">Asks the resolvers, which follow aliases.</param>
    /// <param name="name">The name, without <c>*.</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DnsException">The DNS does not tell; a CA refuses to issue then too.</exception>
    public static async Task<CaaSet> FindAsync(DnsClient client, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        for (var asked = DnsName.Parse(name); !asked.IsRoot; asked = asked.Parent)
        {
            var answer = await client.ResolveAsync(asked, DnsType.Caa, cancellationToken);
            var properties = answer.Answers.Select(record => record.Data).OfType<DnsData.Caa>().Select(caa => new CaaProperty(caa.Flags, caa.Tag, caa.Value)).ToList();
            if (properties is not [])
                return new(asked.ToText(), properties);
        }

        return new("", []);
    }

    /// <summary>Why the CA may not issue; null when it may. Pure.</summary>
    /// <param name="set">What <see cref="FindAsync"/> found.</param>
    /// <param name="request">What the CA is asked to do.</param>
    public static string? Refusal(CaaSet set, CaaRequest request)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(request);
        // RFC 8659 section 4.1: "a CA MUST NOT issue … if the Relevant RRset … contains a CAA critical Property with an unknown … Tag".
        if (set.Properties.FirstOrDefault(property => (property.Flags & CaaProperty.Critical) != 0 && !Has(KnownTags, property.Tag)) is { } unknown)
            return $"a CAA record at {Problem.Line(set.Owner)} has the critical tag '{Problem.Line(unknown.Tag)}', which CAs do not know";
        var tag = request.IsWildcard && set.Properties.Any(property => Is(property.Tag, IssueWild)) ? IssueWild : Issue;
        var relevant = set.Properties.Where(property => Is(property.Tag, tag)).ToList();
        if (relevant is [])
            return null;
        var refusals = relevant.Select(property => RefusalOf(property, tag, set.Owner, request)).ToList();
        return refusals.Contains(null) ? null : refusals.MinBy(refusal => refusal!.IsForOtherCa)!.Text;
    }

    private static RefusalText? RefusalOf(CaaProperty property, string tag, string owner, CaaRequest request)
    {
        var names = string.Join(" or ", request.IssuerDomains.Select(Problem.Line));
        var record = $"the CAA record '{tag} \"{Problem.Line(property.Value)}\"' at {Problem.Line(owner)}";
        var parts = property.Value.Split(';');
        var issuer = parts[0].Trim(' ', '\t');
        if (!Has(request.IssuerDomains, issuer))
            return new(true, $"{record} allows {(issuer == "" ? "no CA" : "another CA")}; add one with {names}");
        var parameters = new List<(string Name, string Value)>();
        foreach (var part in parts[1..].Select(part => part.Trim(' ', '\t')).Where(part => part != ""))
        {
            if (part.IndexOf('=', StringComparison.Ordinal) is var equals && equals < 1)
                return new(false, $"{record} is malformed, so it allows nothing");
            parameters.Add((part[..equals].Trim(' ', '\t'), part[(equals + 1)..].Trim(' ', '\t')));
        }

        var accounts = parameters.Where(parameter => Is(parameter.Name, "accounturi")).ToList();
        // RFC 8657 section 3: more than one cannot be satisfied; URIs are compared as they are written.
        if (accounts.Count > 1 || (request.AccountUri is { } account && accounts is [var only] && only.Value != account))
            return new(false, $"{record} is for another account than {request.AccountUri ?? "any one"}");
        var methods = parameters.Where(parameter => Is(parameter.Name, "validationmethods")).ToList();
        return methods.Count > 1 || (methods is [var one] && !one.Value.Split(',').Contains(request.ValidationMethod, StringComparer.Ordinal))
            ? new(false, $"{record} does not allow {request.ValidationMethod}")
            : null;
    }

    private static bool Is(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static bool Has(IEnumerable<string> names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    private sealed record RefusalText(bool IsForOtherCa, string Text);
}
