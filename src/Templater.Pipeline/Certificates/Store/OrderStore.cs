using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Deployment;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>
/// Orders that are under way, in <c>acme/orders/NAME/CA.json</c> of the state directory, each with the key of its certificate: one for
/// each certificate and CA, so that a CA that takes the place of another does not cost what that one may have issued already. Thread-safe.
/// </summary>
public sealed class OrderStore
{
    /// <summary>How long an order that nobody went on with is kept; CAs forget theirs much earlier.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(30);

    private const string Root = "acme/orders";
    private const string Suffix = ".json";

    private readonly StateDirectory _directory;
    private readonly StoreGate _gate;
    private readonly TimeProvider _time;
    private readonly StateFile<KeptOrder> _file;

    internal OrderStore(StateDirectory directory, StoreGate gate, TimeProvider time, Action<PutAsideFile>? notice)
    {
        _directory = directory;
        _gate = gate;
        _time = time;
        _file = new StateFile<KeptOrder>(directory, StoreJson.Default.KeptOrder, static order => order.ToPending() is not null, "an order that was under way", "It is made anew.", notice);
    }

    /// <summary>Keeps the orders for one certificate.</summary>
    /// <param name="name">The certificate's name.</param>
    public IOrderJournal JournalOf(string name) => new Journal(this, name);

    /// <summary>The order for a certificate that is under way at a CA; null where there is none.</summary>
    /// <param name="name">The certificate's name.</param>
    /// <param name="directory">The CA's directory.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public PendingOrder? Find(string name, Uri directory)
    {
        var order = _file.Load(FileOf(name, directory))?.ToPending();
        return order?.Directory == directory ? order : null;
    }

    /// <summary>All orders for a certificate that are under way, at whatever CAs, those with a key first.</summary>
    /// <param name="name">The certificate's name.</param>
    /// <exception cref="IOException">They cannot be read.</exception>
    public IReadOnlyList<PendingOrder> Of(string name) =>
        [.. FilesIn(FolderOf(name)).Select(file => _file.Load(file)?.ToPending()).OfType<PendingOrder>().OrderBy(static order => order.Key is null)];

    /// <summary>Forgets the orders for a certificate: it is stored, or nothing comes of them any more.</summary>
    /// <param name="name">The certificate's name.</param>
    /// <param name="directory">Directory of the CA whose order is meant; null for those of all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">They cannot be removed.</exception>
    public async Task ForgetAsync(string name, Uri? directory, CancellationToken cancellationToken)
    {
        using var held = await _gate.EnterAsync(cancellationToken);
        Remove(FolderOf(name), file => directory is null || file == FileOf(name, directory));
    }

    /// <summary>Forgets orders that are older than <see cref="MaxAge"/>.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">They cannot be removed.</exception>
    public async Task ForgetOldAsync(CancellationToken cancellationToken)
    {
        using var held = await _gate.EnterAsync(cancellationToken);
        var oldest = _time.GetUtcNow() - MaxAge;
        foreach (var folder in Directory.EnumerateDirectories(_directory[Root]).ToList())
            Remove($"{Root}/{Path.GetFileName(folder)}", file => _file.Load(file) is { } order && order.KeptAt < oldest);
    }

    private static string FolderOf(string name) => $"{Root}/{StoreName.OfCertificate(name)}";

    private static string FileOf(string name, Uri directory) => $"{FolderOf(name)}/{StoreName.OfAuthority(directory)}{Suffix}";

    private List<string> FilesIn(string folder) => Directory.Exists(_directory[folder])
        ? [.. Directory.EnumerateFiles(_directory[folder], "*" + Suffix).Select(path => $"{folder}/{Path.GetFileName(path)}").Order(StringComparer.Ordinal)]
        : [];

    private void Remove(string folder, Func<string, bool> which)
    {
        foreach (var file in FilesIn(folder).Where(which))
            _directory.Remove(file);
        // What was put aside is for a person, and keeps the folder.
        if (Directory.Exists(_directory[folder]) && !Directory.EnumerateFileSystemEntries(_directory[folder]).Any())
            Directory.Delete(_directory[folder]);
    }

    private async Task KeepAsync(string name, PendingOrder order, CancellationToken cancellationToken)
    {
        using var held = await _gate.EnterAsync(cancellationToken);
        _directory.MakeFolder(FolderOf(name));
        _file.Save(FileOf(name, order.Directory), KeptOrder.Of(name, order, _time.GetUtcNow()));
    }

    private sealed class Journal(OrderStore store, string name) : IOrderJournal
    {
        public Task KeepAsync(PendingOrder order, CancellationToken cancellationToken) => store.KeepAsync(name, order, cancellationToken);
    }
}

/// <summary>The file form of an order. Holds a key.</summary>
internal sealed record KeptOrder(
    string Name, string Directory, string Url, List<KeptIdentifier> Identifiers, string? Key, DateTimeOffset KeptAt, int Format = StateDirectory.Format)
{
    public static KeptOrder Of(string name, PendingOrder order, DateTimeOffset now) => new(
        name, order.Directory.AbsoluteUri, order.Url.AbsoluteUri, [.. order.Identifiers.Select(static one => new KeptIdentifier(one.Type, one.Value))], order.Key?.ToPem(), now);

    /// <summary>The order; null where something in the file is none of what must be there.</summary>
    public PendingOrder? ToPending()
    {
        if (!Uri.TryCreate(Directory, UriKind.Absolute, out var directory) || !Uri.TryCreate(Url, UriKind.Absolute, out var url)
            || Identifiers.Count == 0 || !Identifiers.TrueForAll(static one => one is not null))
            return null;
        try
        {
            return new PendingOrder(directory, url, [.. Identifiers.Select(static one => new Identifier(one.Type, one.Value))], Key is null ? null : PrivateKey.FromPem(Key));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"the order for {Name} at {Directory}";
}

/// <summary>The file form of an identifier.</summary>
internal sealed record KeptIdentifier(string Type, string Value);
