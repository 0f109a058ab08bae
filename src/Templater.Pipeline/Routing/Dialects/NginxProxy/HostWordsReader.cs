using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.NginxProxy;

/// <summary>
/// Reads what a container's variables say about its hosts. A bad value of what closes something refuses the container; any other one
/// has no effect but a warning.
/// </summary>
internal sealed class HostWordsReader(Container container, ContainerFindings findings)
{
    private const string Policy = "SSL_POLICY";
    private const string Certificate = "CERT_NAME";
    private const string NonGet = "NON_GET_REDIRECT";
    private const string HttpPort = "EXTERNAL_HTTP_PORT";
    private const string HttpsPort = "EXTERNAL_HTTPS_PORT";
    private const string Hsts = "HSTS";

    /// <summary>Why the container must not be routed; null when nothing speaks against it.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>Reads the settings.</summary>
    /// <param name="defaults">What holds where nothing is said.</param>
    public HostSettings Read(HostSettings defaults)
    {
        var mode = Closing(NginxProxyHost.Method, Variable(NginxProxyHost.Method), Mode, "redirect, noredirect, nohttp or nohttps");
        return new HostSettings
        {
            Https = mode,
            WithoutPair = ReadWithoutPair(mode),
            VerifiesClients = Closing(ProxyLabels.ClientCertificates, container.Labels.GetValueOrDefault(ProxyLabels.ClientCertificates, "").Trim(), Verification, "on, optional or off"),
            Challenges = Harmless<ChallengeMode?>(NginxProxyHost.Challenges, static text => NginxProxyHost.TryChallenges(text, out var where) ? where : null, NginxProxyHost.LegalChallenges),
            NonGetCode = Harmless<int?>(NonGet, static text => ProxyLabels.TryNonGetCode(text, out var code) ? code : null, ProxyLabels.LegalNonGetCode),
            ServerTokens = Harmless(NginxProxyHost.Tokens, static text => text is "on" or "off" or "build" ? text : null, "on, off or build"),
            HttpPort = Harmless(HttpPort, Port, Quantities.LegalPort),
            HttpsPort = Harmless(HttpsPort, Port, Quantities.LegalPort),
            Hsts = ReadHsts(mode ?? defaults.Https),
            TlsPolicy = ReadPolicy(),
            Certificate = Harmless(Certificate, static text => HostSettingsReader.TryCertificateName(text, out var name) ? name : null, "the name of a certificate without /"),
            Defaults = defaults,
        };
    }

    private static HttpsMode? Mode(string text) => text switch
    {
        "redirect" => HttpsMode.Redirect,
        "noredirect" => HttpsMode.Optional,
        NginxProxyHost.HttpsOnly => HttpsMode.Only,
        "nohttps" => HttpsMode.Off,
        _ => null,
    };

    private static ClientAuthMode? Verification(string text) => text switch
    {
        "on" => ClientAuthMode.Required,
        "optional" => ClientAuthMode.Optional,
        "off" => ClientAuthMode.Off,
        _ => null,
    };

    private static TlsPolicy? PolicyOf(string text) => text switch
    {
        "Mozilla-Modern" => TlsPolicy.Modern,
        "Mozilla-Intermediate" => TlsPolicy.Intermediate,
        "Mozilla-Old" => TlsPolicy.Old,
        _ => null,
    };

    private static int? Port(string text) => Quantities.TryPort(text, out var port) ? port : null;

    private MissingPair? ReadWithoutPair(HttpsMode? mode) => mode is HttpsMode.Optional or HttpsMode.Off
        ? null
        : Closing<MissingPair?>(
            NginxProxyHost.WithoutCertificate,
            Variable(NginxProxyHost.WithoutCertificate),
            static text => ProxyLabels.TryTruth(text, out var isServed) ? isServed ? MissingPair.Serve : MissingPair.Refuse : null,
            Quantities.LegalBoolean);

    // nginx-proxy sends no HSTS for a host that is also served without TLS, whatever the variable says.
    private string? ReadHsts(HttpsMode? mode) => mode == HttpsMode.Optional
        ? ""
        : Harmless(Hsts, static text => HostSettingsReader.TryHsts(text, out var header) ? header : null, "off or a header value");

    private TlsPolicy? ReadPolicy()
    {
        var text = Variable(Policy);
        var policy = PolicyOf(text);
        if (policy is null && text.Length > 0)
        {
            findings.Warn(
                ReasonIds.UnsupportedOption,
                $"container {findings.Name}: {Policy}=\"{Untrusted.Shown(text)}\" is not supported by this version, "
                    + "only Mozilla-Modern, Mozilla-Intermediate and Mozilla-Old are. The default holds.",
                Policy,
                text);
        }

        return policy;
    }

    /// <summary>A value that closes something: a bad one refuses the container.</summary>
    private T? Closing<T>(string name, string text, Func<string, T?> read, string legal)
    {
        if (text.Length == 0)
            return default;
        var value = read(text);
        if (value is null)
            Refusal = Refusal.Graver(Refusal, NginxProxyDialect.Refuse(name, ReasonIds.InvalidValue, $"{legal} was expected", findings, text));
        return value;
    }

    /// <summary>Any other value: a bad one has no effect.</summary>
    private T? Harmless<T>(string name, Func<string, T?> read, string legal)
    {
        var text = Variable(name);
        if (text.Length == 0)
            return default;
        var value = read(text);
        if (value is null)
            findings.Warn(ReasonIds.InvalidValue, $"container {findings.Name}: {name}=\"{Untrusted.Shown(text)}\": {legal} was expected. The default holds.", name, text);
        return value;
    }

    private string Variable(string name) => NginxProxyDialect.Variable(container, name);
}
