namespace Templater.Acme.Protocol;

/// <summary>Bounds of what is asked of a CA and waited for. The defaults are for public CAs; tests and slow CAs of one's own choose others.</summary>
public sealed record AcmeLimits
{
    /// <summary>Most bytes of one answer. The chains and directories of known CAs have less than 20 kB.</summary>
    public const int MaxBodyBytes = 1 << 20;

    /// <summary>Most times a request is signed again because its nonce was refused. At 50 % refused ones, one request in 2000 fails.</summary>
    public const int MaxNonceRetries = 10;

    /// <summary>Most times a request is sent again because the CA was not reached or had trouble.</summary>
    public const int MaxTransientRetries = 3;

    /// <summary>Most requests of one order on their way at the same time.</summary>
    public const int MaxParallelRequests = 8;

    /// <summary>How long one request may take.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>First pause before a request is sent again; doubled each time, with up to half of it added by chance.</summary>
    public TimeSpan TransientPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest Retry-After that is waited for within a request; a longer one is left to the caller.</summary>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Shortest pause between two looks at an order or authorization, also where the CA asks for less.</summary>
    public TimeSpan MinPollPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest pause between two looks, also where the CA asks for more.</summary>
    public TimeSpan MaxPollPause { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest pause between two looks where the CA does not ask for any.</summary>
    public TimeSpan MaxOwnPollPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the CA may take for its validations, and again for the certificate.</summary>
    public TimeSpan PollDeadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long answers to challenges may take to be taken away, after the order has ended in whatever way.</summary>
    public TimeSpan CleanUpTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How old the directory may become before it is read again.</summary>
    public TimeSpan DirectoryAge { get; init; } = TimeSpan.FromHours(24);
}
