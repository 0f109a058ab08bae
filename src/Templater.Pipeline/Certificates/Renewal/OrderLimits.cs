namespace Templater.Pipeline.Certificates.Renewal;

/// <summary>How many of something a CA allows in a time.</summary>
/// <param name="Count">How many; from 1.</param>
/// <param name="Period">In which time, a sliding one.</param>
public sealed record RateLimit(int Count, TimeSpan Period);

/// <summary>What is known of a CA's rate limits for one account. Null where nothing is known: then only the CA itself says when it is too much.</summary>
/// <param name="OfOneSet">Certificates for exactly the same names.</param>
/// <param name="Orders">Orders of any names.</param>
public sealed record OrderLimits(RateLimit? OfOneSet, RateLimit? Orders)
{
    /// <summary>Of a CA of which nothing is known.</summary>
    public static OrderLimits Unknown { get; } = new(null, null);

    /// <summary>Let's Encrypt's, as its page "Rate Limits" tells them in August 2026.</summary>
    public static OrderLimits LetsEncrypt { get; } = new(new RateLimit(5, TimeSpan.FromDays(7)), new RateLimit(300, TimeSpan.FromHours(3)));
}
