namespace Templater.Acme.Dns.Messages;

/// <summary>Types of records (registry of RFC 6895) that this client understands.</summary>
internal enum DnsType : ushort
{
    /// <summary>An IPv4 address.</summary>
    A = 1,

    /// <summary>A name server of a zone.</summary>
    Ns = 2,

    /// <summary>The name that this one is an alias of.</summary>
    Cname = 5,

    /// <summary>The start of a zone.</summary>
    Soa = 6,

    /// <summary>Texts.</summary>
    Txt = 16,

    /// <summary>An IPv6 address (RFC 3596).</summary>
    Aaaa = 28,

    /// <summary>The signature of a message (RFC 8945).</summary>
    Tsig = 250,

    /// <summary>Which CAs may issue (RFC 8659).</summary>
    Caa = 257,
}

/// <summary>Classes of records (RFC 1035 section 3.2.4, RFC 2136 section 2.5).</summary>
internal enum DnsClass : ushort
{
    /// <summary>The internet.</summary>
    In = 1,

    /// <summary>In an update: delete exactly this record (RFC 2136 section 2.5.4).</summary>
    None = 254,

    /// <summary>Any class; that of TSIG records.</summary>
    Any = 255,
}

/// <summary>What kind of query a message is (RFC 1035 section 4.1.1).</summary>
internal enum DnsOpcode
{
    /// <summary>A question.</summary>
    Query = 0,

    /// <summary>A change (RFC 2136).</summary>
    Update = 5,
}

/// <summary>What becomes of a request (RFC 1035 section 4.1.1, RFC 2136 section 2.2, RFC 8945 section 3; the latter stand in TSIG records).</summary>
internal enum DnsResponseCode
{
    /// <summary>All is well.</summary>
    NoError = 0,

    /// <summary>The server did not understand the message.</summary>
    FormErr = 1,

    /// <summary>The server has a problem of its own.</summary>
    ServFail = 2,

    /// <summary>There is no such name.</summary>
    NxDomain = 3,

    /// <summary>The server cannot do that.</summary>
    NotImp = 4,

    /// <summary>The server does not want to.</summary>
    Refused = 5,

    /// <summary>A name exists that should not.</summary>
    YxDomain = 6,

    /// <summary>Records exist that should not.</summary>
    YxRrSet = 7,

    /// <summary>Records that should exist do not.</summary>
    NxRrSet = 8,

    /// <summary>The server is not authoritative for the zone, or the request was not authorised.</summary>
    NotAuth = 9,

    /// <summary>A name is not in the zone.</summary>
    NotZone = 10,

    /// <summary>The signature is wrong.</summary>
    BadSig = 16,

    /// <summary>The key is not known.</summary>
    BadKey = 17,

    /// <summary>The clocks differ by more than the fudge.</summary>
    BadTime = 18,

    /// <summary>The signature is truncated too far.</summary>
    BadTrunc = 22,
}

/// <summary>How answers are told to people.</summary>
internal static class DnsResponseCodes
{
    /// <summary>The standard's word for a code, for example <c>NXDOMAIN</c>; an unknown one as its number.</summary>
    /// <param name="code">The code.</param>
    public static string Name(this DnsResponseCode code) => Enum.IsDefined(code) ? code.ToString().ToUpperInvariant() : $"code {(int)code}";
}
