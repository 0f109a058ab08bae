using System.Text.RegularExpressions;
using Templater.Docker;
using Templater.EndToEnd.Tests.Harness;
using Templater.Pipeline.Deployment.Preflight;

namespace Templater.EndToEnd.Tests;

/// <summary>The shipped program on a real engine, behind a filter that lets through what the README lists and nothing else.</summary>
public sealed partial class LeastCallsTests
{
    private const int Forbidden = 403;
    private const string Host = "shop.example.com";

    private static readonly string[] Proxies = Repository.IsFullTier ? ["nginx", "haproxy"] : ["nginx"];

    [Test, CancelAfter(120_000)]
    public async Task AProxyIsSignalledAndProvenAndTheDoctorFindsNothing([ValueSource(nameof(Proxies))] string template)
    {
        await using var stage = await Stage.OpenAsync();
        await using var relay = stage.CreateRelay(Forbidden);
        var calls = AllowedCalls.For(EngineMode.Always.Purposes | EngineMode.All.Single(static mode => mode.Name.Contains("`docker:`", StringComparison.Ordinal)).Purposes).Calls;
        relay.Allows = line => calls.Any(call => IsCall(call, line));
        relay.Start();
        await stage.StartTemplaterAsync(template, relay.ContainerOptions);
        using var client = template == "nginx" ? await stage.StartNginxAsync() : await stage.StartHAProxyAsync();
        await client.WaitForBodyAsync(Host, await stage.StartWebAsync("shop", "-l", "templater.host=" + Host));
        await stage.WaitForLogAsync("+" + Host);
        await stage.WaitForLogAsync(" live in ");

        var doctor = await stage.Engine.RunAsync("exec", Stage.TemplaterName, "templater", "doctor");

        Assert.That(doctor, Does.Contain("9 of 10 needed calls are answered").And.Contain("edge (running)").And.Contain(" 0 errors, 0 warnings"));
        Assert.That(relay.Requests.Where(line => !relay.Allows(line)), Is.Empty, "called and not listed");
        Assert.That(calls.Where(call => !relay.Requests.Any(line => IsCall(call, line))).Select(static call => call.ToString()), Is.Empty, "listed and not called");
        Assert.That(await stage.LogsAsync(), Does.Not.Contain("call-forbidden"));
    }

    private static bool IsCall(AllowedCall call, string line)
    {
        var (method, target) = (line.Split(' ')[0], line.Split(' ')[1]);
        return call.Matches(method, Prefix().Replace(target.Split('?')[0], ""));
    }

    [GeneratedRegex(@"^/v\d+\.\d+")]
    private static partial Regex Prefix();
}
