using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>
/// What the keeper remembers, in <c>acme/keeper.json</c> of the state directory. Authorities are named there by their directories, so
/// that a limit is not forgotten when an authority is called otherwise in the settings.
/// </summary>
public sealed class KeeperMemoryFile : IKeeperMemoryFile
{
    /// <summary>Most past orders that are kept of one authority, the newest.</summary>
    public const int MaxOrders = 20_000;

    private const string FileName = "acme/keeper.json";

    private readonly StateFile<KeptMemory> _form;
    private readonly StateMemory<KeptMemory> _file;
    private readonly ImmutableDictionary<string, string> _directories;
    private readonly ImmutableDictionary<string, string> _names;

    internal KeeperMemoryFile(StateDirectory directory, StoreGate gate, IReadOnlyDictionary<string, Uri> authorities, Action<PutAsideFile>? notice)
    {
        _form = new StateFile<KeptMemory>(directory, KeeperJson.Default.KeptMemory, static kept => kept.IsWhole, "what became of orders at CAs", "Limits of CAs are kept to from now on only, and what failed is tried again.", notice);
        _file = new StateMemory<KeptMemory>(_form, FileName, gate, KeptMemory.Nothing);
        _directories = authorities.ToImmutableDictionary(pair => pair.Key, pair => pair.Value.AbsoluteUri);
        _names = _directories.GroupBy(pair => pair.Value).ToImmutableDictionary(group => group.Key, group => group.Min(pair => pair.Key)!);
    }

    /// <inheritdoc/>
    public KeeperMemory Load() => Of(_file.Value);

    /// <summary>The same for who only looks on: a file that cannot be understood stays where it is.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public KeeperMemory Peek() => Of(_form.Peek(FileName) ?? KeptMemory.Nothing);

    /// <inheritdoc/>
    public async Task SaveAsync(KeeperMemory memory, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(memory);
        try
        {
            await _file.ChangeAsync(_ => KeptOf(memory), cancellationToken);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private KeeperMemory Of(KeptMemory kept) => new()
    {
        Failures = new(kept.Failures.ToImmutableDictionary(
            one => new FailureSubject(one.Scope, one.Names, one.Directory.Length == 0 ? "" : NameOf(one.Directory)),
            one => new RememberedFailure(new(Math.Max(one.Count, 1), one.At, one.NotBefore) { IsHurried = one.IsHurried }, one.Reason))),
        Past = kept.Past.ToImmutableDictionary(pair => NameOf(pair.Key), pair => pair.Value.Select(one => new PastOrder(one.At, one.Names, one.IsIssued)).ToImmutableArray()),
        Turned = kept.Turned.Where(pair => _names.ContainsKey(pair.Value)).Aggregate(Ordinal.Empty, (turned, pair) => turned.Add(pair.Key, NameOf(pair.Value))),
        Renewals = kept.Renewals.ToImmutableDictionary(pair => pair.Key, pair => pair.Value.ToAnswer()),
        Begun = kept.Begun.ToImmutableDictionary(pair => pair.Key, pair => new BegunOrder(pair.Value.At, pair.Value.Names, NameOf(pair.Value.Directory))),
        LeftOut = kept.LeftOut.ToImmutableDictionary(pair => pair.Key, pair => pair.Value.ToImmutableArray()),
        RollingOver = kept.RollingOver.Where(_names.ContainsKey).Select(NameOf).ToImmutableSortedSet(StringComparer.Ordinal),
    };

    // One authority may have two names in the settings.
    private KeptMemory KeptOf(KeeperMemory memory) => new(
        [.. memory.Failures.All
            .Select(pair => new KeptFailure(pair.Key.Scope, pair.Key.Names, DirectoryOf(pair.Key.Authority), pair.Value.Orders.Count, pair.Value.Orders.At, pair.Value.Orders.NotBefore, ShownText.OneLine(pair.Value.Reason), pair.Value.Orders.IsHurried))
            .GroupBy(one => (one.Scope, one.Names, one.Directory)).Select(same => same.MaxBy(one => one.At)!)
            .OrderBy(one => one.Names, StringComparer.Ordinal).ThenBy(one => one.Scope).ThenBy(one => one.Directory, StringComparer.Ordinal)],
        Sorted(memory.Past.GroupBy(pair => DirectoryOf(pair.Key), pair => pair.Value).Select(same => KeyValuePair.Create(
            same.Key, same.Count() == 1 ? Kept(same.First()) : Kept(same.SelectMany(past => past).OrderBy(one => one.At))))),
        Sorted(memory.Turned.Select(pair => KeyValuePair.Create(pair.Key, DirectoryOf(pair.Value)))),
        Sorted(memory.Renewals.Select(pair => KeyValuePair.Create(pair.Key, KeptRenewal.Of(pair.Value)))),
        Sorted(memory.Begun.Select(pair => KeyValuePair.Create(pair.Key, new KeptBegun(pair.Value.At, pair.Value.Names, DirectoryOf(pair.Value.Authority))))),
        Sorted(memory.LeftOut.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToList()))),
        [.. memory.RollingOver.Select(DirectoryOf).Distinct(StringComparer.Ordinal)]);

    private static List<KeptPastOrder> Kept(IEnumerable<PastOrder> past) => [.. past.TakeLast(MaxOrders).Select(one => new KeptPastOrder(one.At, one.Names, one.IsIssued))];

    // One that is not in the settings now keeps its directory for a name, and nothing is forgotten.
    private string NameOf(string directory) => _names.GetValueOrDefault(directory, directory);

    private string DirectoryOf(string name) => _directories.GetValueOrDefault(name, name);

    private static SortedDictionary<string, T> Sorted<T>(IEnumerable<KeyValuePair<string, T>> pairs) => new(pairs.ToDictionary(), StringComparer.Ordinal);
}

/// <summary>The file form of a <see cref="KeeperMemory"/>.</summary>
internal sealed record KeptMemory(
    List<KeptFailure> Failures,
    SortedDictionary<string, List<KeptPastOrder>> Past,
    SortedDictionary<string, string> Turned,
    SortedDictionary<string, KeptRenewal> Renewals,
    SortedDictionary<string, KeptBegun> Begun,
    SortedDictionary<string, List<string>> LeftOut,
    List<string> RollingOver,
    int Format = StateDirectory.Format)
{
    public static KeptMemory Nothing { get; } = new([], [], [], [], [], [], []);

    /// <summary>True when nothing is missing inside, and no failure is there twice.</summary>
    [JsonIgnore]
    public bool IsWhole =>
        Failures.TrueForAll(static one => one is not null) && Failures.DistinctBy(static one => (one.Scope, one.Names, one.Directory)).Count() == Failures.Count
        && Past.Values.All(static orders => orders is not null && orders.TrueForAll(static one => one is not null))
        && Turned.Values.All(static one => one is not null) && Renewals.Values.All(static one => one is not null) && Begun.Values.All(static one => one is not null)
        && LeftOut.Values.All(static names => names is not null && names.TrueForAll(static one => one is not null)) && RollingOver.TrueForAll(static one => one is not null);
}

/// <summary>The file form of a failure.</summary>
internal sealed record KeptFailure(FailureScope Scope, string Names, string Directory, int Count, DateTimeOffset At, DateTimeOffset? NotBefore, string Reason, bool IsHurried = false);

/// <summary>The file form of a <see cref="PastOrder"/>.</summary>
internal sealed record KeptPastOrder(DateTimeOffset At, string Names, bool IsIssued);

/// <summary>The file form of a <see cref="BegunOrder"/>.</summary>
internal sealed record KeptBegun(DateTimeOffset At, string Names, string Directory);

/// <summary>The file form of a <see cref="RenewalAnswer"/>.</summary>
internal sealed record KeptRenewal(string CertificateId, DateTimeOffset? Start, DateTimeOffset? End, DateTimeOffset AskAt, int Failures)
{
    public static KeptRenewal Of(RenewalAnswer answer) => new(answer.CertificateId, answer.Window?.Start, answer.Window?.End, answer.AskAt, answer.Failures);

    public RenewalAnswer ToAnswer() => new(CertificateId, Start is { } start && End is { } end ? new SuggestedWindow(CertificateId, start, end) : null, AskAt, Failures);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(KeptMemory))]
internal sealed partial class KeeperJson : JsonSerializerContext;
