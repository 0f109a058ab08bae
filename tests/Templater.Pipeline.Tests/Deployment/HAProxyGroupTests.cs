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
    private TempDirectory _directory = null!;
    private Deployer _deployer = null!;

    [SetUp]
    public void Begin()
    {
        RealProxy.Require("haproxy");
        _directory = new TempDirectory("tpl-");
        _deployer = new DeployerFactory(StateDirectory.Open(_directory["state"]), null, TimeProvider.System).Create(
            new OutputDefinition { Name = "haproxy", Kind = ProxyKind.HAProxy, Template = "haproxy", Path = _directory["haproxy.cfg"] },
            new DeploymentSettings { Reload = ReloadSpec.Parse($"haproxy:{_directory["m.sock"]}"), ReloadInterval = TimeSpan.Zero });
    }

    // SetUp may have been skipped over.
    [TearDown]
    public void End()
    {
        _deployer?.Dispose();
        _directory?.Dispose();
    }

    [Test]
    public async Task MapAndConfigurationAreOfOneGenerationUnderLoad(CancellationToken cancellationToken)
    {
        await _deployer.DeployAsync(Config(0), "test", cancellationToken);
        using var proxy = RealProxy.Start("haproxy", "-W", "-db", "-S", $"{_directory["m.sock"]},level,operator", "-f", _directory["haproxy.cfg"]);
        await RealProxy.WaitForAsync(_port);
        await LiveAsync(Config(0), cancellationToken);
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
            await LiveAsync(Config(number), cancellationToken);
        await end.CancelAsync();
        await load;

        Assert.That(await AnswerAsync(), Is.EqualTo($"v{Swaps}-v{Swaps}"));
        Assert.That(answers.Except([""]), Is.SubsetOf(Enumerable.Range(0, Swaps + 1).Select(number => $"v{number}-v{number}")).And.Not.Empty);
    }

    [Test]
    public async Task AMapThatHAProxyDoesNotTakeIsRefusedAndTheLiveOneStays(CancellationToken cancellationToken)
    {
        await _deployer.DeployAsync(Config(0), "test", cancellationToken);

        // As an address it is none.
        var bad = Config(1, "map_ip");
        var outcome = await _deployer.DeployAsync(bad, "test", cancellationToken);

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("IsByChecker").True, outcome.ToString());
        Assert.That(File.ReadAllText(_directory[".templater/haproxy/current/maps/versions.map"]), Is.EqualTo("k v0\n"));
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

    private async Task LiveAsync(RenderedFile file, CancellationToken cancellationToken)
    {
        DeployOutcome outcome;
        do
        {
            _deployer.OnProxyStarted();
            outcome = await _deployer.DeployAsync(file, "test", cancellationToken);
            if (outcome is DeployOutcome.Owed)
                await Task.Delay(25, cancellationToken);
        }
        while (outcome is DeployOutcome.Owed);
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>().Or.InstanceOf<DeployOutcome.Unchanged>(), outcome.ToString());
    }

    private RenderedFile Config(int number, string map = "map")
    {
        var current = _directory[".templater/haproxy/current"];
        var generation = $"{number:x16}";
        return new RenderedFile
        {
            Output = "haproxy",
            Path = _directory["haproxy.cfg"],
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
