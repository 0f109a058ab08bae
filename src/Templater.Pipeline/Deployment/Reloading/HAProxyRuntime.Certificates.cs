using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment.Reloading;

// Renewed certificates: connections that are open keep theirs, new ones get the new one.
internal sealed partial class HAProxyRuntime
{
    // What HAProxy takes at once is as big as one of its buffers (tune.bufsize), which is 16 kB.
    private const int MaxPayload = 15_000;

    private const string NotLoaded = "Not found";
    private const string Success = "Success!";

    // What HAProxy was seen to have, by name: after a start of its own it has what the file holds, which is nothing older.
    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);

    /// <returns>How many pairs were changed.</returns>
    private async Task<int> RenewAsync(ImmutableArray<RuntimeCertificate> pairs, CancellationToken cancellationToken)
    {
        var renewed = 0;
        foreach (var pair in pairs)
        {
            if (_seen.TryGetValue(pair.Name, out var digest) && digest == pair.Digest)
                continue;
            if (await RenewAsync(pair, cancellationToken))
                renewed++;
            _seen[pair.Name] = pair.Digest;
        }

        return renewed;
    }

    private async Task<bool> RenewAsync(RuntimeCertificate pair, CancellationToken cancellationToken)
    {
        // Its answers name a file as it was named; more than a plain path would be other words of a command.
        if (pair.Name.Any(static character => char.IsWhiteSpace(character) || char.IsControl(character) || character is ';' or '\\' or '"' or '\''))
            throw new TooMuchException($"the path {ShownText.OneLine(pair.Name)} cannot be said in a command");
        var (payload, fingerprint) = Read(pair.File);
        var present = await ShowAsync(pair, cancellationToken);
        // No listener has it: there is nobody who could show the old one.
        if (present.Contains(NotLoaded, StringComparison.Ordinal) || HasFingerprint(present, fingerprint))
            return false;
        try
        {
            await ExpectAsync($"@1 set ssl cert {pair.Name} <<\n{payload}", $"set ssl cert {pair.Name}", "Transaction", cancellationToken);
            await ExpectAsync($"@1 commit ssl cert {pair.Name}", $"commit ssl cert {pair.Name}", Success, cancellationToken);
        }
        catch (RefusedCommandException)
        {
            // What was begun would stand in the way of the next one.
            await master.SendAsync($"@1 abort ssl cert {pair.Name}", AnswerLimit, cancellationToken);
            throw;
        }

        var answer = await ShowAsync(pair, cancellationToken);
        return HasFingerprint(answer, fingerprint) ? true : throw new RefusedCommandException($"commit ssl cert {pair.Name}", "it shows another certificate");
    }

    private Task<string> ShowAsync(RuntimeCertificate pair, CancellationToken cancellationToken) =>
        master.SendAsync($"@1 show ssl cert {pair.Name}", AnswerLimit, cancellationToken);

    private async Task ExpectAsync(string command, string shown, string success, CancellationToken cancellationToken)
    {
        var answer = await master.SendAsync(command, AnswerLimit, cancellationToken);
        if (!answer.Contains(success, StringComparison.Ordinal))
            throw new RefusedCommandException(shown, answer);
    }

    private static bool HasFingerprint(string answer, string fingerprint) =>
        answer.Contains($"SHA1 FingerPrint: {fingerprint}\n", StringComparison.OrdinalIgnoreCase);

    // An empty line would end the payload, and what follows be taken for commands: nothing but the blocks is sent.
    private static (string Payload, string Fingerprint) Read(string file)
    {
        var payload = new StringBuilder();
        try
        {
            var isWithin = false;
            foreach (var line in File.ReadLines(file))
            {
                var text = line.Trim();
                isWithin |= text.StartsWith("-----BEGIN ", StringComparison.Ordinal);
                if (isWithin && text.Length > 0)
                    payload.Append(text).Append('\n');
                isWithin &= !text.StartsWith("-----END ", StringComparison.Ordinal);
                if (payload.Length > MaxPayload)
                    throw new TooMuchException($"{file} has more than {MaxPayload} bytes");
            }

            using var leaf = X509Certificate2.CreateFromPem(payload.ToString());
            return (payload.ToString(), leaf.GetCertHashString());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new TooMuchException($"{file} cannot be read: {ShownText.OneLine(error.Message)}");
        }
    }
}
