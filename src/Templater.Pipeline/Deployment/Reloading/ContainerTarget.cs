using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Templater.Pipeline.Deployment.Proving.Nginx;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>A running container that reloads on a signal.</summary>
/// <param name="control">The engine.</param>
/// <param name="container">The container as last seen.</param>
/// <param name="signal">What to send.</param>
/// <param name="view">How it sees the output's file.</param>
internal sealed class SignalledContainer(IContainerControl control, Container container, ReloadSignal signal, OutputView view) : IReloadTarget
{
    public string Key => KeyOf(container);

    public string Name => container.Name;

    public DateTimeOffset? Started => control.SharesClock ? container.Started : null;

    public OutputView? View => view;

    public bool SharesClock => control.SharesClock;

    public ImmutableArray<IPAddress> Addresses => AddressesOf(control, container);

    public bool IsLaterRunThan(string key) => IsLaterRun(container, key);

    public static ImmutableArray<IPAddress> AddressesOf(IContainerControl control, Container container) =>
        control.Latest is { } snapshot ? ProxyAddresses.Of(snapshot, container) : [];

    // A restarted container is another run: what was told to the former one was told to a process that is gone.
    public static string KeyOf(Container container) =>
        $"{container.Id}@{container.Started?.UtcTicks.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>True when a key is that of a run of this container.</summary>
    public static bool IsOf(Container container, string key) => IdOf(key) == container.Id;

    /// <summary>The container of a key.</summary>
    public static ContainerId IdOf(string key) => new(key.Split('@')[0]);

    /// <summary>True when a key is that of an earlier run of the same container. Both starts are stamped by the engine's clock.</summary>
    public static bool IsLaterRun(Container container, string key) =>
        key.Split('@') is [var id, var ticks] && id == container.Id.Value
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var former) && former < container.Started?.UtcTicks;

    public static async Task<bool> HasEndedAsync(IContainerControl control, Container container, CancellationToken cancellationToken) =>
        await control.RunAsync(container.Id, cancellationToken) is { } run && (!run.IsRunning || run.Started != container.Started);

    public static async Task<string?> HeldUpAsync(IContainerControl control, Container container, CancellationToken cancellationToken) =>
        await control.RunAsync(container.Id, cancellationToken) is { IsPaused: true } ? "is paused" : null;

    public async Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await control.KillAsync(container.Id, signal, cancellationToken)
                ? new ReloadAnswer.Delivered()
                : new ReloadAnswer.Gone();
        }
        catch (ContainerControlException error)
        {
            return ReloadAnswer.Failed.Of(error);
        }
    }

    public Task<bool> HasEndedAsync(CancellationToken cancellationToken) => HasEndedAsync(control, container, cancellationToken);

    public Task<string?> HeldUpAsync(CancellationToken cancellationToken) => HeldUpAsync(control, container, cancellationToken);

    public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) =>
        control.TopAsync(container.Id, cancellationToken);

    public Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        control.LogsAsync(container.Id, since, cancellationToken);
}

/// <summary>A running container that reloads by a command executed in it.</summary>
/// <param name="control">The engine.</param>
/// <param name="container">The container as last seen.</param>
/// <param name="words">The command's words.</param>
/// <param name="view">How it sees the output's file.</param>
internal sealed class CommandedContainer(IContainerControl control, Container container, ImmutableArray<string> words, OutputView view) : IReloadTarget
{
    public string Key => SignalledContainer.KeyOf(container);

    public string Name => container.Name;

    public DateTimeOffset? Started => control.SharesClock ? container.Started : null;

    public OutputView? View => view;

    public bool SharesClock => control.SharesClock;

    public ImmutableArray<IPAddress> Addresses => SignalledContainer.AddressesOf(control, container);

    public bool IsLaterRunThan(string key) => SignalledContainer.IsLaterRun(container, key);

    public async Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await control.ExecAsync(container.Id, words, CommandRunner.DefaultTimeLimit, cancellationToken) switch
            {
                null => new ReloadAnswer.Gone(),
                { ExitCode: 0 } => new ReloadAnswer.Delivered(),
                var result => new ReloadAnswer.Failed($"{words[0]} in {container.Name}: exit code {result.ExitCode}: {ShownText.OneLine(result.Output)}"),
            };
        }
        catch (ContainerControlException error)
        {
            return ReloadAnswer.Failed.Of(error);
        }
    }

    public Task<bool> HasEndedAsync(CancellationToken cancellationToken) => SignalledContainer.HasEndedAsync(control, container, cancellationToken);

    public Task<string?> HeldUpAsync(CancellationToken cancellationToken) => SignalledContainer.HeldUpAsync(control, container, cancellationToken);

    public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) =>
        control.TopAsync(container.Id, cancellationToken);

    public Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        control.LogsAsync(container.Id, since, cancellationToken);
}
