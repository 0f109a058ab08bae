using System.Collections.Immutable;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment.Reloading;

// Pairs that are new, renewed or gone: connections that are open keep theirs, new ones get the new one.
internal sealed partial class HAProxyRuntime
{
    private const string NotLoaded = "Not found";
    private const string Success = "Success!";
    private const string Deleted = "deleted";
    private const string WhichPairs = "@1 show ssl cert";

    // What HAProxy was seen to have, by name: after a start of its own it has what the file holds, which is nothing older.
    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);

    /// <summary>Brings pairs that are new or renewed.</summary>
    /// <returns>How many pairs were changed.</returns>
    private async Task<int> BringAsync(RuntimeCertificates certificates, CancellationToken cancellationToken)
    {
        var loaded = certificates.Folder is null ? null : await LoadedAsync(cancellationToken);
        var unseen = certificates.Pairs.Where(pair => !_seen.TryGetValue(pair.Name, out var digest) || digest != pair.Digest || loaded?.Contains(pair.Name) == false).ToArray();
        var added = new List<string>();
        var changed = 0;
        foreach (var pair in unseen)
        {
            if (changed == MaxChanges)
                throw new TooMuchException($"more than {Counted(MaxChanges, "certificate")} changed at once");
            var present = await ShowAsync(pair, cancellationToken);
            var isNew = present.Contains(NotLoaded, StringComparison.Ordinal);
            var payload = PairPayload.Read(pair.File);
            if (certificates.Folder is { } folder && (isNew || HAProxyCertificates.IsUnused(present)))
            {
                await AddAsync(pair, payload, folder, isNew, cancellationToken);
                added.Add(pair.Name);
                changed++;
            }
            // Where no listener has it there is nobody who could show the old one.
            else if (!isNew && (IsKnownAsAnother(pair) || !HAProxyCertificates.Has(present, payload.Fingerprint, payload.Issuers)))
            {
                await RenewAsync(pair, payload, cancellationToken);
                changed++;
            }

            _seen[pair.Name] = pair.Digest;
        }

        if (added.Count > 0 && added.Find((await ListedAsync(certificates.Folder!, cancellationToken)).IsMissing) is { } lost)
            throw new RefusedCommandException($"add ssl crt-list {certificates.Folder!.Name} {lost}", "it does not list it");
        return changed;
    }

    /// <summary>Takes away pairs whose files are gone.</summary>
    /// <returns>How many they were.</returns>
    private async Task<int> ForgetAsync(RuntimeCertificates certificates, CancellationToken cancellationToken)
    {
        // Without its folder nobody knows what is gone.
        if (certificates.Folder is not { } folder || !Directory.Exists(folder.Path))
            return 0;
        var wanted = certificates.Pairs.Select(static pair => pair.Name).ToHashSet(StringComparer.Ordinal);
        var gone = (await LoadedAsync(cancellationToken)).Where(name => !wanted.Contains(name) && IsGone(folder, name)).Order(StringComparer.Ordinal).ToArray();
        if (gone.Length == 0)
            return 0;
        // HAProxy may have a folder of its own there, which Templater does not see: only a load of the folder tells.
        if (Array.Find(gone, name => !_seen.ContainsKey(name)) is { } unknown)
            throw new TooMuchException($"HAProxy has {ShownText.OneLine(unknown)}, of which it is not known whether it is gone");
        var listed = await ListedAsync(folder, cancellationToken);
        foreach (var name in gone)
        {
            if (!listed.IsMissing(name))
                await ExpectAsync($"@1 del ssl crt-list {folder.Name} {name}", Deleted, cancellationToken);
            await ExpectAsync($"@1 del ssl cert {name}", Deleted, cancellationToken);
            _seen.Remove(name);
        }

        return (await LoadedAsync(cancellationToken)).Overlaps(gone) ? throw new RefusedCommandException("del ssl cert", "it has it still") : gone.Length;
    }

    private bool IsKnownAsAnother(RuntimeCertificate pair) => _seen.TryGetValue(pair.Name, out var digest) && digest != pair.Digest;

    // A file that is there and cannot be used now does not take away what is in use.
    private static bool IsGone(RuntimeFolder folder, string name) =>
        name.Length > folder.Name.Length + 1 && name.StartsWith(folder.Name, StringComparison.Ordinal) && name[folder.Name.Length] == '/'
        && !MayExist(Path.Combine(folder.Path, name[(folder.Name.Length + 1)..]));

    // What may not be looked at is not gone.
    private static bool MayExist(string path)
    {
        try
        {
            File.GetAttributes(path);
            return true;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private async Task AddAsync(RuntimeCertificate pair, PairPayload payload, RuntimeFolder folder, bool isNew, CancellationToken cancellationToken)
    {
        try
        {
            if (isNew)
                await ExpectAsync($"@1 new ssl cert {pair.Name}", "New empty", cancellationToken);
            await RenewAsync(pair, payload, cancellationToken);
            await ExpectAsync($"@1 add ssl crt-list {folder.Name} {pair.Name}", Success, cancellationToken);
        }
        catch (RefusedCommandException)
        {
            // Half of it would be another state than that of a fresh start.
            await master.SendAsync($"@1 del ssl crt-list {folder.Name} {pair.Name}", AnswerLimit, cancellationToken);
            await master.SendAsync($"@1 del ssl cert {pair.Name}", AnswerLimit, cancellationToken);
            throw;
        }
    }

    private async Task RenewAsync(RuntimeCertificate pair, PairPayload payload, CancellationToken cancellationToken)
    {
        try
        {
            await ExpectAsync($"@1 set ssl cert {pair.Name} <<\n{payload.Text}", "Transaction", cancellationToken);
            await ExpectAsync($"@1 commit ssl cert {pair.Name}", Success, cancellationToken);
        }
        catch (RefusedCommandException)
        {
            // What was begun would stand in the way of the next one.
            await master.SendAsync($"@1 abort ssl cert {pair.Name}", AnswerLimit, cancellationToken);
            throw;
        }

        if (!HAProxyCertificates.Has(await ShowAsync(pair, cancellationToken), payload.Fingerprint, payload.Issuers))
            throw new RefusedCommandException($"commit ssl cert {pair.Name}", "it shows another certificate");
    }

    private async Task<string> ShowAsync(RuntimeCertificate pair, CancellationToken cancellationToken)
    {
        // Its answers name a file as it was named; more than a plain path would be other words of a command.
        if (pair.Name.Any(static character => char.IsWhiteSpace(character) || char.IsControl(character) || character is ';' or '\\' or '"' or '\''))
            throw new TooMuchException($"the path {ShownText.OneLine(pair.Name)} cannot be said in a command");
        return await master.SendAsync($"{WhichPairs} {pair.Name}", AnswerLimit, cancellationToken);
    }

    private async Task<ImmutableHashSet<string>> LoadedAsync(CancellationToken cancellationToken)
    {
        var answer = await master.SendAsync(WhichPairs, AnswerLimit, cancellationToken);
        return HAProxyCertificates.Loaded(answer) ?? throw new RefusedCommandException(WhichPairs, answer);
    }

    private async Task<PairList> ListedAsync(RuntimeFolder folder, CancellationToken cancellationToken)
    {
        var question = $"@1 show ssl crt-list {folder.Name}";
        var answer = await master.SendAsync(question, AnswerLimit, cancellationToken);
        return new PairList(HAProxyCertificates.Listed(answer, folder.Name) ?? throw new RefusedCommandException(question, answer));
    }

    private async Task ExpectAsync(string command, string success, CancellationToken cancellationToken)
    {
        var answer = await master.SendAsync(command, AnswerLimit, cancellationToken);
        if (!answer.Contains(success, StringComparison.Ordinal))
            throw new RefusedCommandException(HAProxyMaster.Shown(command), answer);
    }

    private sealed record PairList(ImmutableHashSet<string> Names)
    {
        public bool IsMissing(string name) => !Names.Contains(name);
    }
}
