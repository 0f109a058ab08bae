using System.Net;
using System.Net.Sockets;
using Templater.Testing;
using static Templater.Cli.Tests.Faults.FaultProxy;

namespace Templater.Cli.Tests.Faults;

/// <summary>All faults, and what the status has to say of each beside each proxy.</summary>
internal static class FaultTable
{
    /// <summary>What is said of every file that was put back.</summary>
    public const string WasRestored = "was restored on disk.";

    /// <summary>The columns.</summary>
    public static readonly IReadOnlyList<string> Kinds = [Nginx, HAProxy, Centauri, PushedCentauri];

    private const string Stays = "Generation 1 stays live.";
    private const string PutBack = "Generation 1 stays live and " + WasRestored;
    private const string ItsLog = "Where its container is labelled templater.proxy=OUTPUT, and GET /containers/*/logs is allowed, the reason is read there";
    private const string NothingNew = "reload-unproven: generation 2 did not become live: nginx (process N) has no new workers after";
    private const string HAProxyRefused =
        "config-refused: haproxy refused generation 2: \"the master says that the reload failed, and not why: HAProxy's own log does. " + ItsLog + "\". " + PutBack;

    private const string HungChecker = "command {root}/check cannot judge the configuration: {root}/check did not end within 30 s and was killed. ";

    private const string NotInRoutes = "a file of routes names neither addresses to listen on nor keys";
    private const string OwnRules = "its rules are checked within the program, whatever else checks";
    private const string NoSignal = "nobody is signalled: it is sent what it fetches";

    private static readonly string[] RulesRefused = ["config-refused: Centauri's rules, in-process refused generation 2: line 5 \"", "\"no_such_directive\" is not a directive", Stays];

    private static readonly string[] Hangs =
    [
        "checker-failed: ",
        HungChecker + "The proxy itself is relied on: what it does not take is put back. Repair the checker, or set validate to none.",
    ];

    /// <summary>The rows.</summary>
    public static readonly IReadOnlyList<Fault> All =
    [
        new("syntax error", static site => Line(site, "no_such_directive on;"), static site => Line(site, ""))
        {
            IsInTemplate = true,
            Told = Each(
                ["config-refused: {proxy} -t refused generation 2: line 11 \"unknown directive \"no_such_directive\" in {root}/config/nginx.conf:11; ", Stays],
                ["config-refused: {proxy} -c refused generation 2: line 12 \"unknown keyword 'no_such_directive' in 'frontend' section\". " + Stays],
                RulesRefused,
                RulesRefused),
        },
        new("syntax error, no checker", static site => Line(site, "no_such_directive on;"), static site => Line(site, ""))
        {
            IsInTemplate = true,
            Settings = ["validate: none", "reload_timeout: 1s"],
            Told = Both([NothingNew + " 1 s; why stands in its own log. " + ItsLog + ". " + PutBack], [HAProxyRefused]),
            Impossible = NoCentauri(OwnRules),
        },
        new("port in use", PortTaken, PortFree)
        {
            IsLong = true,
            IsInTemplate = true,
            Told = Both([NothingNew + " 3 s; why stands in its own log. " + ItsLog + ". " + PutBack], [HAProxyRefused]),
            Impossible = NoCentauri(NotInRoutes),
        },
        new("key missing", static site => KeyAsync(site, isThere: false), KeyThere)
        {
            IsLong = true,
            IsInTemplate = true,
            Told = Both(
                ["config-refused: {proxy} -t refused generation 2: \"cannot load certificate \"{root}/pair.pem\": ", "No such file or directory", Stays],
                ["config-refused: {proxy} -c refused generation 2: line 12 \"", "unable to stat SSL certificate from file '{root}/pair.pem' : No such file or directory.\". " + Stays]),
            Impossible = NoCentauri(NotInRoutes),
        },
        new("key that its user may not read", static site => KeyAsync(site, isThere: true), KeyForAll)
        {
            IsLong = true,
            IsInTemplate = true,
            IsUnprivileged = true,
            Told = Both([NothingNew + " 3 s; why stands in its own log. " + ItsLog + ". " + PutBack], [HAProxyRefused]),
            Impossible = NoCentauri(NotInRoutes),
        },
        new("key that its user may not read, checked as that user", static site => KeyAsync(site, isThere: true), KeyForAll)
        {
            IsLong = true,
            IsInTemplate = true,
            IsUnprivileged = true,
            Settings = [$"validate: \"command:{string.Join(' ', AsOtherUser)} {{proxy}} {{check}}\""],
            Told = Both(
                // A checker that may not read something says nothing of the file: the proxy is the judge.
                [NothingNew + " 3 s; why stands in its own log. " + ItsLog + ". " + PutBack],
                ["config-refused: command setpriv refused generation 2: line 12 \"", "{root}/pair.pem", Stays]),
            Impossible = NoCentauri(NotInRoutes),
        },
        new("proxy stopped", static site => Do(site.Proxy.Kill), static site => Do(() => site.Proxy.Start(site.Config)))
        {
            Service = FaultService.Nothing,
            Told = Each(["owed, waits for a proxy"], ["owed, waits for a proxy"], ["owed, waits for a proxy"], ["owed, waits for a proxy"]),
        },
        new("proxy stopped for half a minute", static site => Do(site.Proxy.Kill), static site => Do(() => site.Proxy.Start(site.Config)))
        {
            IsLong = true,
            Service = FaultService.Nothing,
            Told = Each(
                [Missing("pidfile:{root}/nginx.pid", "the process N that it names does not run")],
                [Missing("haproxy:{root}/master.sock", "nobody listens on that socket")],
                [Missing("pidfile:{root}/centauri.pid", "the process N that it names does not run")],
                [Missing("push:127.0.0.1:PORT", "no Centauri is connected")]),
        },
        new("proxy takes no signal for a moment", static site => site.Proxy.SignalAsync("STOP"), static site => site.Proxy.SignalAsync("CONT"))
        {
            Service = FaultService.FormerOfNewFile,
            Settings = ["reload_timeout: 60s"],
            Told = new Dictionary<string, string[]>
            {
                [Nginx] = ["owed"],
                [HAProxy] = ["owed"],
                [Centauri] =
                [
                    "reload-unproven: centauri (process N) is stopped, so it has not read the new configuration. The reload stays owed. Let it go on (kill -CONT, docker unpause), or restart it.",
                    "owed",
                ],
            },
            Impossible = new Dictionary<string, string> { [PushedCentauri] = NoSignal },
        },
        new("proxy takes no signal beyond the deadline", static site => site.Proxy.SignalAsync("STOP"), static site => site.Proxy.SignalAsync("CONT"))
        {
            IsLong = true,
            Told = Both(
                [NothingNew + " 3 s; why stands in its own log. " + ItsLog + ". " + PutBack],
                ["reload-unproven: generation 2 did not become live: {root}/master.sock did not answer \"show proc\" within 3 s, and was silent for more than 60 s. " + PutBack]),
            Impossible = new Dictionary<string, string> { [Centauri] = "it is owed for as long as it is stopped: the row before", [PushedCentauri] = NoSignal },
        },
        new("client refuses what it is sent", static site => Refuse(site, static text => !text.Contains("two", StringComparison.Ordinal)), static site => Refuse(site, static _ => true))
        {
            IsLong = true,
            Told = new Dictionary<string, string[]> { [PushedCentauri] = ["generation 2", PutBack] },
            Impossible = new Dictionary<string, string> { [Nginx] = "a syntax error", [HAProxy] = "a syntax error", [Centauri] = "it ends on such a file, which is never put in place" },
        },
        new("checker hangs", static site => site.HangAsync(), static site => site.UnhangAsync())
        {
            IsLong = true,
            IsToldUntilNext = true,
            Service = FaultService.Wanted,
            Settings = ["validate: command:{0}/check"],
            Told = new Dictionary<string, string[]>
            {
                [Nginx] = Hangs, [HAProxy] = Hangs, [Centauri] = Hangs,
            },
            Impossible = new Dictionary<string, string> { [PushedCentauri] = "the next row" },
        },
        new("checker hangs, and nothing proves", static site => site.HangAsync(), static site => site.UnhangAsync())
        {
            IsLong = true,
            Settings = ["validate: command:{0}/check"],
            Told = new Dictionary<string, string[]>
            {
                [PushedCentauri] =
                [
                    "checker-failed: ",
                    HungChecker + "Nothing else could tell in time whether the proxy takes it, so the live configuration was not touched. Repair the checker, or set validate to none.",
                ],
            },
            Impossible = new Dictionary<string, string> { [Nginx] = "the row before", [HAProxy] = "the row before", [Centauri] = "the row before" },
        },
        new("full disk", static site => site.FillAsync(), static site => site.EmptyAsync())
        {
            Told = All4("output-failed: cannot write {root}/config/FILE: no space is left on its file system. Free some; the write is tried again. The proxy keeps its present configuration."),
        },
        new("read-only disk", static site => site.RemountAsync("ro"), static site => site.RemountAsync("rw"))
        {
            Told = All4("output-denied: cannot write {root}/config/FILE: the file system is mounted read-only here. Mount it read-write for Templater. The proxy keeps its present configuration."),
        },
        new("file that is mounted alone", static site => site.BindAsync(), static site => site.UnbindAsync())
        {
            Service = FaultService.Wanted,
            Told = All4("{root}/config/FILE is mounted as a single file, so it is written in place: a crash in that moment leaves half a file. Mount the directory instead."),
        },
    ];

    private static string Missing(string specification, string why) =>
        $"reload-target-missing: nothing matches {specification}: {why}. The new configuration is written, the reload is owed and will be sent when it appears.";

    private static Dictionary<string, string[]> Both(string[] nginx, string[] haproxy) => new() { [Nginx] = nginx, [HAProxy] = haproxy };

    private static Dictionary<string, string[]> Each(string[] nginx, string[] haproxy, string[] centauri, string[] pushed) =>
        new() { [Nginx] = nginx, [HAProxy] = haproxy, [Centauri] = centauri, [PushedCentauri] = pushed };

    private static Dictionary<string, string[]> All4(string told) => Kinds.ToDictionary(static kind => kind, _ => (string[])[told]);

    private static Dictionary<string, string> NoCentauri(string why) => new() { [Centauri] = why, [PushedCentauri] = why };

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    // One file holds both, so that nobody sees one without the other.
    private static Task Line(FaultSite site, string line) => Do(() => site.UseTemplate(site.Proxy.Template(line, "two")));

    private static Task Refuse(FaultSite site, Func<string, bool> takes) => Do(() => ((PushedFaultProxy)site.Proxy).Takes = takes);

    private static Task PortTaken(FaultSite site)
    {
        var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        site.Held = taken;
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        return Line(site, site.Proxy.Kind == Nginx ? $"listen 127.0.0.1:{port};" : $"bind 127.0.0.1:{port}");
    }

    private static Task PortFree(FaultSite site) => Do(site.Held!.Dispose);

    private static string PairOf(FaultSite site) => Path.Combine(site.Root, "pair.pem");

    private static async Task KeyAsync(FaultSite site, bool isThere)
    {
        var pair = PairOf(site);
        (await ChildProcess.RunAsync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=a", "-keyout", pair + ".key", "-out", pair + ".crt"])).MustSucceed();
        if (isThere)
            await KeyThere(site, UnixFileMode.None);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = listener.LocalEndpoint;
        listener.Stop();
        await Line(site, site.Proxy.Kind == Nginx ? $"listen {address} ssl; ssl_certificate {pair}; ssl_certificate_key {pair};" : $"bind {address} ssl crt {pair}");
    }

    private static Task KeyThere(FaultSite site) => KeyThere(site, UnixFileMode.UserRead);

    private static async Task KeyThere(FaultSite site, UnixFileMode mode)
    {
        var pair = PairOf(site);
        await File.WriteAllTextAsync(pair + ".both", await File.ReadAllTextAsync(pair + ".crt") + await File.ReadAllTextAsync(pair + ".key"));
        Allow(pair + ".both", mode);
        File.Move(pair + ".both", pair);
    }

    private static Task KeyForAll(FaultSite site) => Do(() => Allow(PairOf(site), UnixFileMode.UserRead | UnixFileMode.OtherRead));

    private static void Allow(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }
}
