using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Real nginx whose configuration, map and files of single hosts are of one generation, whenever it is asked.</summary>
[Platform("Linux")]
[CancelAfter(60_000)]
public sealed class NginxGroupTests
{
    private const int Swaps = 8;
    private const string Map = "maps/versions.map";

    private readonly int _port = RealProxy.FreePort();
    private TempDirectory _directory = null!;

    private string Current => _directory[".templater/nginx/current"];

    [SetUp]
    public void CreateDirectory()
    {
        RealProxy.Require("nginx");
        _directory = new TempDirectory();
    }

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task EveryAnswerIsOfOneGenerationAndNoneIsMissing(CancellationToken cancellationToken)
    {
        using var deployer = Create();
        await DeployAsync(deployer, Config(0));
        using var proxy = await StartAsync();
        await DeployAsync(deployer, Config(0));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answers = new HashSet<string>();
        var load = Task.Run(
            async () =>
            {
                while (!end.IsCancellationRequested)
                    answers.Add(await RealProxy.GetAsync(_port));
            },
            CancellationToken.None);

        for (var number = 1; number <= Swaps; number++)
            Assert.That(await DeployAsync(deployer, Config(number)), Is.InstanceOf<DeployOutcome.Live>());
        await end.CancelAsync();
        await load;

        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo($"v{Swaps}-v{Swaps}-v{Swaps}"));
        Assert.That(answers, Is.SubsetOf(Enumerable.Range(0, Swaps + 1).Select(number => $"v{number}-v{number}-v{number}")).And.Count.GreaterThan(1));
    }

    [Test]
    public async Task AHostsFileThatIsGoneIsServedNoMoreAndForeignFilesStay()
    {
        using var deployer = Create();
        await DeployAsync(deployer, Config(0, ("hosts/other.conf", "location = /other { return 200 other; }\n")));
        using var proxy = await StartAsync();
        await DeployAsync(deployer, Config(0, ("hosts/other.conf", "location = /other { return 200 other; }\n")));
        Assert.That(await RealProxy.GetAsync(_port, "other"), Is.EqualTo("other"));
        var foreign = (string[])[_directory.Write("by hand.conf", ""), _directory.Write(".templater/notes", ""), _directory.Write(".templater/nginx/gen/of the operator/x", "")];

        foreach (var number in (int[])[1, 2, 3])
            Assert.That(await DeployAsync(deployer, Config(number)), Is.InstanceOf<DeployOutcome.Live>());

        Assert.That(await RealProxy.GetAsync(_port, "other"), Is.EqualTo("v3-v3-v3"));
        Assert.That(Directory.EnumerateFiles(_directory.Path, "other.conf", SearchOption.AllDirectories), Is.Empty);
        Assert.That(foreign, Has.All.Matches<string>(File.Exists));
        Assert.That(Directory.GetDirectories(_directory[".templater/nginx/gen"]), Has.Length.EqualTo(3), "the present one, the former one, and the operator's");
    }

    [TestCase(true, TestName = "A map that the checker refuses never goes live")]
    [TestCase(false, TestName = "Without a checker a map that nginx refuses is taken back, with all that came with it")]
    public async Task ARefusedSetLeavesTheFormerOneServed(bool hasChecker)
    {
        using var deployer = Create(hasChecker);
        await DeployAsync(deployer, Config(0));
        using (await StartAsync())
        {
            await DeployAsync(deployer, Config(0));

            var outcome = await DeployAsync(deployer, Config(1, (Map, "default v1 v1 v1;\n")));
            if (!hasChecker && outcome is DeployOutcome.Owed)
                outcome = (await deployer.SettleDebtAsync(CancellationToken.None))!;

            Assert.That(outcome, hasChecker
                ? Is.InstanceOf<DeployOutcome.Refused>().With.Property("IsByChecker").True
                : Is.InstanceOf<DeployOutcome.Failed>().With.Property("Restored").True.Or.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True, outcome.ToString());
            if (hasChecker)
                Assert.That(((DeployOutcome.Refused)outcome).Output, Does.Contain("versions.map"));
            Assert.That((File.ReadAllText(Path.Combine(Current, Map)), await RealProxy.GetAsync(_port)), Is.EqualTo(("default v0;\n", "v0-v0-v0")));
        }

        // Started anew it serves the same.
        using var next = await StartAsync();
        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo("v0-v0-v0"));
    }

    [Test]
    public async Task AnEntryThatSomebodyElseWroteIsServedUntilItMayBeAdopted()
    {
        var foreign = $"events {{}} http {{ access_log off; server {{ listen 127.0.0.1:{_port}; return 200 theirs; }} }}\n";
        _directory.Write("nginx.conf", foreign);
        using var proxy = await StartAsync();

        DeployOutcome refused;
        using (var deployer = Create())
            refused = await DeployAsync(deployer, Config(0));

        Assert.That(refused, Is.InstanceOf<DeployOutcome.Failed>().With.Property("Reason").Contains("--adopt"), refused.ToString());
        Assert.That((_directory.Read("nginx.conf"), await RealProxy.GetAsync(_port)), Is.EqualTo((foreign, "theirs")));

        using var adopting = Create(adopts: true);
        Assert.That(await DeployAsync(adopting, Config(0)), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo("v0-v0-v0"));
    }

    [Test]
    public async Task AConfigurationThatIsMountedAloneCannotHaveFurtherFiles()
    {
        var theirs = $"events {{}} http {{ access_log off; server {{ listen 127.0.0.1:{_port}; return 200 mounted; }} }}\n";
        _directory.Write("nginx.conf", "");
        using var mount = await Mounts.BindAsync(_directory.Write("host.conf", theirs), _directory["nginx.conf"]);
        using var proxy = await StartAsync();
        using var deployer = Create(adopts: true);

        var outcome = await DeployAsync(deployer, Config(0));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Failed>(), outcome.ToString());
        Assert.That(outcome.Findings.Single(), Has.Property("Reason").EqualTo(ReasonIds.SingleFileMount).And.Property("Message").StartsWith(
            $"cannot write {_directory["nginx.conf"]}: it is mounted as a single file, and its template writes further files that go live together with it. Mount its directory, {_directory.Path}, in both containers instead."));
        Assert.That((_directory.Read("nginx.conf"), await RealProxy.GetAsync(_port), Directory.Exists(_directory[".templater"])), Is.EqualTo((theirs, "mounted", false)));
    }

    private Deployer Create(bool hasChecker = true, bool adopts = false) =>
        new DeployerFactory(StateDirectory.Open(_directory["state"]), null, TimeProvider.System).Create(
            new OutputDefinition { Name = "nginx", Kind = ProxyKind.Nginx, Template = "nginx", Path = _directory["nginx.conf"] },
            new DeploymentSettings
            {
                Reload = ReloadSpec.Parse($"pidfile:{_directory["nginx.pid"]}"),
                Validate = hasChecker ? new ValidateSpec.Auto() : ValidateSpec.Parse("none"),
                ReloadInterval = TimeSpan.Zero,
                ReloadTimeout = hasChecker ? null : TimeSpan.FromSeconds(1),
                File = new OutputFileOptions { Adopts = adopts },
            });

    private async Task<RealProxy> StartAsync()
    {
        var proxy = RealProxy.Start("nginx", "-p", _directory.Path, "-e", "stderr", "-c", _directory["nginx.conf"], "-g", $"daemon off; pid {_directory["nginx.pid"]};");
        await RealProxy.WaitForAsync(_port);
        return proxy;
    }

    private static async Task<DeployOutcome> DeployAsync(Deployer deployer, RenderedFile file)
    {
        deployer.OnProxyStarted();
        return await deployer.DeployAsync(file, "test", CancellationToken.None);
    }

    private RenderedFile Config(int number, params (string Name, string Text)[] further)
    {
        var generation = $"{number:x16}";
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal) { [Map] = $"default v{number};\n", ["hosts/a.conf"] = $"location / {{ return 200 v{number}-$version-v{number}; }}\n" };
        foreach (var (name, text) in further)
            files[name] = text;
        return new RenderedFile
        {
            Output = "nginx",
            Path = _directory["nginx.conf"],
            Generation = generation,
            PrintsGeneration = true,
            FilesDirectory = Current,
            Files = [.. files.Select(static file => new FurtherFile(file.Key, Encoding.UTF8.GetBytes(file.Value)))],
            Content = Encoding.UTF8.GetBytes(
                $$"""
                worker_processes 2;
                events { worker_connections 64; }
                error_log stderr;
                http {
                  access_log off;
                  client_body_temp_path {{_directory["body"]}};
                  map $host $version { include {{Current}}/{{Map}}; }
                  server { listen 127.0.0.1:{{_port}}; include {{Current}}/hosts/*.conf; }
                  # {{generation}}
                }

                """),
        };
    }
}
