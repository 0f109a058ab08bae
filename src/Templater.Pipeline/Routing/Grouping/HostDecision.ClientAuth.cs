namespace Templater.Pipeline.Routing.Grouping;

// Client certificates: of all that are heard the strictest holds, and who wants another one is not served.
internal sealed partial class HostDecision
{
    private const string ClientAuthKey = "tls.client-auth";

    /// <summary>What clients have to show; null = nothing.</summary>
    public ClientAuth? ClientAuth()
    {
        if (!_claims.Any(static claim => claim.Route.Host.ClientAuth is not null))
            return null;
        var deciding = Strictest();
        var used = deciding?.Route.Host.ClientAuth;
        foreach (var other in _claims)
        {
            if (other.Route.Host.ClientAuth is not { } own || IsUnread(own) || other.Container.Id == deciding?.Container.Id || !IsGoverning(other))
                continue;
            if (own == used || (own.Mode == ClientAuthMode.Off && used is null))
                continue;
            // Fewer clients than it wants are no danger; others than it wants are.
            var isRefused = own.Mode != ClientAuthMode.Off && (used is null || own.Mode > used.Mode || own.File != used.File);
            Differs(ClientAuthKey, used?.ToString() ?? "off", deciding, own.ToString(), other, isRefused);
            if (isRefused)
                Refuse(other, $"{_policy.LabelPrefix}.{ClientAuthKey}={Names.Untrusted.Shown(own.ToString())}");
        }

        return used;
    }

    private Claim? Strictest()
    {
        Claim? strictest = null;
        foreach (var claim in _claims)
            if (IsHeard(claim) && claim.Route.Host.ClientAuth is { Mode: not ClientAuthMode.Off } own && !IsUnread(own) && !(own.Mode <= strictest?.Route.Host.ClientAuth!.Mode))
                strictest = claim;
        return strictest;
    }

    // Its claim is refused for that, and all that the application has on the host with it.
    private static bool IsUnread(ClientAuth auth) => auth is { Mode: not ClientAuthMode.Off, Path.Length: 0 };

    // What is dead does not govern what lives.
    private bool IsGoverning(Claim claim) => claim.IsContender || !_claims[0].IsContender;
}
