using System.Collections.Immutable;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>The vault on disks: the store of certificates, and the orders in the state directory.</summary>
/// <param name="store">The certificates.</param>
/// <param name="orders">Orders that are under way.</param>
/// <param name="authorities">Directories of the authorities, by name.</param>
/// <param name="time">The clock.</param>
public sealed class StoreVault(CertificateStore store, OrderStore orders, IReadOnlyDictionary<string, Uri> authorities, TimeProvider time) : ICertificateVault
{
    /// <summary>How old what was read may be; others may share the store.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly ILookup<Uri, string> _names = authorities.ToLookup(pair => pair.Value, pair => pair.Key);
    private ImmutableDictionary<string, HeldCertificate>? _held;
    private long _readAt;

    /// <inheritdoc/>
    public ImmutableDictionary<string, HeldCertificate> Held
    {
        get
        {
            lock (_lock)
            {
                if (_held is not null && time.GetElapsedTime(_readAt) < MaxAge)
                    return _held;
                var readAt = time.GetTimestamp();
                var held = ImmutableDictionary.CreateBuilder<string, HeldCertificate>(StringComparer.Ordinal);
                // What no proxy has is as good as missing.
                foreach (var stored in store.All.Where(one => store.IsShown(one.Name)))
                    held[stored.Name] = HeldOf(stored);
                // What could not be read is read again.
                _readAt = readAt;
                return _held = held.ToImmutable();
            }
        }
    }

    /// <inheritdoc/>
    public string? IdOf(string name)
    {
        var id = Reading(() => store.IsShown(name) ? store.Find(name)?.Life.Id : null);
        lock (_lock)
        {
            // Somebody else has changed it since it was read.
            if (_held?.GetValueOrDefault(name)?.Life.Id != id)
                _held = null;
        }

        return id;
    }

    /// <inheritdoc/>
    public PrivateKey? KeyOf(string name) => Reading(() => store.Find(name)?.Key);

    /// <inheritdoc/>
    public string? ObstacleTo(string name) => Reading(() =>
    {
        // One that cannot be read is not among those that are there, and yet no reason to order another.
        _ = store.Find(name);
        return store.Obstacle(name)?.Message;
    });

    /// <inheritdoc/>
    public IDisposable? TryClaim(string name) => store.TryClaim(name);

    /// <inheritdoc/>
    public async Task SaveAsync(WantedCertificate wanted, string authority, IssuedCertificate issued, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var stored = StoredCertificate.Of(wanted.Name, issued, authorities[authority], time.GetUtcNow());
        await store.SaveAsync(stored, cancellationToken);
        lock (_lock)
            _held = _held?.SetItem(wanted.Name, HeldOf(stored));
    }

    /// <inheritdoc/>
    public async Task NoteRevokedAsync(string name, string id, CancellationToken cancellationToken)
    {
        if (CertificateStore.IsName(name))
            await store.NoteRevokedAsync(name, id, cancellationToken);
        lock (_lock)
            _held = null;
    }

    /// <inheritdoc/>
    public PendingOrder? PendingOf(WantedCertificate wanted, string authority)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        // One for other names comes to nothing here.
        return Reading(() => orders.Find(wanted.Name, authorities[authority])) is { } order && order.Identifiers.ToHashSet().SetEquals(wanted.Names.Select(Identifier.Parse)) ? order : null;
    }

    /// <inheritdoc/>
    public bool HasPending(string name)
    {
        try
        {
            return Reading(() => orders.Of(name).Count > 0);
        }
        catch (ArgumentException)
        {
            // No name that anything could be kept by.
            return false;
        }
    }

    /// <inheritdoc/>
    public IOrderJournal JournalOf(WantedCertificate wanted, string authority)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return orders.JournalOf(wanted.Name);
    }

    /// <inheritdoc/>
    public Task ForgetPendingAsync(string name, string? authority, CancellationToken cancellationToken) =>
        orders.ForgetAsync(name, authority is null ? null : authorities[authority], cancellationToken);

    private HeldCertificate HeldOf(StoredCertificate stored)
    {
        // One that is not in the settings any more is called by its directory, as nobody wants it to be.
        string[] names = stored.Authority is not { } directory ? [""] : _names.Contains(directory) ? [.. _names[directory]] : [directory.AbsoluteUri];
        return new(stored.Life, stored.Names, names[0]) { OtherNames = [.. names[1..]], RenewalId = stored.RenewalId, StoredAt = stored.StoredAt, IsRevoked = store.IsRevoked(stored) };
    }

    // What may not be read is as what cannot be read.
    private static T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }
}
