using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// One fault after another beside a real proxy. While it lasts what was proven is served and on disk, and the status tells of it;
/// when it is gone the wanted generation goes live, without anything else that happens.
/// </summary>
[CancelAfter(300_000)]
[Platform("Linux")]
public sealed class FaultMatrixTests
{
    private static readonly string[] Proxies = ["nginx", "haproxy"];

    private static readonly Fault[] All =
    [
        new("syntax error", site => Line(site, "no_such_directive on;"), Mended, Old, "config-refused") { IsInTemplate = true },
        new("syntax error, no checker", site => Line(site, "no_such_directive on;"), Mended, Old, "config-refused|reload-unproven", "validate: none", "reload_timeout: 1s") { IsInTemplate = true },
        new("port in use", PortTaken, PortFree, Old, "config-refused|reload-unproven") { IsLong = true, IsInTemplate = true },
        new("unreadable key", KeyMissing, KeyThere, Old, "config-refused") { IsLong = true, IsInTemplate = true },
        new("proxy stopped", site => { site.Proxy.Kill(); return Task.CompletedTask; }, site => { site.Proxy.Start(site.Config); return Task.CompletedTask; }, "", "owed"),
        new("proxy ignores the signal", site => site.Proxy.SignalAsync("STOP"), site => site.Proxy.SignalAsync("CONT"), null, "reload-unproven|owed", "reload_timeout: 1s"),
        new("full disk", site => site.FillAsync(), site => site.EmptyAsync(), Old, "output-failed"),
        new("read-only disk", site => site.RemountAsync("ro"), site => site.RemountAsync("rw"), Old, "output-denied"),
        new("bind mount", site => site.BindAsync(), static _ => Task.CompletedTask, null, "output-mounted|reload|live") { Logged = "is mounted as a single file, so it is written in place: a crash in that moment leaves half a file." },
        new("checker hangs", site => site.HangAsync(), static _ => Task.CompletedTask, null, "checker", "validate: command:{0}/check") { IsLong = true },
    ];

    private const string Old = "one";

    public static IEnumerable<TestCaseData> Cases => Rotation.Of([.. Proxies.SelectMany(static kind => All.Select(fault => new TestCaseData(kind, fault.Name).SetArgDisplayNames(kind, fault.Name)))])
        .Where(static item => Rotation.IsFullTier || !All.Single(fault => fault.Name == (string)item.Arguments[1]!).IsLong);

    [TestCaseSource(nameof(Cases))]
    public async Task GoesLiveWhenTheFaultIsGone(string kind, string name)
    {
        var fault = All.Single(each => each.Name == name);
        await using var site = new FaultSite(kind, ["reload_interval: 0s", "resync: 1s", .. fault.Settings]);
        await site.MountAsync();
        await site.PrepareCheckAsync();
        await site.OpenAsync(Old);
        // One look sees the fault and what is wanted.
        await site.Program!.SignalAsync("STOP");
        await fault.Begin(site);
        if (!fault.IsInTemplate)
            site.Say("two");
        await site.Program.SignalAsync("CONT");
        await site.Program.SignalAsync("HUP");
        string told = "";
        await site.UntilAsync($"{name} is told", async () => (told = Told(await site.StatusAsync())).Length > 0 && fault.Reasons.Split('|').Any(reason => told.Contains(reason, StringComparison.Ordinal)));
        if (fault.Served is { Length: > 0 } served)
        {
            // Where the proxy itself is the judge the file is there until it has judged.
            await site.UntilAsync($"{name}: what was proven is on disk", () => Task.FromResult(site.IsWhole));
            Assert.That(await site.Proxy.AskAsync(), Is.EqualTo(served));
        }

        Assert.That(site.Program.HasExited, Is.False, site.Program.Log);

        await fault.End(site);

        await site.LiveAsync("two");
        Assert.That(site.Program.Log, Does.Contain(fault.Logged));
        await site.SurvivesARestartAsync(name, "two");
        TestContext.Out.WriteLine($"{kind} | {name} | {told}");
    }

    private static string Told(JsonNode? status)
    {
        if (status is null)
            return "";
        var output = status["outputs"]![0]!;
        return string.Join("; ", (IEnumerable<string>)[
            .. status["findings"]!.AsArray().Where(static finding => (string?)finding!["severity"] != "info").Select(static finding => $"{finding!["reason"]}: {finding["message"]}"),
            .. output["owed_since"] is not null ? ["owed"] : Array.Empty<string>(),
            .. (string?)output["current"]!["phase"] == "proven" && (int)output["current"]!["number"]! > 1 ? ["live"] : Array.Empty<string>()]);
    }

    // One file holds both, so that nobody sees one without the other.
    private static Task Line(FaultSite site, string line)
    {
        site.UseTemplate(site.Proxy.Template(line, "two"));
        return Task.CompletedTask;
    }

    private static Task Mended(FaultSite site) => Line(site, "");

    private static Task PortTaken(FaultSite site)
    {
        var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        site.Held = taken;
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        return Line(site, site.Proxy.Kind == "nginx" ? $"listen 127.0.0.1:{port};" : $"bind 127.0.0.1:{port}");
    }

    private static Task PortFree(FaultSite site)
    {
        site.Held!.Dispose();
        return Task.CompletedTask;
    }

    private static async Task KeyMissing(FaultSite site)
    {
        var pair = Path.Combine(site.Root, "pair.pem");
        (await ChildProcess.RunAsync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=a", "-keyout", pair + ".key", "-out", pair + ".crt"])).MustSucceed();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        listener.Stop();
        await Line(site, site.Proxy.Kind == "nginx" ? $"listen {address} ssl; ssl_certificate {pair}; ssl_certificate_key {pair};" : $"bind {address} ssl crt {pair}");
    }

    private static async Task KeyThere(FaultSite site)
    {
        var pair = Path.Combine(site.Root, "pair.pem");
        await File.WriteAllTextAsync(pair + ".both", await File.ReadAllTextAsync(pair + ".crt") + await File.ReadAllTextAsync(pair + ".key"));
        File.Move(pair + ".both", pair);
    }

    /// <summary>A fault.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Begin">Makes it.</param>
    /// <param name="End">Takes it away.</param>
    /// <param name="Served">What is served meanwhile; empty = nothing can be, null = the old or the new.</param>
    /// <param name="Reasons">What the status has one of.</param>
    /// <param name="Settings">Further settings.</param>
    private sealed record Fault(string Name, Func<FaultSite, Task> Begin, Func<FaultSite, Task> End, string? Served, string Reasons, params string[] Settings)
    {
        /// <summary>The template that makes it asks for another generation too.</summary>
        public bool IsInTemplate { get; init; }

        /// <summary>What the log says of it.</summary>
        public string Logged { get; init; } = "";

        /// <summary>Runs in the full tier alone.</summary>
        public bool IsLong { get; init; }
    }
}
