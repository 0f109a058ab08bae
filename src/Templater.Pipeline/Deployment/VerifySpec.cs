using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment;

/// <summary>How it is proven that a configuration is live after a reload (setting <c>VERIFY</c>).</summary>
public abstract record VerifySpec
{
    private VerifySpec()
    {
    }

    /// <summary><c>auto</c>: what the kind of proxy and the way it is reached allow.</summary>
    public sealed record Auto : VerifySpec;

    /// <summary><c>none</c>: a delivered reload is final.</summary>
    public sealed record None : VerifySpec;

    /// <summary>
    /// <c>http:URL</c>: three requests in a row, each on a new connection, answer 2xx. A body of 16 hex digits is taken
    /// for a generation endpoint and must equal the new generation.
    /// </summary>
    /// <param name="Url">Absolute http or https URL.</param>
    public sealed record Http(Uri Url) : VerifySpec;

    /// <summary><c>command:COMMAND</c>: exit code 0; <c>{generation}</c> in a word stands for the new generation.</summary>
    /// <param name="Words">The command's words; no shell is involved.</param>
    public sealed record Command(ImmutableArray<string> Words) : VerifySpec;

    /// <summary>Reads a value of the setting <c>VERIFY</c>.</summary>
    /// <param name="text">The value as the operator wrote it.</param>
    /// <exception cref="SpecFormatException">It is not such a value; the message is one line that says what is wrong.</exception>
    public static VerifySpec Parse(string text)
    {
        var spec = SpecText.Of("verify", text);
        return spec.Kind switch
        {
            "auto" => spec.Alone(new Auto()),
            "none" => spec.Alone(new None()),
            "http" => new Http(spec.Url()),
            "command" => new Command(spec.Words(spec.Rest)),
            _ => throw spec.Unknown("auto, none, http:URL or command:COMMAND"),
        };
    }
}
