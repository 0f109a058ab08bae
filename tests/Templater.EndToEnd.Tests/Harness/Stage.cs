using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using Templater.Testing;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>One test's containers, networks and volumes on the shared engine: Templater, a proxy, backends. Disposal removes them all.</summary>
internal sealed class Stage : IAsyncDisposable
{
    public const string TemplaterName = "templater";
    public const string ProxyName = "edge";

    // An event is remembered a moment after it happened.
    private const int EventAttempts = 20;

    private const int RemovalAttempts = 200;
    private const int AnswerAttempts = 20;

    // They belong to the Swarm, not to a test.
    private static readonly string[] SwarmNetworks = ["ingress", "docker_gwbridge"];

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseBetweenAnswers = TimeSpan.FromMilliseconds(250);

    private Stage(PrivateDockerEngine engine) => Engine = engine;

    public PrivateDockerEngine Engine { get; }

    /// <summary>What may be asked over HAProxy's master socket: <c>operator</c>, or <c>admin</c> for certificates without a reload.</summary>
    public string MasterSocketLevel { get; set; } = "operator";

    /// <summary>The group that may open the engine's socket.</summary>
    public string SocketGroup { get; private init; } = "0";

    /// <summary>An empty engine with the networks <c>front</c> and <c>back</c> and the volumes of the README.</summary>
    public static async Task<Stage> OpenAsync()
    {
        var engine = await SharedEngine.TakeAsync();
        try
        {
            var stage = await OpenEmptyAsync(engine);
            await engine.RunAsync("network", "create", "front");
            await engine.RunAsync("network", "create", "back");
            return stage;
        }
        catch
        {
            await SharedEngine.GiveBackAsync(engine, isEmpty: false);
            throw;
        }
    }

    /// <summary>An empty engine.</summary>
    public static async Task<Stage> OpenEmptyAsync(PrivateDockerEngine engine)
    {
        var group = (await ChildProcess.RunAsync("stat", ["-c", "%g", engine.Socket])).MustSucceed().Output.Trim();
        var stage = new Stage(engine) { SocketGroup = group };
        await stage.RemoveAllAsync();
        return stage;
    }

    /// <summary>Runs Templater as the README does: its own user, read-only root, no capabilities, real volumes.</summary>
    /// <param name="template">Name of the shipped template, or null when <paramref name="options"/> says it.</param>
    /// <param name="options">More options of <c>docker run</c>; a later one beats an earlier one.</param>
    public async Task RunTemplaterAsync(string? template, params string[] options) =>
        await Engine.RunAsync(
        [
            "run", "-d", "--name", TemplaterName, .. Network("none", options), "--group-add", SocketGroup,
            "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
            "--health-interval", "300ms",
            "-v", Engine.Socket + ":/var/run/docker.sock:ro",
            "-v", "config:/config", "-v", "certs:/certs", "-v", "state:/state", "-v", "run:/run/templater",
            .. template is null ? Array.Empty<string>() : ["-e", "TEMPLATER_TEMPLATE=" + template],
            .. options,
            Images.Templater,
        ]);

    /// <summary>Runs Templater and waits until its own health check passes.</summary>
    public async Task StartTemplaterAsync(string? template, params string[] options)
    {
        await RunTemplaterAsync(template, options);
        await WaitForHealthyAsync(TemplaterName);
    }

    public async Task<SiteClient> StartNginxAsync(params string[] options)
    {
        await RunProxyAsync("nginx", options);
        return await ClientOfAsync(ProxyName);
    }

    public async Task<SiteClient> StartHAProxyAsync(params string[] options)
    {
        await RunProxyAsync("haproxy", options);
        return await ClientOfAsync(ProxyName);
    }

    /// <summary>Runs a proxy as the README does, on <c>front</c> unless the options name another network.</summary>
    /// <param name="template"><c>nginx</c> or <c>haproxy</c>.</param>
    /// <param name="options">More options of <c>docker run</c>.</param>
    public async Task RunProxyAsync(string template, params string[] options)
    {
        await CreateProxyAsync(template, options);
        await Engine.RunAsync("start", ProxyName);
    }

    /// <summary>Makes the same proxy and does not start it.</summary>
    /// <param name="template"><c>nginx</c> or <c>haproxy</c>.</param>
    /// <param name="options">More options of <c>docker create</c>.</param>
    public Task CreateProxyAsync(string template, params string[] options) => Engine.RunAsync(
    [
        "create", "--name", ProxyName, "-l", "templater.proxy=" + template, .. Network("front", options),
        "-v", "config:/config:ro", "-v", "certs:/certs:ro", .. template == "haproxy" ? ["-v", "run:/run/templater"] : Array.Empty<string>(), .. options,
        .. template == "haproxy"
            ? [Images.HAProxy, "haproxy", "-W", "-db", "-S", "/run/templater/master.sock,mode,660,level," + MasterSocketLevel, "-f", "/config/haproxy.cfg"]
            : new[] { Images.Nginx, "nginx", "-c", "/config/nginx.conf", "-g", "daemon off;" },
    ]);

    /// <summary>Starts a backend that answers with its own id.</summary>
    /// <returns>What it answers: its short id.</returns>
    public Task<string> StartWebAsync(string name, params string[] options) => StartWebOnAsync("front", name, options);

    /// <summary>The same on another network.</summary>
    public async Task<string> StartWebOnAsync(string network, string name, params string[] options)
    {
        var id = await Engine.RunAsync(["run", "-d", "--name", name, "--network", network, .. options, Images.Web]);
        return id[..12];
    }

    public async Task<SiteClient> ClientOfAsync(string container, string network = "front", X509Certificate2? trusted = null) =>
        new(await AddressOfAsync(container, network), trusted: trusted);

    /// <summary>Waits until a container answers with this, which may be started meanwhile: each start may give it another address.</summary>
    public async Task WaitForAnswerAsync(string container, string host, string body)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var client = await ClientOfAsync(container);
                await client.WaitForBodyAsync(host, body, TimeSpan.FromSeconds(2));
                return;
            }
            catch (Exception) when (attempt < AnswerAttempts)
            {
                await Task.Delay(PauseBetweenAnswers);
            }
        }
    }

    /// <summary>A relay to the engine in a directory of this test's own; not yet started.</summary>
    public EngineRelay CreateRelay(int failStatus = 500) =>
        new(Engine.Socket, Directory.CreateDirectory(Path.Combine(Engine.WorkDirectory, "r" + Guid.NewGuid().ToString("N")[..8])).FullName) { FailStatus = failStatus };

    /// <summary>The worker processes of a proxy whose PID 1 is the master: they change when, and only when, it reloads.</summary>
    public async Task<string> WorkersAsync(string container = ProxyName)
    {
        var master = await Engine.RunAsync("inspect", "-f", "{{.State.Pid}}", container);
        return await File.ReadAllTextAsync($"/proc/{master}/task/{master}/children");
    }

    /// <summary>
    /// Waits until nginx has one set of workers (<c>worker_processes auto</c>). Its master lets the old ones go 100 ms after the new ones have
    /// started, and until then they answer by the old configuration: one answer by the new one is not the end of it.
    /// </summary>
    public async Task WaitForOldWorkersToGoAsync(CancellationToken cancellationToken)
    {
        while ((await WorkersAsync()).Split(' ', StringSplitOptions.RemoveEmptyEntries).Length > Environment.ProcessorCount)
            await Task.Delay(Poll, cancellationToken);
    }

    public Task<string> AddressOfAsync(string container, string network = "front") =>
        Engine.RunAsync("inspect", "-f", "{{(index .NetworkSettings.Networks \"" + network + "\").IPAddress}}", container);

    /// <summary>The time of the newest event <paramref name="action"/> of a container, by the engine's clock.</summary>
    public async Task<DateTimeOffset> TimeOfEventAsync(string container, string action)
    {
        for (var attempt = 0; attempt < EventAttempts; attempt++)
        {
            var events = await Engine.RunAsync(
                "events", "--since", "5m", "--until", "0s", "--filter", "container=" + container, "--filter", "event=" + action, "--format", "{{.TimeNano}}");
            if (events.Length > 0)
                return DateTimeOffset.UnixEpoch.AddTicks(long.Parse(events.Split('\n')[^1], CultureInfo.InvariantCulture) / 100);
            await Task.Delay(Poll);
        }

        throw new AssertionException($"the engine remembers no {action} of {container}");
    }

    public async Task WaitForHealthyAsync(string container)
    {
        var limit = TimeProvider.System.GetTimestamp();
        while (await Engine.RunAsync("inspect", "-f", "{{.State.Health.Status}}", container) != "healthy")
        {
            if (TimeProvider.System.GetElapsedTime(limit) > StartLimit)
                throw new AssertionException($"{container} did not become healthy: {await LogsAsync(container)}");
            await Task.Delay(Poll);
        }
    }

    /// <summary>What a container wrote, both streams.</summary>
    public async Task<string> LogsAsync(string container = TemplaterName)
    {
        var logs = await Engine.TryRunAsync("logs", container);
        return logs.Output + logs.Error;
    }

    /// <summary>Waits for a line with <paramref name="text"/> in a container's log.</summary>
    public async Task WaitForLogAsync(string text, string container = TemplaterName, TimeSpan? limit = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!(await LogsAsync(container)).Contains(text, StringComparison.Ordinal))
        {
            if (TimeProvider.System.GetElapsedTime(start) > (limit ?? StartLimit))
                throw new AssertionException($"{container} never logged \"{text}\":\n{await LogsAsync(container)}");
            await Task.Delay(Poll);
        }
    }

    /// <summary>Waits until Templater has said that a generation of an output is live.</summary>
    public async Task WaitForLiveAsync(string output, int number)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!Regex.IsMatch(await LogsAsync(), $@"generation {number} \([0-9a-f]+\) live in {output}"))
        {
            if (TimeProvider.System.GetElapsedTime(start) > StartLimit)
                throw new AssertionException($"generation {number} of {output} was never live:\n{await LogsAsync()}");
            await Task.Delay(Poll);
        }
    }

    /// <summary>What Templater said about one reason so far, without the times: <c>warning REASON: text</c>.</summary>
    public async Task<string[]> SaidAsync(string reason) =>
        [.. (await LogsAsync()).Split('\n').Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]).Where(line => line.Contains($" {reason}: ", StringComparison.Ordinal))];

    /// <summary>The directory of a volume on this machine; root may read and write it while containers use it.</summary>
    public Task<string> VolumePathAsync(string volume) => Engine.RunAsync("volume", "inspect", "-f", "{{.Mountpoint}}", volume);

    public async Task<string> ReadVolumeAsync(string volume, string file) =>
        await File.ReadAllTextAsync(Path.Combine(await VolumePathAsync(volume), file));

    public async Task<JsonElement> InspectAsync(string container) =>
        JsonDocument.Parse(await Engine.RunAsync("inspect", container)).RootElement[0];

    public async ValueTask DisposeAsync()
    {
        var isEmpty = false;
        try
        {
            await KeepLogsAsync();
            await RemoveAllAsync();
            isEmpty = true;
        }
        finally
        {
            await SharedEngine.GiveBackAsync(Engine, isEmpty);
        }
    }

    // A second network of a container is no other one, but one more.
    private static string[] Network(string name, string[] options) => options.Contains("--network") ? [] : ["--network", name];

    // For whoever asks later why a test failed: artifacts/test-logs/NAME.log.
    private async Task KeepLogsAsync()
    {
        var directory = Directory.CreateDirectory(Repository.PathOf("artifacts", "test-logs")).FullName;
        var file = new string([.. TestContext.CurrentContext.Test.Name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-').Take(80)]);
        await using var writer = new StreamWriter(Path.Combine(directory, file + ".log"));
        foreach (var name in await NamesAsync("ps", "-a", "--format", "{{.Names}}"))
            await writer.WriteLineAsync($"--- {name}\n{await LogsAsync(name)}");
    }

    private async Task RemoveAllAsync()
    {
        Engine.Thaw();
        // Else their tasks come back as fast as they are removed. No Swarm, no answer.
        if (await NamesAsync("service", "ls", "-q") is { Length: > 0 } services)
            await Engine.TryRunAsync(["service", "rm", .. services]);
        if (await NamesAsync("ps", "-aq") is { Length: > 0 } containers)
            await Engine.TryRunAsync(["rm", "-f", "-v", .. containers]);
        foreach (var network in (await NamesAsync("network", "ls", "--format", "{{.Name}}", "--filter", "type=custom")).Except(SwarmNetworks))
            await RemoveNetworkAsync(network);
        if (await NamesAsync("volume", "ls", "-q") is { Length: > 0 } volumes)
            await Engine.TryRunAsync(["volume", "rm", "-f", .. volumes]);
    }

    // On a busy machine an engine may hold on to an endpoint of a container that it has removed.
    private async Task RemoveNetworkAsync(string network)
    {
        var removal = await Engine.TryRunAsync("network", "rm", network);
        for (var attempt = 0; attempt < RemovalAttempts && removal.ExitCode != 0; attempt++)
        {
            foreach (var name in await NamesAsync("network", "inspect", "-f", "{{range .Containers}}{{println .Name}}{{end}}", network))
                await Engine.TryRunAsync("network", "disconnect", "-f", network, name);
            await Task.Delay(Poll);
            removal = await Engine.TryRunAsync("network", "rm", network);
        }

        removal.MustSucceed();
    }

    private async Task<string[]> NamesAsync(params string[] arguments) =>
        (await Engine.TryRunAsync(arguments)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
