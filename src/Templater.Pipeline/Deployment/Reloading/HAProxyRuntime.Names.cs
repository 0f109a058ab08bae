using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment.Reloading;

// Names of hosts whose backends are there already.
internal sealed partial class HAProxyRuntime
{
    // So many commands fit into one of HAProxy's buffers.
    private const int ListsAtOnce = 100;

    private const string WhichLists = "@1 show acl";

    /// <returns>How many names were changed.</returns>
    private async Task<int> NameAsync(ImmutableArray<HostLine> lines, CancellationToken cancellationToken)
    {
        if (lines.IsEmpty)
            return 0;
        var lists = await ListsAsync(lines, cancellationToken);
        var changes = await NameDifferencesAsync(lists, cancellationToken);
        var (gone, come) = (Names(changes, isWanted: false), Names(changes, isWanted: true));
        if (changes.Count > MaxChanges)
            throw new TooMuchException($"{Counted(changes.Count, "host name")} changed at once, which is more than {MaxChanges}");
        // A name that goes from one host to another is at both for a moment, and answered by one of them: as nobody's it would perhaps be
        // answered by a pattern that admits more. The frontends of https come last in the file: no name is redirected to where nobody
        // knows it yet, or knows it no more.
        foreach (var change in Enumerable.Reverse(changes))
            if (change.IsWanted)
                await ChangeAsync("add", change, cancellationToken);
        foreach (var change in changes)
            if (!change.IsWanted)
                await ChangeAsync("del", change, cancellationToken);
        if (changes.Count > 0 && await NameDifferencesAsync(lists, cancellationToken) is [var first, ..])
            throw new RefusedCommandException($"{(first.IsWanted ? "add" : "del")} acl #{first.List} {first.Name}", "it is not what it was made");
        return gone.Union(come).Count;
    }

    private static ImmutableHashSet<string> Names(List<NameChange> changes, bool isWanted) =>
        [.. changes.Where(change => change.IsWanted == isWanted).Select(static change => change.Name)];

    // The id that HAProxy runs says that its file has the same lines in the same places, but for what is in them.
    private async Task<ImmutableArray<NameList>> ListsAsync(ImmutableArray<HostLine> lines, CancellationToken cancellationToken)
    {
        var numbers = HAProxyLists.Numbers(await master.SendAsync(WhichLists, AnswerLimit, cancellationToken));
        var lists = ImmutableArray.CreateBuilder<NameList>(lines.Length);
        foreach (var line in lines)
            lists.Add(numbers.TryGetValue(line.Line, out var number) && number >= 0
                ? new NameList(number, line.Names)
                : throw new RefusedCommandException(WhichLists, string.Create(CultureInfo.InvariantCulture, $"no single list of line {line.Line}")));
        return lists.ToImmutable();
    }

    private async Task<List<NameChange>> NameDifferencesAsync(ImmutableArray<NameList> lists, CancellationToken cancellationToken)
    {
        var changes = new List<NameChange>();
        foreach (var some in lists.Chunk(ListsAtOnce))
        {
            var command = string.Join('\n', some.Select(static list => string.Create(CultureInfo.InvariantCulture, $"@1 show acl #{list.Number}")));
            var answer = await master.SendAsync(command, AnswerLimit, cancellationToken);
            var present = HAProxyLists.Entries(answer, some.Length) ?? throw new RefusedCommandException("@1 show acl #…", answer);
            for (var i = 0; i < some.Length; i++)
            {
                changes.AddRange(present[i].Except(some[i].Names).Order(StringComparer.Ordinal).Select(name => new NameChange(some[i].Number, name, IsWanted: false)));
                changes.AddRange(some[i].Names.Except(present[i]).Select(name => new NameChange(some[i].Number, name, IsWanted: true)));
            }
        }

        return changes;
    }

    private async Task ChangeAsync(string verb, NameChange change, CancellationToken cancellationToken)
    {
        var command = string.Create(CultureInfo.InvariantCulture, $"@1 {verb} acl #{change.List} {change.Name}");
        var answer = (await master.SendAsync(command, AnswerLimit, cancellationToken)).Trim();
        if (answer.Length > 0)
            throw new RefusedCommandException(command, answer);
    }

    /// <param name="Number">What HAProxy calls it.</param>
    /// <param name="Names">What it is to hold.</param>
    private sealed record NameList(int Number, ImmutableArray<string> Names);

    private sealed record NameChange(int List, string Name, bool IsWanted);
}
