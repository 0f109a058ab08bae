using System.Collections.Immutable;
using System.Text;
using Templater.Docker;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>One way to use the engine, and the calls that it takes.</summary>
/// <param name="Name">The settings or commands, as the README writes them.</param>
/// <param name="Purposes">The calls; for a setting, those beside <see cref="Always"/>.</param>
public sealed record EngineMode(string Name, CallPurposes Purposes)
{
    /// <summary>What <c>run</c> calls whatever its settings are.</summary>
    public static EngineMode Always { get; } = new("`run`, always", CallPurposes.Watch);

    /// <summary>All modes there are, reading first. The settings' purposes are those that deployers get.</summary>
    public static ImmutableArray<EngineMode> All { get; } =
    [
        new("`render`, `explain`, `labels`, `snapshot`", CallPurposes.Read),
        Always,
        new("on a manager of a Swarm, unless `SWARM=off`", CallPurposes.Services),
        Of("`reload: auto`, `docker:`, `label:`", "auto"),
        Of("the same with another `verify` than `auto`", "auto", verify: "none"),
        Of("`docker:NAME:restart`, `label:K=V:restart`", "docker:proxy:restart"),
        Of("`reload: exec:`", "exec:proxy:true"),
        Of("`reload: haproxy:`, `pidfile:`, `process:`, `command:`, `http:`", "command:true"),
        Of("`reload: push:`, `none`", "none"),
        Of("`validate: exec:`", "none", validate: "exec:proxy:true"),
    ];

    /// <summary>The calls.</summary>
    public ImmutableArray<AllowedCall> Calls => AllowedCalls.For(Purposes).Calls;

    /// <summary>The two tables of the README: the calls, then who needs them.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder("| call | needed for |\n|---|---|\n");
        foreach (var call in AllowedCalls.For(All.Aggregate(CallPurposes.None, static (all, mode) => all | mode.Purposes)).Calls)
            text.Append("| `").Append(call).Append("` | ").Append(call.Need).Append(" |\n");
        text.Append("\n| with | calls |\n|---|---|\n");
        foreach (var mode in All)
            text.Append("| ").Append(mode.Name).Append(" | ").Append(mode.Shown()).Append(" |\n");
        return text.ToString();
    }

    private static EngineMode Of(string name, string reload, string verify = "auto", string validate = "none") => new(name, new DeploymentSettings
    {
        Reload = ReloadSpec.Parse(reload),
        Verify = VerifySpec.Parse(verify),
        Validate = ValidateSpec.Parse(validate),
    }.EngineCalls);

    private string Shown() => Purposes == CallPurposes.None ? "none more" : string.Join(", ", Calls.Select(static call => $"`{call}`"));
}
