using System.Net;
using Microsoft.Extensions.Logging;
using Templater.Pipeline.Inventory;

namespace Templater.Cli.Running;

/// <summary>The one line at start.</summary>
internal static partial class StartLine
{
    /// <summary>Writes it.</summary>
    /// <param name="logger">The log.</param>
    /// <param name="source">What is read.</param>
    /// <param name="engine">What the engine said about itself; null when it did not answer.</param>
    /// <param name="stages">The outputs.</param>
    /// <param name="listens">Where status and metrics are to be had; null when they are not.</param>
    public static void Write(ILogger logger, string source, EngineDescription? engine, IEnumerable<OutputStage> stages, IPEndPoint? listens)
    {
        var version = engine is null ? "" : $" ({engine.Version}, API {engine.ApiVersion})";
        var outputs = string.Join("; ", stages.Select(static stage =>
            $"output {stage.Plan.Definition.Name} -> {stage.Plan.Definition.Path}; validate: {stage.Deployer.Validation}"));
        var line = $"templater {CommandLine.Version}: {(engine is null ? "source" : "engine")} {source}{version}; {outputs}{(listens is null ? "" : $"; listen: {listens}")}";
        Started(logger, line);
    }

    [LoggerMessage(Level = LogLevel.Information, EventName = "started", Message = "{Line}")]
    private static partial void Started(ILogger logger, string line);
}
