using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>Reads the native keys of virtual hosts.</summary>
internal static class HostSettingsReader
{
    private const int MaxCertificateName = 253;

    /// <summary>Reads what one route says about its host.</summary>
    /// <param name="reader">The route's labels.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="findings">Where complaints go.</param>
    public static HostSettings Read(LabelReader reader, RoutingPolicy policy, ContainerFindings findings) => new()
    {
        HttpPort = reader.Value<int>("listen.http", Quantities.TryPort, Quantities.LegalPort),
        HttpsPort = reader.Value<int>("listen.https", Quantities.TryPort, Quantities.LegalPort),
        Https = reader.Choice<HttpsMode>("https"),
        HttpsCode = reader.Value<int>("https.code", TryRedirectCode, LegalRedirectCode),
        Hsts = reader.Object<string>("hsts", TryHsts, "off, a number of seconds or a header value such as max-age=31536000; includeSubDomains"),
        Http2 = reader.Value<bool>("http2", Quantities.TryBoolean, Quantities.LegalBoolean),
        Http3 = reader.Value<bool>("http3", Quantities.TryBoolean, Quantities.LegalBoolean),
        TlsPolicy = reader.Choice<TlsPolicy>("tls.policy"),
        Certificate = reader.Object<string>("tls.certificate", TryCertificateName, "the name of a certificate without /"),
        ClientAuth = ClientAuthReader.Read(reader),
        Acme = AcmeLabels.Read(reader, policy.Acme, findings),
        RedirectFrom = ReadRedirectFrom(reader, findings),
        RedirectCode = reader.Value<int>("redirect.code", TryRedirectCode, LegalRedirectCode),
        Data = ReadData(reader),
    };

    /// <summary>What is legal, for messages.</summary>
    public const string LegalRedirectCode = "301, 302, 307 or 308";

    /// <summary>Reads the status of a redirect.</summary>
    public static bool TryRedirectCode(string text, out int code)
    {
        code = text switch { "301" => 301, "302" => 302, "307" => 307, "308" => 308, _ => 0 };
        return code != 0;
    }

    /// <summary>Reads a Strict-Transport-Security value; empty = off.</summary>
    public static bool TryHsts(string text, out string value)
    {
        value = "";
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase))
            return true;
        value = Quantities.TryInteger(text, 0, int.MaxValue, out var seconds)
            ? string.Create(CultureInfo.InvariantCulture, $"max-age={seconds}")
            : text;
        return HeaderSyntax.IsHsts(value);
    }

    /// <summary>Data for templates, any readable text.</summary>
    public static ImmutableSortedDictionary<string, string> ReadData(LabelReader reader)
    {
        var data = Ordinal.Empty.ToBuilder();
        foreach (var (name, _, value) in reader.Group("data."))
            data.Add(name, value);
        return data.ToImmutable();
    }

    /// <summary>Reads the name of a certificate: a file name, never a path.</summary>
    public static bool TryCertificateName(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxCertificateName && text is not "." and not ".."
            && !Untrusted.HasControl(text) && text.IndexOfAny(['/', '\\']) < 0;
    }

    private static ImmutableArray<HostPattern>? ReadRedirectFrom(LabelReader reader, ContainerFindings findings)
    {
        if (reader.Raw("redirect.from") is not var (label, value))
            return null;
        var names = HostListReader.Read(label, value, findings, exactOnly: true);
        return names.Length > 0 ? names : null;
    }
}
