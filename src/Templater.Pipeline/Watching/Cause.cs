using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Watching;

/// <summary>Why outputs are looked at: for the log, the journal, and for what must be read again.</summary>
/// <param name="Text">For people, at most <see cref="MaxTextLength"/> characters on one line, for example <c>hopeful_bell started</c>.</param>
/// <param name="Containers">The containers that events named; at most 1,000.</param>
/// <param name="FilesChanged">True when templates or other files of the operator changed and must be read again.</param>
/// <param name="ReloadRequested">True when the operator asked for everything to be read again, settings included.</param>
public sealed record Cause(string Text, ImmutableArray<ContainerId> Containers, bool FilesChanged = false, bool ReloadRequested = false)
{
    /// <summary>Longest <see cref="Text"/>.</summary>
    public const int MaxTextLength = 240;

    // As many as a batch remembers.
    private const int MaxContainers = 1000;

    /// <summary>The <see cref="Text"/> of a look that nothing in particular asked for.</summary>
    public const string NothingInParticular = "re-sync";

    /// <summary>The cause of the first look.</summary>
    public static Cause Start { get; } = new("start", []);

    /// <summary>This one together with one whose look was missed.</summary>
    /// <param name="missed">The earlier one; null when none was missed.</param>
    public Cause After(Cause? missed) => missed is null ? this : new Cause(
        Text == NothingInParticular || Text == missed.Text ? missed.Text
            : missed.Text == NothingInParticular ? Text
            : UntrustedText.Printable($"{missed.Text}, {Text}", MaxTextLength),
        [.. missed.Containers.Union(Containers).Take(MaxContainers)],
        missed.FilesChanged || FilesChanged,
        missed.ReloadRequested || ReloadRequested);
}

/// <summary>What can explain that routes disappear.</summary>
/// <param name="Everything">True when something explains every removal, such as a changed file.</param>
/// <param name="Containers">Containers that were seen to stop, leave or fail.</param>
internal sealed record Explanation(bool Everything, ImmutableHashSet<ContainerId> Containers)
{
    /// <summary>Nothing was seen.</summary>
    public static Explanation None { get; } = new(Everything: false, []);
}

/// <summary>What happened since the last look that was carried through. Bounded; not thread-safe.</summary>
internal sealed class CauseBatch
{
    private const int MaxStories = 1000;
    private const int MaxTexts = 3;

    // Many events about one container are one story: its last word, unless that is only a step.
    private readonly OrderedDictionary<string, SourceChange> _stories = new(StringComparer.Ordinal);
    private readonly HashSet<ContainerId> _explained = [];
    private readonly HashSet<ListExpectation> _expected = [];

    // Those of them that an earlier look heard of and did not see.
    private readonly HashSet<ContainerId> _awaited = [];
    private readonly HashSet<ListExpectation> _missed = [];
    private bool _explainsEverything;
    private bool _filesChanged;
    private bool _reloadRequested;

    /// <summary>When the first of it happened, since any fixed moment; null when nothing did.</summary>
    public TimeSpan? Since { get; private set; }

    /// <summary>True when something in particular happened.</summary>
    public bool HasStories => _stories.Count > 0;

    /// <summary>What can explain that routes disappear.</summary>
    public Explanation Explanation => new(_explainsEverything, [.. _explained]);

    /// <summary>Adds a hint.</summary>
    public void Add(SourceChange change, TimeSpan now, bool isFile = false, bool isReload = false)
    {
        Since ??= now;
        _filesChanged |= isFile;
        _reloadRequested |= isReload;
        if (change.ExplainsRemoval)
        {
            if (change.Container is { } container)
                Explain(container);
            else
                _explainsEverything = true;
        }

        if (change.Expects is { } expectation)
            Expect(expectation);
        if (change.Text.Length == 0)
            return;
        var key = change.Container?.Value ?? change.Text;
        if (!_stories.TryGetValue(key, out var known) ? _stories.Count < MaxStories : known.IsStep || !change.IsStep)
            _stories[key] = change;
    }

    /// <summary>Adds everything of a later batch.</summary>
    public void Add(CauseBatch later)
    {
        foreach (var change in later._stories.Values)
            Add(change, later.Since ?? default);
        Since ??= later.Since;
        foreach (var container in later._explained)
            Explain(container);
        foreach (var expectation in later._expected)
            Expect(expectation);
        _explainsEverything |= later._explainsEverything;
        _filesChanged |= later._filesChanged;
        _reloadRequested |= later._reloadRequested;
    }

    /// <summary>True when one more look may see what an event said already.</summary>
    public bool AwaitsList => _awaited.Count > 0 || _missed.Count > 0;

    /// <summary>
    /// What the look after this one has to know. The engine's list may be older than events that came while it was read; and an
    /// engine says that a container ended before its list does (<see cref="ListExpectation"/>), so what was not seen is looked for once more.
    /// </summary>
    /// <param name="late">The part of this batch that came while the list was read.</param>
    /// <param name="routed">Containers that the list still shows behind routes.</param>
    /// <param name="isMissed">Whether the list shows the contrary of what was reported.</param>
    public CauseBatch Remainder(CauseBatch late, IReadOnlySet<ContainerId> routed, Func<ListExpectation, bool> isMissed)
    {
        var rest = new CauseBatch();
        rest.Add(late);
        // Files are read after the list, and what was asked for is done once.
        (rest._filesChanged, rest._reloadRequested) = (false, false);
        foreach (var container in _explained)
        {
            if (!routed.Contains(container) || late._explained.Contains(container) || _awaited.Contains(container))
                continue;
            rest.Explain(container);
            rest._awaited.Add(container);
            Keep(container, rest);
        }

        foreach (var expectation in _expected)
        {
            if (late._expected.Contains(expectation) || _missed.Contains(expectation) || !isMissed(expectation))
                continue;
            rest.Expect(expectation);
            rest._missed.Add(expectation);
            Keep(expectation.Container, rest);
        }

        return rest;
    }

    private void Keep(ContainerId container, CauseBatch rest)
    {
        if (_stories.TryGetValue(container.Value, out var story))
            rest._stories.TryAdd(container.Value, story);
    }

    private void Expect(ListExpectation expectation)
    {
        _missed.Remove(expectation);
        if (_expected.Count < MaxStories)
            _expected.Add(expectation);
    }

    private void Explain(ContainerId container)
    {
        _awaited.Remove(container);
        if (_explained.Count < MaxStories)
            _explained.Add(container);
        else
            _explainsEverything |= !_explained.Contains(container);
    }

    /// <summary>The batch as a cause.</summary>
    /// <param name="otherwise">The text when nothing in particular happened.</param>
    public Cause ToCause(string otherwise)
    {
        var more = _stories.Count - MaxTexts;
        var text = _stories.Count == 0
            ? otherwise
            : string.Join(", ", _stories.Values.Take(MaxTexts).Select(static c => c.Text)) + (more > 0 ? $" and {more} more" : "");
        return new Cause(
            UntrustedText.Printable(text, Cause.MaxTextLength),
            [.. _stories.Values.Select(static c => c.Container).OfType<ContainerId>()], _filesChanged, _reloadRequested);
    }
}
