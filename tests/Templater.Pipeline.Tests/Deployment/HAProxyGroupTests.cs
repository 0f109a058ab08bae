using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Real HAProxy whose configuration and map are of one generation, whenever it is asked.</summary>
[Platform("Linux")]
[CancelAfter(60_000)]
public sealed class HAProxyGroupTests
{
    private const int Swaps = 5;

    private readonly int _port = RealProxy.FreePort();

    [Test]
    public async Task MapAndConfigurationAreOfOneGenerationUnderLoad(CancellationToken cancellationToken)
    {
        RealProxy.Require("haproxy");
        using var directory = new TempDirectory("tpl-");
        using var deployer = new DeployerFactory(StateDirectory.Open(directory["state"]), null, TimeProvider.System).Create(
            new OutputDefinition { Name = "haproxy", Kind = ProxyKind.HAProxy, Template = "haproxy", Path = directory["haproxy.cfg"] },
            new DeploymentSettings { Reload = ReloadSpec.Parse($"haproxy:{directory["m.sock"]}"), ReloadInterval = TimeSpan.Zero });
        await deployer.DeployAsync(Config(directory, 0), "test", cancellationToken);
        using var proxy = RealProxy.Start("haproxy", "-W", "-db", "-S", $"{directory["m.sock"]},level,operator", "-f", directory["haproxy.cfg"]);
        await RealProxy.WaitForAsync(_port);
        await LiveAsync(deployer, Config(directory, 0), cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answers = new HashSet<string>();
        var load = Task.Run(
            async () =>
            {
                while (!end.IsCancellationRequested)
                    answers.Add(await AnswerAsync());
            },
            CancellationToken.None);

        for (var number = 1; number <= Swaps; number++)
            await LiveAsync(deployer, Config(directory, number), cancellationToken);
        await end.CancelAsync();
        await load;

        Assert.That(await AnswerAsync(), Is.EqualTo($"v{Swaps}-v{Swaps}"));
        Assert.That(answers.Except([""]), Is.SubsetOf(Enumerable.Range(0, Swaps + 1).Select(number => $"v{number}-v{number}")).And.Not.Empty);
    }

    [Test]
    public async Task AMapThatHAProxyDoesNotTakeIsRefusedAndTheLiveOneStays(CancellationToken cancellationToken)
    {
        RealProxy.Require("haproxy");
        using var directory = new TempDirectory("tpl-");
        using var deployer = new DeployerFactory(StateDirectory.Open(directory["state"]), null, TimeProvider.System).Create(
            new OutputDefinition { Name = "haproxy", Kind = ProxyKind.HAProxy, Template = "haproxy", Path = directory["haproxy.cfg"] },
            new DeploymentSettings { Reload = ReloadSpec.Parse($"haproxy:{directory["m.sock"]}"), ReloadInterval = TimeSpan.Zero });
        await deployer.DeployAsync(Config(directory, 0), "test", cancellationToken);

        // As an address it is none.
        var bad = Config(directory, 1, "map_ip");
        var outcome = await deployer.DeployAsync(bad, "test", cancellationToken);

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("IsByChecker").True, outcome.ToString());
        Assert.That(File.ReadAllText(directory[".templater/haproxy/current/maps/versions.map"]), Is.EqualTo("k v0\n"));
    }

    // A connection that the reload breaks off is no answer.
    private async Task<string> AnswerAsync()
    {
        try
        {
            return await RealProxy.GetAsync(_port);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return "";
        }
    }

    private static async Task LiveAsync(Deployer deployer, RenderedFile file, CancellationToken cancellationToken)
    {
        DeployOutcome outcome;
        do
        {
            deployer.OnProxyStarted();
            outcome = await deployer.DeployAsync(file, "test", cancellationToken);
            if (outcome is DeployOutcome.Owed)
                await Task.Delay(25, cancellationToken);
        }
        while (outcome is DeployOutcome.Owed);
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>().Or.InstanceOf<DeployOutcome.Unchanged>(), outcome.ToString());
    }

    private RenderedFile Config(TempDirectory directory, int number, string map = "map")
    {
        var current = directory[".templater/haproxy/current"];
        var generation = $"{number:x16}";
        return new RenderedFile
        {
            Output = "haproxy",
            Path = directory["haproxy.cfg"],
            Generation = generation,
            PrintsGeneration = true,
            FilesDirectory = current,
            Files = [new FurtherFile("maps/versions.map", Encoding.UTF8.GetBytes($"k v{number}\n"))],
            Content = Encoding.UTF8.GetBytes(
                $"""
                global
                  set-var proc.templater_generation str({generation})
                  maxconn 100
                defaults
                  mode http
                  timeout client 5s
                  timeout server 5s
                  timeout connect 5s
                frontend f
                  bind 127.0.0.1:{_port}
                  http-request return status 200 content-type text/plain lf-string "v{number}-%[str(k),{map}({current}/maps/versions.map)]"

                """),
        };
    }
}
