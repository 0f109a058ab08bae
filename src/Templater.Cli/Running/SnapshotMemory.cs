using System.Collections.Immutable;
using Templater.Pipeline;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;

namespace Templater.Cli.Running;

/// <summary>What a snapshot is completed with: certificates as they lie there now, and the slots of the last render.</summary>
/// <remarks>Used by the loop alone; only <see cref="Keep(string, SlotAssignment?)"/> may be called by others.</remarks>
internal sealed class SnapshotMemory
{
    private readonly CertificateDirectory _certificates;
    private readonly SlotStore? _store;
    private readonly TimeProvider _time;
    private readonly Lock _keeping = new();
    private readonly List<Finding> _damage = [];
    private CertificateReading _certificatesNow = CertificateReading.Nothing;
    private volatile Finding? _storeFailure;
    private (string CertsDirectory, Finding Why)? _missing;
    private volatile ImmutableSortedDictionary<string, SlotAssignment> _slots =
        ImmutableSortedDictionary.Create<string, SlotAssignment>(StringComparer.Ordinal);

    private ImmutableSortedDictionary<string, ProxyVersion> _versions = ImmutableSortedDictionary.Create<string, ProxyVersion>(StringComparer.Ordinal);

    /// <summary>Creates it.</summary>
    /// <param name="certsDirectory">The certificates directory, the same path for the proxy.</param>
    /// <param name="files">Reads the operator's files that labels name.</param>
    /// <param name="store">Keeps slots across restarts; null offline.</param>
    /// <param name="outputs">Names of the outputs.</param>
    /// <param name="time">The clock.</param>
    public SnapshotMemory(string certsDirectory, OperatorFileReader files, SlotStore? store, IEnumerable<string> outputs, TimeProvider time)
    {
        _certificates = new CertificateDirectory(certsDirectory, time);
        _store = store;
        _time = time;
        Assembler = new SnapshotAssembler(ReadCertificates, () => _slots, static () => ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal))
        {
            OperatorFiles = files.Read,
            ProxyVersions = () => _versions,
            Acme = store is null ? null : () => Acme(),
        };
        if (store is null)
            return;
        foreach (var output in outputs)
        {
            _slots = _slots.SetItem(output, store.Load(output, out var damage));
            if (damage is not null)
                _damage.Add(damage);
        }
    }

    /// <summary>Completes what a source reads.</summary>
    public SnapshotAssembler Assembler { get; }

    /// <summary>Who orders which certificate next; set before the first look.</summary>
    public Func<AcmeAnswers?> Acme { get; set; } = static () => null;

    /// <summary>The present, for a snapshot that no engine dates.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>What is to be said about certificates and slots now.</summary>
    public IEnumerable<Finding> Findings => [.. _damage, .. _missing is { } missing ? [missing.Why] : Array.Empty<Finding>(), .. _certificatesNow.Findings, .. _storeFailure is { } failure ? [failure] : Array.Empty<Finding>()];

    /// <summary>When to look again although nothing happens, because a pair is just being replaced; null when none is.</summary>
    public TimeSpan? AgainAfter => _certificatesNow.AgainAfter;

    /// <summary>Creates the folder that HAProxy loads: it may be empty, but HAProxy does not start when it is missing. What fails is tried again at every look.</summary>
    public void PrepareHAProxyFolder(string certsDirectory)
    {
        var folder = Path.Combine(certsDirectory, CertificateDirectory.HAProxyFolder);
        try
        {
            Directory.CreateDirectory(folder);
            _missing = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _missing = (certsDirectory, new Finding(FindingSeverity.Warning, ReasonIds.OutputDenied,
                $"cannot create {folder}: {exception.Message.TrimEnd('.')}. HAProxy does not start without it; it may be empty. Mount the certificates directory writable, or create it."));
        }
    }

    /// <summary>Remembers what settings and checkers tell about an output's proxy.</summary>
    public void Keep(string output, ProxyVersion version) => _versions = _versions.SetItem(output, version);

    /// <summary>Remembers the slots of a render.</summary>
    public void Keep(string output, SlotAssignment? slots)
    {
        if (slots is null)
            return;
        lock (_keeping)
            KeepAlone(output, slots);
    }

    private void KeepAlone(string output, SlotAssignment slots)
    {
        _slots = _slots.SetItem(output, slots);
        try
        {
            _store?.Save(output, slots);
            _storeFailure = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _storeFailure = new Finding(FindingSeverity.Warning, ReasonIds.OutputFailed,
                $"cannot keep the slots of servers: {exception.Message.TrimEnd('.')}. After a restart they may change places, which costs one reload. Make the state directory writable and free some space; it is tried again.");
        }
    }

    private CertificateReading ReadCertificates()
    {
        if (_missing is { } missing)
            PrepareHAProxyFolder(missing.CertsDirectory);
        return _certificatesNow = _certificates.Read(CancellationToken.None);
    }
}
