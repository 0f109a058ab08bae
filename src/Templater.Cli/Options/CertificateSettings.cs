namespace Templater.Cli.Options;

/// <summary>Settings about certificates. Most wait for the certificate client; those are accepted, checked and warned about.</summary>
internal static class CertificateSettings
{
    private const SettingGroup Group = SettingGroup.Certificates;

    public static readonly SettingDefinition<string> CertsDirectory = new("certs_dir", Group, SettingTypes.AbsolutePath,
        "certificates and keys; what lies there is used")
    {
        Unset = "",
        Default = "/certs",
    };

    private const string NoneObtained = "no certificate is obtained, and those in certs_dir are used: put them there";

    private static readonly SettingType<string> Challenges = SettingTypes.Word("http-01", "dns-01", "dns-persist-01", "tls-alpn-01");

    private static readonly SettingDefinition<bool> Acme = Later("acme", SettingTypes.Boolean, "on when acme_email is set", "obtain certificates for all hosts");

    private static readonly SettingDefinition<string> AcmeEmail = Later("acme_email", SettingTypes.Text, "", "account contact; setting it accepts the CA's terms");

    /// <summary>True when certificates are to be obtained, so that what is kept of them matters.</summary>
    public static bool AreWanted(Settings settings) =>
        settings.Values.IsSet(Acme) ? settings.Get(Acme) : settings.Get(AcmeEmail) is { Length: > 0 };

    public static IEnumerable<SettingDefinition> All =>
    [
        CertsDirectory,
        Later("certs_layout", SettingTypes.Word("live", "haproxy", "nginx-proxy"), "by template", "layout of new certificates"),
        Later("certs_mode", SettingTypes.Mode, "0640", "permissions of keys"),
        Later("certs_owner", UnixIdentity.User, "", "user that owns keys"),
        Later("certs_group", UnixIdentity.Group, "", "group of keys"),
        Later("certs_keep", SettingTypes.Duration("0", "3650d"), "7d", "time after nobody wants them"),
        Acme,
        AcmeEmail,
        Later("acme_ca", SettingTypes.List, "letsencrypt", "name or directory URL, in order of preference"),
        Later("acme_eab_kid", SettingTypes.Text, "", "external account binding, key id"),
        Later("acme_eab_hmac", SettingTypes.Text, "", "external account binding, key", isSecret: true),
        Later("acme_challenge", Challenges, "http-01", "how control of a name is proven"),
        Later("acme_webroot", SettingTypes.AbsolutePath, "", "write http-01 answers as files there"),
        Later("acme_listen", SettingTypes.Text, "", "answer http-01 on this address"),
        Later("acme_dns", SettingTypes.Text, "", "DNS provider"),
        Later("acme_key_type", SettingTypes.Word("ec256", "ec384", "rsa2048", "rsa3072", "rsa4096"), "ec256", "kind of key"),
        Later("acme_profile", SettingTypes.Text, "the CA's", "certificate profile"),
        Later("acme_wildcards", SettingTypes.List, "", "wildcards to order"),
        Later("acme_preflight", SettingTypes.Boolean, "true", "check DNS, port 80 and CAA before ordering"),
        Later("acme_placeholder", SettingTypes.Boolean, "false", "self-signed pair until the real one is there"),
    ];

    private static SettingDefinition<T> Later<T>(string path, SettingType<T> type, string note, string meaning, bool isSecret = false) =>
        new(path, Group, type, meaning) { Unset = default!, DefaultNote = note, IsSecret = isSecret, Instead = NoneObtained };
}
