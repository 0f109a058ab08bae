using System.Collections.Concurrent;
using System.Collections.Immutable;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>Keeps certificates, orders and what is remembered, as a disk does over restarts.</summary>
internal sealed class MemoryVault : ICertificateVault, IKeeperMemoryFile
{
    private readonly ConcurrentDictionary<string, IssuedCertificate> _issued = new();
    private readonly ConcurrentDictionary<string, PendingOrder> _pending = new();
    private ImmutableDictionary<string, HeldCertificate> _held = ImmutableDictionary<string, HeldCertificate>.Empty;
    private volatile KeeperMemory _memory = KeeperMemory.Nothing;

    /// <summary>Throws what the test wants when a certificate is saved.</summary>
    public Action<string> OnSave { get; set; } = _ => { };

    /// <summary>Throws what the test wants when something is to be remembered.</summary>
    public Action OnRemember { get; set; } = () => { };

    /// <summary>Throws what the test wants when it is looked at what is there.</summary>
    public Action OnRead { get; set; } = () => { };

    public KeeperMemory Remembered => _memory;

    public ImmutableDictionary<string, HeldCertificate> Held
    {
        get
        {
            OnRead();
            return _held;
        }
    }

    public IssuedCertificate? Find(string name) => _issued.GetValueOrDefault(name);

    public void SetPending(string name, PendingOrder order) => _pending[name] = order;

    /// <summary>Certificates that another process orders.</summary>
    public ConcurrentDictionary<string, bool> Claimed { get; } = new();

    /// <summary>What is in the way of certificates.</summary>
    public string? Obstacle { get; set; }

    public string? ObstacleTo(string name) => Obstacle;

    /// <summary>Called before something is claimed: what another process does in the last moment.</summary>
    public Action OnClaim { get; set; } = () => { };

    public IDisposable? TryClaim(string name)
    {
        OnClaim();
        return Claimed.TryAdd(name, true) ? new Claim(this, name) : null;
    }

    public string? IdOf(string name) => _held.GetValueOrDefault(name)?.Life.Id;

    public PrivateKey? KeyOf(string name) => Find(name)?.Key;

    public Task SaveAsync(WantedCertificate wanted, string authority, IssuedCertificate issued, CancellationToken cancellationToken)
    {
        OnSave(wanted.Name);
        var serial = Convert.ToHexString(issued.Chain.Leaf.SerialNumberBytes.Span);
        var held = new HeldCertificate(new(serial, issued.Chain.NotBefore, issued.Chain.NotAfter), [.. issued.Identifiers.Select(one => one.Value)], authority) { RenewalId = serial, StoredAt = issued.Chain.NotBefore };
        ImmutableInterlocked.AddOrUpdate(ref _held, wanted.Name, held, (_, _) => held);
        _issued[wanted.Name] = issued;
        return Task.CompletedTask;
    }

    public Task NoteRevokedAsync(string name, string id, CancellationToken cancellationToken)
    {
        OnSave(name);
        if (_held.GetValueOrDefault(name) is { } held && held.Life.Id == id)
            ImmutableInterlocked.TryUpdate(ref _held, name, held with { IsRevoked = true }, held);
        return Task.CompletedTask;
    }

    public PendingOrder? PendingOf(WantedCertificate wanted, string authority) => _pending.GetValueOrDefault(wanted.Name) is { } order && IsAt(order, authority) ? order : null;

    public bool HasPending(string name) => _pending.ContainsKey(name);

    public IOrderJournal JournalOf(WantedCertificate wanted, string authority) => new Journal(this, wanted.Name);

    public Task ForgetPendingAsync(string name, string? authority, CancellationToken cancellationToken)
    {
        if (_pending.TryGetValue(name, out var order) && (authority is null || IsAt(order, authority)))
            _pending.TryRemove(name, out _);
        return Task.CompletedTask;
    }

    private static bool IsAt(PendingOrder order, string authority) => order.Directory.Host == authority + ".example";

    /// <summary>What an earlier process has kept.</summary>
    public void Remember(KeeperMemory memory) => _memory = memory;

    public KeeperMemory Load() => _memory;

    public Task SaveAsync(KeeperMemory memory, CancellationToken cancellationToken)
    {
        OnRemember();
        _memory = memory;
        return Task.CompletedTask;
    }

    private sealed class Claim(MemoryVault vault, string name) : IDisposable
    {
        public void Dispose() => vault.Claimed.TryRemove(name, out _);
    }

    private sealed class Journal(MemoryVault vault, string name) : IOrderJournal
    {
        public Task KeepAsync(PendingOrder order, CancellationToken cancellationToken)
        {
            vault._pending[name] = order;
            return Task.CompletedTask;
        }
    }
}
