using System.Text.Json;
using YamlDotNet.Core;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>
/// Files for programs that Templater does not know must at least be what the end of their name says: JSON (RFC 8259, one value, no comments)
/// or YAML (any number of documents). What stands in them is not judged.
/// </summary>
internal sealed class WellFormedChecker : IConfigChecker
{
    private const int MaxDepth = 1000;

    private readonly Func<byte[], (long Line, string Problem)?> _check;

    private WellFormedChecker(string language, Func<byte[], (long Line, string Problem)?> check)
    {
        Description = $"well-formed {language}, in-process";
        _check = check;
    }

    public string Description { get; }

    /// <param name="path">Path of the live file.</param>
    /// <returns>Null when the end of its name tells nothing.</returns>
    public static IConfigChecker? For(string path) => Path.GetExtension(path) switch
    {
        ".json" => new WellFormedChecker("JSON", Json),
        ".yaml" or ".yml" => new WellFormedChecker("YAML", Yaml),
        _ => null,
    };

    public async Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken) =>
        _check(await File.ReadAllBytesAsync(candidate, cancellationToken)) is var (line, problem)
            ? new CheckResult.Refused(ShownText.Block($"{live}:{line}: {problem}"), line <= int.MaxValue ? (int)line : null)
            : new CheckResult.Accepted();

    private static (long Line, string Problem)? Json(byte[] content)
    {
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
                // Every token is looked at; none is kept.
            }

            return null;
        }
        catch (JsonException error)
        {
            // The place stands at the end of the message, counted from 0.
            var end = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            return ((error.LineNumber ?? 0) + 1, $"not JSON: {error.Message[..(end < 0 ? error.Message.Length : end)].TrimEnd('.')}");
        }
    }

    private static (long Line, string Problem)? Yaml(byte[] content)
    {
        using var text = new StreamReader(new MemoryStream(content));
        var parser = new Parser(text);
        try
        {
            // The deeper it is, the longer the parser takes for each level.
            for (var depth = 0; depth <= MaxDepth && parser.MoveNext(); depth += parser.Current!.NestingIncrease)
            {
                // Every event is looked at; none is kept.
            }

            return parser.MoveNext() ? (parser.Current!.Start.Line, $"nested deeper than {MaxDepth}") : null;
        }
        catch (YamlException error)
        {
            return (error.Start.Line, $"not YAML: {error.Message.TrimEnd('.')}");
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or FormatException)
        {
            // Some texts bring the parser itself out of step, an unclosed list with a colon behind it for one.
            return (parser.Current?.End.Line ?? 1, "not YAML: look for an unclosed bracket or quote here or above");
        }
    }
}
