using System.Text;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>
/// Centauri's own rules, applied in-process. Centauri ends when it meets a bad file, so a file is never tried out on it; and
/// its <c>-validate</c> passes names on which its route manager then fails, so these rules are stricter than its parser.
/// </summary>
internal sealed class CentauriChecker : IConfigChecker
{
    public string Description => "Centauri's rules, in-process";

    public async Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken) =>
        Check(await File.ReadAllBytesAsync(candidate, cancellationToken)) is var (line, problem)
            ? new CheckResult.Refused($"{live}:{line}: {problem}", line)
            : new CheckResult.Accepted();

    /// <summary>The first line that Centauri would not take, with the reason; null when it takes the file.</summary>
    public static (int Line, string Problem)? Check(ReadOnlySpan<byte> content)
    {
        // The scanner's limit, in bytes.
        const int MaxLine = 65535;
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return (1, "not UTF-8");
        }

        var rules = new CentauriRules();
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var problem = Encoding.UTF8.GetByteCount(raw) > MaxLine ? "the line is too long" : rules.Take(raw.TrimEnd('\r'), number);
            if (problem is not null)
                return (number, problem);
        }

        return rules.End() is { } last ? last : null;
    }
}
