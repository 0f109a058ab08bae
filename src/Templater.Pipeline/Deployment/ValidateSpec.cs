using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment;

/// <summary>Who checks a configuration before the proxy sees it (setting <c>VALIDATE</c>).</summary>
public abstract record ValidateSpec
{
    private ValidateSpec()
    {
    }

    /// <summary><c>auto</c>: the proxy's own program in this image if there is one, else the proxy itself.</summary>
    public sealed record Auto : ValidateSpec;

    /// <summary><c>none</c>: nobody.</summary>
    public sealed record None : ValidateSpec;

    /// <summary><c>command:COMMAND</c>: exit code 0 accepts; <c>{file}</c> in a word stands for the candidate's path.</summary>
    /// <param name="Words">The command's words; no shell is involved.</param>
    public sealed record Command(ImmutableArray<string> Words) : ValidateSpec;

    /// <summary><c>exec:NAME:COMMAND</c>: the same inside a container, which must see the candidate under the same path.</summary>
    /// <param name="Name">Container name, id or compose service.</param>
    /// <param name="Words">The command's words; no shell is involved.</param>
    public sealed record Exec(string Name, ImmutableArray<string> Words) : ValidateSpec;

    /// <summary>Reads a value of the setting <c>VALIDATE</c>.</summary>
    /// <param name="text">The value as the operator wrote it.</param>
    /// <exception cref="SpecFormatException">It is not such a value; the message is one line that says what is wrong.</exception>
    public static ValidateSpec Parse(string text)
    {
        var spec = SpecText.Of("validate", text);
        return spec.Kind switch
        {
            "auto" => spec.Alone(new Auto()),
            "none" => spec.Alone(new None()),
            "command" => new Command(spec.Words(spec.Rest)),
            "exec" => spec.Exec((name, words) => new Exec(name, words)),
            _ => throw spec.Unknown("auto, none, command:COMMAND or exec:NAME:COMMAND"),
        };
    }
}
