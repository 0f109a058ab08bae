namespace Templater.Acme.Protocol;

/// <summary>Kinds of keys that public CAs take for accounts and certificates alike. P-521 and Ed25519 are none of them.</summary>
public enum KeyType
{
    /// <summary>Elliptic curve P-256, the default: small, fast, taken everywhere.</summary>
    Ec256,

    /// <summary>Elliptic curve P-384.</summary>
    Ec384,

    /// <summary>RSA with 2048 bits.</summary>
    Rsa2048,

    /// <summary>RSA with 3072 bits.</summary>
    Rsa3072,

    /// <summary>RSA with 4096 bits; more than a second of work to make one.</summary>
    Rsa4096,
}
