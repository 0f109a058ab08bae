using System.Collections.Immutable;
using Templater.Pipeline.Certificates;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// Adds to what a source reads whatever else a render depends on, so that one snapshot holds all of it: the
/// certificates directory, the operator's files, the slots of the last render, the quarantined containers.
/// </summary>
/// <param name="certificates">Reads the pairs now; called once for each snapshot.</param>
/// <param name="slots">The slots of the last render, by output.</param>
/// <param name="quarantined">Ids of containers that are left out, with the reason.</param>
public sealed class SnapshotAssembler(
    Func<CertificateReading> certificates,
    Func<ImmutableSortedDictionary<string, SlotAssignment>> slots,
    Func<ImmutableSortedDictionary<string, string>> quarantined)
{
    /// <summary>Reads the operator's files that the labels of containers name; null = there are none.</summary>
    public Func<ImmutableArray<Container>, ImmutableArray<OperatorFile>>? OperatorFiles { get; init; }

    /// <summary>What is known of the versions of proxies, by output; null = nothing.</summary>
    public Func<ImmutableSortedDictionary<string, ProxyVersion>>? ProxyVersions { get; init; }

    /// <summary>Who orders which certificate next, now; null = what the source read, as from a recorded snapshot, stays.</summary>
    public Func<AcmeAnswers?>? Acme { get; init; }

    /// <summary>Adds nothing: no certificates, canonical slots, nobody quarantined.</summary>
    public static SnapshotAssembler Nothing { get; } = new(
        static () => CertificateReading.Nothing,
        static () => ImmutableSortedDictionary.Create<string, SlotAssignment>(StringComparer.Ordinal),
        static () => Ordinal.Empty);

    /// <summary>The snapshot with the additions, in canonical order.</summary>
    /// <param name="reading">What a source read; each container in it is in canonical order already.</param>
    public Snapshot Assemble(Snapshot reading)
    {
        var present = certificates();
        return SnapshotOrder.Ordered(reading with
        {
            Certificates = present.Pairs,
            UnusableCertificates = present.Unusable,
            OperatorFiles = OperatorFiles?.Invoke(reading.Containers) ?? [],
            Slots = slots(),
            Quarantined = quarantined(),
            ProxyVersions = ProxyVersions?.Invoke(),
            Acme = Acme is null ? reading.Acme : Acme(),
        });
    }
}
