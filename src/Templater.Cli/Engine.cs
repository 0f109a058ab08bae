using Mono.Unix.Native;
using Templater.Cli.Options;
using Templater.Docker;
using Templater.Pipeline.Inventory;

namespace Templater.Cli;

/// <summary>The engine that settings name.</summary>
internal static class Engine
{
    private const string HomeVariable = "HOME";

    /// <summary>A client of it; nothing is called yet.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="purposes">What the client may be used for; everything else is denied before it is sent.</param>
    /// <param name="surroundings">Clock and variables.</param>
    /// <exception cref="DockerException"><see cref="DockerErrorReason.InvalidSettings"/>: the TLS files are unusable.</exception>
    public static DockerClient Connect(Settings settings, CallPurposes purposes, Surroundings surroundings)
    {
        var address = settings.Get(EngineSettings.DockerHost);
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["DOCKER_HOST"] = address.ToString(),
            ["DOCKER_TLS_VERIFY"] = settings.Get(EngineSettings.DockerTlsVerify) ? "1" : null,
            ["DOCKER_CERT_PATH"] = settings.Get(EngineSettings.DockerCertPath),
            [HomeVariable] = surroundings.Variables.GetValueOrDefault(HomeVariable),
        };
        return new DockerClient(EngineOptions.FromEnvironment(variables.GetValueOrDefault) with
        {
            Address = address,
            AllowedCalls = AllowedCalls.For(purposes),
            TimeProvider = surroundings.Time,
            FindSocketOwner = OwnerOf,
        });
    }

    /// <summary>The calls of a program that stays: watching, and whatever the reloads, checks and proofs of outputs take.</summary>
    public static CallPurposes WatchingOf(Settings settings, IEnumerable<OutputPlan> plans) =>
        plans.Aggregate(ReadingOf(settings) | CallPurposes.Watch, static (purposes, plan) => purposes | plan.Deployment.EngineCalls);

    /// <summary>The calls of a command that reads once.</summary>
    public static CallPurposes ReadingOf(Settings settings) =>
        settings.Get(EngineSettings.Swarm) == SwarmMode.Off ? CallPurposes.Read : CallPurposes.Read | CallPurposes.Services;

    private static SocketOwner? OwnerOf(string path) =>
        !OperatingSystem.IsWindows() && Syscall.stat(path, out var status) == 0 ? new SocketOwner(status.st_uid, status.st_gid) : null;
}
