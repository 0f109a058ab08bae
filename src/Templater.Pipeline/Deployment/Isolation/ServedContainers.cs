using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Deployment.Isolation;

/// <summary>
/// Who is in the last live generation of one output, and what they said then, also across restarts. Thread-safe.
/// </summary>
/// <param name="output">Name of the output.</param>
/// <param name="store">Where it is kept; null = nowhere.</param>
public sealed class ServedContainers(string output, ServedStore? store)
{
    private const int DigestDigits = 16;

    private readonly Lock _saving = new();
    private volatile ImmutableSortedDictionary<string, string> _digests = store?.Load(output) ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
    private volatile ImmutableDictionary<ContainerId, Container> _containers = ImmutableDictionary<ContainerId, Container>.Empty;

    /// <summary>Remembers who is in a generation that has become live.</summary>
    /// <param name="containers">They.</param>
    public void Note(IEnumerable<Container> containers)
    {
        lock (_saving)
        {
            var known = _containers;
            var live = containers.ToImmutableDictionary(static container => container.Id);
            var digests = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            foreach (var (id, container) in live)
                digests[id.Value] = IsSame(known, container) ? _digests[id.Value] : DigestOf(container);
            _containers = live;
            if (Problem is null && digests.Count == _digests.Count && digests.All(pair => _digests.TryGetValue(pair.Key, out var digest) && digest == pair.Value))
                return;
            _digests = digests.ToImmutable();
            Problem = store?.Save(output, _digests);
        }
    }

    /// <summary>Why they could not be kept for the next start; null when they were. Tried again by every <see cref="Note"/>.</summary>
    public Finding? Problem { get; private set; }

    /// <summary>True for a container that is in it and says the same now.</summary>
    /// <param name="container">The container.</param>
    public bool IsAsItIs(Container container) => container is not null &&
        _digests.TryGetValue(container.Id.Value, out var digest) && (IsSame(_containers, container) || digest == DigestOf(container));

    /// <summary>What a person would change to mend a container. A start is no change: one that crashes again and again must not be tried each time.</summary>
    /// <param name="container">The container.</param>
    internal static string MarkOf(Container container) => string.Join('\n',
        container.Labels.Concat(container.Env).Select(static pair => $"{pair.Key}={pair.Value}").Append(container.Name));

    // Rows that did not change are the same objects from look to look.
    private static bool IsSame(ImmutableDictionary<ContainerId, Container> known, Container container) =>
        known.TryGetValue(container.Id, out var before) && ReferenceEquals(before, container);

    // Labels may hold secrets: on the disk lies only their digest.
    private static string DigestOf(Container container) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(MarkOf(container))))[..DigestDigits];
}
