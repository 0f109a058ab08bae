using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Templater.Acme;
using Templater.Acme.Dns;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Options;

/// <summary>Settings about certificates, those that are there and those that are to be obtained.</summary>
internal static class CertificateSettings
{
    private const SettingGroup Group = SettingGroup.Certificates;
    private const char Required = '!';
    private const string Authoritative = "authoritative";

    public static readonly SettingDefinition<string> CertsDirectory = new("certs_dir", Group, SettingTypes.AbsolutePath,
        "certificates and keys; what lies there is used")
    {
        Unset = "",
        Default = "/certs",
    };

    public static readonly SettingDefinition<StoreLayouts> Layout = new("certs_layout", Group, SettingTypes.Choice(
        ("live", StoreLayouts.Live), ("haproxy", StoreLayouts.HAProxy), ("nginx-proxy", StoreLayouts.NginxProxy)), "layout of new certificates")
    {
        Unset = StoreLayouts.None,
        DefaultNote = "by template",
    };

    public static readonly SettingDefinition<UnixFileMode> Mode = new("certs_mode", Group, SettingTypes.Mode, "permissions of keys")
    {
        Unset = default,
        Default = "0640",
    };

    public static readonly SettingDefinition<int?> Owner = new("certs_owner", Group, UnixIdentity.User, "user that owns keys") { Unset = null };

    public static readonly SettingDefinition<int?> GroupOfKeys = new("certs_group", Group, UnixIdentity.Group, "group of keys") { Unset = null };

    public static readonly SettingDefinition<TimeSpan> Keep = new("certs_keep", Group, SettingTypes.Duration("0", "3650d"), "how long a certificate is kept that nobody wants any more; never removed while a configuration names it that may be live")
    {
        Unset = default,
        Default = "7d",
    };

    public static readonly SettingDefinition<bool?> Acme = new("acme", Group, SettingTypes.OptionalBoolean, "obtain certificates for all hosts; true accepts the CA's terms")
    {
        Unset = null,
        DefaultNote = "on when acme_email is set",
    };

    public static readonly SettingDefinition<string> Email = new("acme_email", Group, SettingTypes.Of("a mail address", MailText), "account contact; setting it accepts the CA's terms")
    {
        Unset = "",
    };

    public static readonly SettingDefinition<ImmutableArray<string>> Authorities = new("acme_ca", Group, SettingTypes.List, "name or directory URL, in order of preference")
    {
        Unset = [],
        Default = BuiltInAuthorities.LetsEncrypt,
    };

    public static readonly SettingDefinition<string> Bundle = new("acme_ca_bundle", Group, SettingTypes.AbsolutePath, "file with the roots that are trusted for the CA's own TLS")
    {
        Unset = "",
        DefaultNote = "those of the system",
    };

    public static readonly SettingDefinition<string> EabKid = new("acme_eab_kid", Group, SettingTypes.Text, "external account binding, key id") { Unset = "" };

    public static readonly SettingDefinition<string> EabHmac = new("acme_eab_hmac", Group, SettingTypes.Text, "external account binding, key") { Unset = "", IsSecret = true };

    public static readonly SettingDefinition<string> Challenge = new("acme_challenge", Group,
        SettingTypes.Word(ChallengeType.Http01, ChallengeType.Dns01, ChallengeType.DnsPersist01, ChallengeType.TlsAlpn01), "how control of a name is proven")
    {
        Unset = ChallengeType.Http01,
        Default = ChallengeType.Http01,
    };

    public static readonly SettingDefinition<string> Webroot = new("acme_webroot", Group, SettingTypes.AbsolutePath, "write http-01 answers as files there") { Unset = "" };

    public static readonly SettingDefinition<IPEndPoint?> Listen = new("acme_listen", Group, new SettingType<IPEndPoint?>("an address with a port, such as 127.0.0.1:8402 or :8402", TryEndPoint), "answer http-01 and tls-alpn-01 on this address")
    {
        Unset = null,
    };

    public static readonly SettingDefinition<string> Dns = new("acme_dns", Group, SettingTypes.Text, "DNS provider, or a name of the section dns") { Unset = "" };

    public static readonly SettingDefinition<PropagationOptions> DnsCheck = new("acme_dns_check", Group, SettingTypes.Of("authoritative, off, or addresses of name servers", PropagationOf), "where it is looked for records of dns-01 before the CA is told")
    {
        Unset = new PropagationOptions(),
        Default = Authoritative,
    };

    public static readonly SettingDefinition<KeyType> KeyTypes = new("acme_key_type", Group, SettingTypes.Choice(
        ("ec256", KeyType.Ec256), ("ec384", KeyType.Ec384), ("rsa2048", KeyType.Rsa2048), ("rsa3072", KeyType.Rsa3072), ("rsa4096", KeyType.Rsa4096)), "kind of key")
    {
        Unset = KeyType.Ec256,
        Default = "ec256",
    };

    public static readonly SettingDefinition<string> Profile = new("acme_profile", Group, SettingTypes.Of("the name of a profile, with ! in front when it is required", ProfileText), "certificate profile")
    {
        Unset = "",
        DefaultNote = "the CA's",
    };

    public static readonly SettingDefinition<ImmutableArray<string>> Wildcards = new("acme_wildcards", Group, new SettingType<ImmutableArray<string>>("a list of names such as *.example.com", TryWildcards), "wildcards to order for names one label below")
    {
        Unset = [],
    };

    public static readonly SettingDefinition<bool> Preflight = new("acme_preflight", Group, SettingTypes.Boolean, "check DNS, port 80 and CAA before ordering")
    {
        Unset = true,
        Default = "true",
    };

    public static readonly SettingDefinition<bool> ReuseKey = new("acme_reuse_key", Group, SettingTypes.Boolean, "renew with the same key")
    {
        Unset = false,
        Default = "false",
    };

    public static readonly SettingDefinition<double?> RenewLeft = new("acme_renew_left", Group, SettingTypes.OptionalFraction, "part of a certificate's lifetime that is left when it is renewed, where its CA suggests no time")
    {
        Unset = null,
        DefaultNote = "1/3, 1/2 of lifetimes below 10 days",
    };

    public static readonly SettingDefinition<bool> AllowSubset = new("acme_allow_subset_of_names", Group, SettingTypes.Boolean, "leave out names that the CA does not sign for, and obtain the rest")
    {
        Unset = false,
        Default = "false",
    };

    public static readonly SettingDefinition<string> PreferredChain = new("acme_preferred_chain", Group, SettingTypes.Text, "common name of the root that chains should end at")
    {
        Unset = "",
        DefaultNote = "the CA's",
    };

    public static readonly SettingDefinition<bool> Placeholder = new("acme_placeholder", Group, SettingTypes.Boolean, "self-signed pair until the real one is there, for a proxy that does not start without")
    {
        Unset = false,
        Default = "false",
    };

    public static IEnumerable<SettingDefinition> All =>
    [
        CertsDirectory, Layout, Mode, Owner, GroupOfKeys, Keep, Acme, Email, Authorities, Bundle, EabKid, EabHmac, Challenge, Webroot, Listen, Dns, DnsCheck, KeyTypes,
        Profile, Wildcards, ReuseKey, RenewLeft, AllowSubset, PreferredChain, Preflight, Placeholder,
    ];

    /// <summary>True when certificates are to be obtained, so that what is kept of them matters.</summary>
    public static bool AreWanted(Settings settings) => AreWanted(settings.Values);

    /// <summary>True when hosts that say nothing about it get certificates.</summary>
    public static bool AreWanted(SettingValues values) => values.Get(Acme) ?? values.Get(Email).Length > 0;

    /// <summary>A profile without the mark of one that is required, and whether it has that.</summary>
    public static (string? Name, bool IsRequired) ProfileOf(SettingValues values) =>
        values.Get(Profile) is { Length: > 0 } text ? ProfileOf(text) : (null, false);

    /// <summary>The same of a text that is not empty.</summary>
    public static (string? Name, bool IsRequired) ProfileOf(string text) => (text.TrimStart(Required), text[0] == Required);

    private static string? MailText(string text) =>
        text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at == text.LastIndexOf('@') && at < text.Length - 1 && !text.Any(static character => char.IsControl(character) || char.IsWhiteSpace(character) || character is ',' or '<' or '>')
            ? text : null;

    private static PropagationOptions? PropagationOf(string text)
    {
        if (text.Equals(Authoritative, StringComparison.OrdinalIgnoreCase))
            return new PropagationOptions();
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase))
            return new PropagationOptions { Mode = PropagationMode.Off };
        var servers = SettingTypes.Words(text).Select(static word => IPEndPoint.TryParse(word, out var server) ? server : null).ToList();
        return servers.Count == 0 || servers.Contains(null) ? null : new PropagationOptions
        {
            Mode = PropagationMode.Servers,
            Servers = [.. servers.Select(static server => server!.Port == 0 ? new IPEndPoint(server.Address, DnsClientOptions.DefaultPort) : server)],
        };
    }

    private static string? ProfileText(string text) =>
        text.TrimStart(Required) is { Length: > 0 } name && text.Length - name.Length <= 1 && name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.') ? text : null;

    private static bool TryWildcards(string text, out ImmutableArray<string> value, out string? hint)
    {
        (value, hint) = ([], null);
        var wildcards = ImmutableArray.CreateBuilder<string>();
        foreach (var word in SettingTypes.Words(text))
        {
            // Dotege's users write the parent alone, with a dot in front or without.
            var asked = word.StartsWith("*.", StringComparison.Ordinal) ? word : "*." + word.TrimStart('.');
            if (HostPattern.TryParse(asked, out var pattern) is not null || pattern.Match != HostMatch.Wildcard)
                return false;
            // A host may have an underscore, a certificate may not.
            if (!CertificateStore.IsName(pattern.Text))
            {
                hint = $"No CA signs for a name with an underscore: leave {pattern.Text} out.";
                return false;
            }

            wildcards.Add(pattern.Text);
        }

        value = wildcards.ToImmutable();
        return true;
    }

    private static bool TryEndPoint(string text, [MaybeNullWhen(false)] out IPEndPoint? value, out string? hint)
    {
        hint = null;
        value = null;
        if (text.StartsWith(':') && int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= IPEndPoint.MaxPort)
            value = new IPEndPoint(IPAddress.Any, port);
        else if (IPEndPoint.TryParse(text, out var found) && found.Port > 0 && text.LastIndexOf(':') > text.LastIndexOf(']'))
            value = found;
        return value is not null;
    }
}
