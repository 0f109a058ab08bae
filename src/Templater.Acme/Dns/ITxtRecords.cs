namespace Templater.Acme.Dns;

/// <summary>A TXT record of a challenge. Holds no secret: all of it is seen in the DNS and by the CA.</summary>
/// <param name="Name">The name that the record is made at, with a dot at its end: where the aliases (CNAME) of <paramref name="ChallengeName"/> lead.</param>
/// <param name="ChallengeName">The name that the CA asks for, for example <c>_acme-challenge.example.org.</c></param>
/// <param name="Value">The value.</param>
/// <param name="Domain">The name that is validated, without a dot at its end.</param>
/// <param name="Token">The challenge's token.</param>
/// <param name="KeyAuthorization">The challenge's key authorization, for programs that make the value themselves.</param>
public sealed record TxtRecord(string Name, string ChallengeName, string Value, string Domain, string Token, string KeyAuthorization);

/// <summary>What a provider can do, and how long it usually takes.</summary>
public sealed record TxtCapabilities
{
    /// <summary>Whether it is to be called by one at a time.</summary>
    public bool IsSequential { get; init; }

    /// <summary>Most values that one name can have at the same time; null without a limit worth naming.</summary>
    public int? MaxValues { get; init; }

    /// <summary>How long its servers may take until all of them have a new value; 60 seconds by default.</summary>
    public TimeSpan PropagationTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait between two looks; 2 seconds by default.</summary>
    public TimeSpan PollingInterval { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Makes TXT records and takes them away again, at one provider of DNS.</summary>
/// <remarks>
/// Thread-safe; calls for different values of one name come at the same time. All throw <see cref="ChallengeException"/>, whose message
/// names provider and record, says what to do, and holds no credential.
/// </remarks>
public interface ITxtRecords
{
    /// <summary>What it can do. Never changes.</summary>
    TxtCapabilities Capabilities { get; }

    /// <summary>Adds one value beside those that the name has. One that is there already is no error.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task AddAsync(TxtRecord record, CancellationToken cancellationToken);

    /// <summary>Waits until the provider says that all of its servers have it, where it can say that; else returns at once.</summary>
    /// <param name="record">As it was added.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task WaitAsync(TxtRecord record, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Takes exactly this value away, also when another process added it; others stay. One that is not there is no error.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken);
}
