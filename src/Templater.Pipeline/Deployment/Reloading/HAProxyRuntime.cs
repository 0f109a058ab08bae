using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>
/// Brings the current worker of HAProxy to what the slots, the pairs and the names of hosts of a file are, over the master socket, which needs level admin for that. It
/// looks at what HAProxy has and changes only what differs, so that it does not matter who changed it, or what was interrupted.
/// </summary>
/// <param name="master">The master socket.</param>
internal sealed partial class HAProxyRuntime(HAProxyMaster master)
{
    /// <summary>How reasons for a reload begin where HAProxy could have been told while it runs, but not this time.</summary>
    public const string Failed = "runtime: ";

    /// <summary>Most servers, names or pairs that are changed one by one: loading the file is quicker then.</summary>
    public const int MaxChanges = 1000;

    private const string Denied = "Permission denied";

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);

    private bool _isDenied;

    /// <summary>Said while the socket is known to allow no changes; else null.</summary>
    public Finding? Note => _isDenied ? SocketFindings.RuntimeDenied(master.Path) : null;

    /// <exception cref="HAProxySocketException">Nobody answers.</exception>
    public async Task<RuntimeAnswer> ApplyAsync(JournalEntry entry, OutputSet files, RuntimeCertificates? certificates, CancellationToken cancellationToken)
    {
        try
        {
            if (await master.GetVariableAsync(HAProxyVariableProof.Variable, AnswerLimit, cancellationToken) is not { } live)
                return new RuntimeAnswer.NeedsReload("HAProxy runs no generation of this output");
            if (live != entry.Printed)
                return new RuntimeAnswer.NeedsReload("more has changed than it can be told while it runs");
            if (certificates is null)
                return new RuntimeAnswer.NeedsReload("which certificates it needs is not known yet") { MayBeHalfTold = true };
            // A pair is there before its name, and goes after it.
            var pairs = await BringAsync(certificates, cancellationToken);
            var changed = await FillAsync(ServerSlots.Read(files.Content.Span), cancellationToken);
            var named = await NameAsync(HostLines.Read(files.Content.Span), cancellationToken);
            pairs += await ForgetAsync(certificates, cancellationToken);
            // Names of hosts may be changed by an operator, too.
            _isDenied &= pairs + changed == 0;
            return new RuntimeAnswer.Applied(How(changed, named, pairs));
        }
        catch (HAProxySocketException error) when (error.Trouble == HAProxySocketTrouble.NoAnswer)
        {
            return new RuntimeAnswer.NeedsReload(Failed + error.Message) { MayBeHalfTold = true };
        }
        catch (Exception error) when (error is TooMuchException or PairPayloadException)
        {
            return new RuntimeAnswer.NeedsReload(Failed + error.Message) { MayBeHalfTold = true };
        }
        catch (RefusedCommandException refused)
        {
            _isDenied |= refused.IsDenied;
            return new RuntimeAnswer.NeedsReload(Failed + refused.Message) { Note = Note, MayBeHalfTold = true };
        }
    }

    private static string How(int servers, int names, int certificates)
    {
        var parts = new List<string>(3);
        if (servers > 0)
            parts.Add(Counted(servers, "server"));
        if (names > 0)
            parts.Add(Counted(names, "host name"));
        if (certificates > 0)
            parts.Add(Counted(certificates, "certificate"));
        return parts.Count == 0 ? "haproxy runs it already" : Failed + string.Join(", ", parts);
    }

    private static string Counted(int count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count} {thing}{(count == 1 ? "" : "s")}");

    /// <returns>How many servers were changed.</returns>
    private async Task<int> FillAsync(ImmutableArray<ServerSlot> slots, CancellationToken cancellationToken)
    {
        var changes = await DifferencesAsync(slots, cancellationToken);
        if (changes.Count > MaxChanges)
            throw new TooMuchException($"{Counted(changes.Count, "server")} changed at once, which is more than {MaxChanges}");
        // Who comes first, who goes after: there is somebody at every moment.
        foreach (var change in changes)
            if (!change.Wanted.IsParked)
                await FillAsync(change, cancellationToken);
        foreach (var change in changes)
            if (change.Wanted.IsParked)
                await ParkAsync(change, cancellationToken);
        if (changes.Count > 0 && await DifferencesAsync(slots, cancellationToken) is [var first, ..])
            throw new RefusedCommandException($"set server {first.Name}", "it is not what it was set to");
        return changes.Count;
    }

    private async Task<List<Change>> DifferencesAsync(ImmutableArray<ServerSlot> slots, CancellationToken cancellationToken)
    {
        const string Question = "@1 show servers state";
        var changes = new List<Change>();
        if (slots.IsEmpty)
            return changes;
        var answer = await master.SendAsync(Question, AnswerLimit, cancellationToken);
        var running = HAProxyServers.Parse(answer) ?? throw new RefusedCommandException(Question, answer);
        foreach (var slot in slots)
        {
            if (!running.TryGetValue((slot.Backend, slot.Server), out var server))
                throw new RefusedCommandException($"{slot.Backend}/{slot.Server}", "HAProxy has no such server");
            if (!server.Is(slot))
                changes.Add(new Change(slot, server));
        }

        return changes;
    }

    private async Task FillAsync(Change change, CancellationToken cancellationToken)
    {
        await PlaceAsync(change, cancellationToken);
        if (!change.Present.IsReady)
            await SetAsync($"{change.Name} state ready", cancellationToken);
    }

    // Requests that it has are answered: only new ones go elsewhere.
    private async Task ParkAsync(Change change, CancellationToken cancellationToken)
    {
        if (!change.Present.IsParked)
            await SetAsync($"{change.Name} state maint", cancellationToken);
        await PlaceAsync(change, cancellationToken);
    }

    private async Task PlaceAsync(Change change, CancellationToken cancellationToken)
    {
        var (slot, server) = change;
        if (!server.HasPlaceOf(slot))
            await SetAsync(string.Create(CultureInfo.InvariantCulture, $"{change.Name} addr {slot.Address} port {slot.Port}"), cancellationToken, "changed from");
        if (server.Weight != slot.Weight)
            await SetAsync(string.Create(CultureInfo.InvariantCulture, $"{change.Name} weight {slot.Weight}"), cancellationToken);
    }

    /// <param name="words">What follows <c>set server</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="success">What an answer to a success contains; empty when there is none.</param>
    private async Task SetAsync(string words, CancellationToken cancellationToken, string success = "")
    {
        var command = $"@1 set server {words}";
        var answer = (await master.SendAsync(command, AnswerLimit, cancellationToken)).Trim();
        if (success.Length == 0 ? answer.Length > 0 : !answer.Contains(success, StringComparison.Ordinal))
            throw new RefusedCommandException(command, answer);
    }

    private sealed record Change(ServerSlot Wanted, RunningServer Present)
    {
        public string Name => $"{Wanted.Backend}/{Wanted.Server}";
    }

    private sealed class TooMuchException(string message) : Exception(message);

    private sealed class RefusedCommandException(string command, string answer)
        : Exception($"HAProxy answered \"{ShownText.OneLine(answer)}\" to \"{command}\"")
    {
        public bool IsDenied { get; } = answer.Contains(Denied, StringComparison.Ordinal);
    }
}
