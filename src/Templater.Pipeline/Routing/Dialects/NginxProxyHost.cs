using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects.NginxProxy;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>
/// What nginx-proxy's variables and labels say about a host as a whole. What restricts and cannot be honoured refuses the
/// container; the rest is ignored with a warning.
/// </summary>
internal static class NginxProxyHost
{
    /// <summary>The variable that says what http and https do.</summary>
    public const string Method = "HTTPS_METHOD";

    /// <summary>The variable that keeps a host without a certificate from being served in plain text.</summary>
    public const string WithoutCertificate = "ENABLE_HTTP_ON_MISSING_CERT";

    private const string ClientCertificates = ProxyLabels.ClientCertificates;

    /// <summary>The variable that says what nginx tells about itself.</summary>
    public const string Tokens = "SERVER_TOKENS";

    /// <summary>The variable that says where challenges for certificates are answered.</summary>
    public const string Challenges = "ACME_HTTP_CHALLENGE_LOCATION";

    /// <summary>The word for https alone.</summary>
    internal const string HttpsOnly = "nohttp";

    /// <summary>What nginx-proxy does where nothing is said.</summary>
    internal static readonly HostSettings Defaults = new() { Https = HttpsMode.Redirect, HttpsCode = 301, Hsts = "max-age=31536000", WithoutPair = MissingPair.Serve, Acme = CompanionWords.Defaults };

    /// <summary>Variables and labels that close something when another dialect names the hosts.</summary>
    /// <param name="container">The container.</param>
    public static IEnumerable<string> RestrictingKeys(Container container)
    {
        if (VerifiesClients(container))
            yield return ClientCertificates;
        if (NginxProxyDialect.Variable(container, Method) == HttpsOnly)
            yield return Method;
        if (NginxProxyDialect.Variable(container, WithoutCertificate) is { Length: > 0 } plain && !(ProxyLabels.TryTruth(plain, out var isServed) && isServed))
            yield return WithoutCertificate;
    }

    /// <summary>What is closed when a variable or label cannot be honoured.</summary>
    /// <param name="name">Its name.</param>
    public static Closure Closes(string name) => name is ClientCertificates or Method or WithoutCertificate ? Closure.Host : Closure.Nothing;

    /// <summary>Reads the settings.</summary>
    /// <param name="container">The container.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="findings">Where complaints go.</param>
    /// <param name="refusal">Why the container must not be routed.</param>
    public static HostSettings Read(Container container, RoutingPolicy policy, ContainerFindings findings, ref Refusal? refusal)
    {
        var reader = new HostWordsReader(container, findings);
        var settings = reader.Read(DefaultsOf(policy)) with { Acme = policy.Acme is { } acme ? new CompanionWords(container, acme, findings).Read() : null };
        refusal = Refusal.Graver(refusal, reader.Refusal);
        return new ProxyLabels(container, findings).Apply(settings, policy.NginxProxy is not null);
    }

    // The dialect has its own defaults, unless the operator takes over nginx-proxy's settings.
    private static HostSettings DefaultsOf(RoutingPolicy policy) => policy.NginxProxy is not { } compat ? Defaults : new HostSettings
    {
        WithoutPair = compat.WithoutPair,
        NonGetCode = compat.NonGetCode,
        TrustsDefaultPair = compat.TrustsDefaultPair,
        Https = policy.Https,
        ShowsDebug = compat.ShowsDebug,
        Acme = CompanionWords.Defaults,
    };

    private static bool VerifiesClients(Container container) =>
        container.Labels.GetValueOrDefault(ClientCertificates, "").Trim() is not ("" or "off");

    /// <summary>What is legal for challenges, for messages.</summary>
    public const string LegalChallenges = "true, false or legacy";

    /// <summary>Reads where challenges are answered.</summary>
    /// <param name="text">The value.</param>
    /// <param name="mode">Where.</param>
    public static bool TryChallenges(string text, out ChallengeMode mode)
    {
        mode = ChallengeMode.WithoutSite;
        if (text == "legacy")
            return true;
        if (!ProxyLabels.TryTruth(text, out var isAnswered))
            return false;
        mode = isAnswered ? ChallengeMode.Always : ChallengeMode.Never;
        return true;
    }
}
