using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.NginxProxy;

/// <summary>
/// What acme-companion's variables say about the certificate of a container. They choose among what the operator defined; accounts,
/// chains and times of renewal are the operator's alone. A bad value has no effect but a warning.
/// </summary>
internal sealed class CompanionWords(Container container, AcmePolicy policy, ContainerFindings findings)
{
    /// <summary>The variable with the names of the certificate, as messages call it.</summary>
    public const string Host = "ACME_HOST";

    /// <summary>The variable that asks for a certificate for each name.</summary>
    public const string Single = "ACME_SINGLE_DOMAIN_CERTS";

    private const string OldHost = "LETSENCRYPT_HOST";
    private const string OldSingle = "LETSENCRYPT_SINGLE_DOMAIN_CERTS";
    private const string KeySize = "ACME_KEYSIZE";
    private const string OldKeySize = "LETSENCRYPT_KEYSIZE";
    private const string Test = "LETSENCRYPT_TEST";
    /// <summary>The variable with the authority's URL.</summary>
    public const string Authority = "ACME_CA_URI";
    /// <summary>The variable that says how names are proven.</summary>
    public const string Challenge = "ACME_CHALLENGE";
    /// <summary>The variable with the profile.</summary>
    public const string Profile = "ACME_CERT_PROFILE";

    /// <summary>Name of the built-in authority that issues for tests.</summary>
    public const string TestAuthority = "letsencrypt-staging";

    /// <summary>What holds where nothing is said: only who names a certificate gets one.</summary>
    public static AcmeSettings Defaults { get; } = new() { IsWanted = false };

    /// <summary>Variables that have no effect because the operator alone decides it.</summary>
    /// <param name="name">Name of a variable.</param>
    public static bool IsOperators(string name) => name is "ACME_EMAIL" or "LETSENCRYPT_EMAIL" or "ACME_OCSP" or "ACME_PREFERRED_CHAIN" or "ACME_RENEW_AFTER"
        or "ACME_RENEW_PRIVATE_KEYS" or "ACME_RESTART_CONTAINER" or "LETSENCRYPT_RESTART_CONTAINER";

    /// <summary>Reads them; null when no certificate is named.</summary>
    public AcmeSettings? Read()
    {
        var (variable, hosts) = Either(Host, OldHost);
        if (hosts.Length == 0 || Names(variable, hosts) is not { Length: > 0 } names)
            return null;
        var (single, isSingle) = Either(Single, OldSingle);
        var (size, keySize) = Either(KeySize, OldKeySize);
        return new AcmeSettings
        {
            IsWanted = true,
            Names = names,
            IsSplit = Harmless<bool?>(single, isSingle, static text => ProxyLabels.TryTruth(text, out var value) ? value : null, Quantities.LegalBoolean),
            Authorities = ReadAuthority(),
            Challenge = Harmless(Challenge, Variable(Challenge), static text => text.ToUpperInvariant() switch { "HTTP-01" => ChallengeType.Http01, "DNS-01" => ChallengeType.Dns01, _ => null }, "HTTP-01 or DNS-01"),
            Profile = Harmless(Profile, Variable(Profile), static text => AcmeLabels.TryProfile(text, out _) ? text : null, "the name of a profile"),
            KeyType = Harmless<KeyType?>(size, keySize, KeyTypeOf, "2048, 3072, 4096, ec-256 or ec-384"),
        };
    }

    private static KeyType? KeyTypeOf(string text) => text switch
    {
        "2048" => KeyType.Rsa2048,
        "3072" => KeyType.Rsa3072,
        "4096" => KeyType.Rsa4096,
        "ec-256" => KeyType.Ec256,
        "ec-384" => KeyType.Ec384,
        _ => null,
    };

    private string? Names(string variable, string hosts)
    {
        var names = HostListReader.Read(variable, hosts, findings, unfit: static pattern => pattern.Match is HostMatch.Exact or HostMatch.Wildcard or HostMatch.Ip ? null : "a name or *.name was expected");
        return names.IsEmpty ? null : string.Join(' ', names.Select(static name => name.Text.Trim('[', ']')));
    }

    private string? ReadAuthority()
    {
        var test = Variable(Test);
        if (test.Length > 0 && ProxyLabels.TryTruth(test, out var isTest) && isTest && policy.Authorities.ContainsKey(TestAuthority))
            return TestAuthority;
        return Harmless(Authority, Variable(Authority), Named, "the directory URL of one of the settings' CAs");
    }

    // A container must not send the operator's account to whom it likes.
    private string? Named(string text)
    {
        foreach (var (name, directory) in policy.Authorities)
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url == directory)
                return name;
        return null;
    }

    private (string Name, string Text) Either(string name, string old) => Variable(name) is { Length: > 0 } text ? (name, text) : (old, Variable(old));

    private T? Harmless<T>(string name, string text, Func<string, T?> read, string legal)
    {
        if (text.Length == 0)
            return default;
        var value = read(text);
        if (value is null)
            findings.Warn(ReasonIds.InvalidValue, $"container {findings.Name}: {name}=\"{Untrusted.Shown(text)}\": {legal} was expected. The default holds.", name, text);
        return value;
    }

    private string Variable(string name) => Untrusted.IsReadable(NginxProxyDialect.Variable(container, name)) ? NginxProxyDialect.Variable(container, name) : "";
}
