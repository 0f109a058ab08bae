using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>The shipped program on a real engine, behind a filter that lets through what the README lists and nothing else.</summary>
public sealed class LeastCallsTests
{
    private const string Host = "shop.example.com";

    private static readonly string[] Proxies = Rotation.IsFullTier ? ["nginx", "haproxy"] : ["nginx"];

    [Test, CancelAfter(120_000)]
    public async Task AProxyIsSignalledAndProvenAndTheDoctorFindsNothing([ValueSource(nameof(Proxies))] string template)
    {
        await using var stage = await Stage.OpenAsync();
        await using var calls = LeastCalls.Begin(stage, "`docker:`");
        await stage.StartTemplaterAsync(template, calls.ContainerOptions);
        using var client = template == "nginx" ? await stage.StartNginxAsync() : await stage.StartHAProxyAsync();
        await client.WaitForBodyAsync(Host, await stage.StartWebAsync("shop", "-l", "templater.host=" + Host));
        await stage.WaitForLogAsync("+" + Host);
        await stage.WaitForLogAsync(" live in ");

        var doctor = await stage.Engine.RunAsync("exec", Stage.TemplaterName, "templater", "doctor");

        Assert.That(doctor, Does.Contain("9 of 10 needed calls are answered").And.Contain("edge (running)").And.Contain(" 0 errors, 0 warnings"));
        calls.AssertThatTheyWereMade();
        Assert.That(await stage.LogsAsync(), Does.Not.Contain("call-forbidden"));
    }
}
