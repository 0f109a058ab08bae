using System.Security.Cryptography;
using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Rendering;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A deployer over real files and a fake proxy, that can be killed and opened again.</summary>
internal sealed class DeployerBench : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _output;
    private readonly ProxyReloads? _reloads;
    private readonly TimeSpan _interval;

    /// <param name="time">The clock; null = one of its own.</param>
    /// <param name="output">The output's name.</param>
    /// <param name="reloads">The reloads that it shares with another bench; null = none.</param>
    /// <param name="interval">The shortest time between two reloads; null = a second.</param>
    public DeployerBench(FakeTimeProvider? time = null, string output = "nginx", ProxyReloads? reloads = null, TimeSpan? interval = null)
    {
        (Time, _output, _reloads, _interval) = (time ?? new FakeTimeProvider(), output, reloads, interval ?? TimeSpan.FromSeconds(1));
        Directory.CreateDirectory(_directory["out"]);
        Proxy = new FakeProxy(Path, Time);
        Deployer = Open();
    }

    public FakeTimeProvider Time { get; }

    public string Path => _directory["out/nginx.conf"];

    public string StatePath => _directory["state"];

    public string JournalPath => _directory["state/journal/nginx.json"];

    public string GoodPath => _directory["state/proven/nginx"];

    public FakeProxy Proxy { get; }

    public bool HasChecker { get; set; } = true;

    public bool Adopts { get; set; }

    public bool KeepsFailed { get; set; }

    public RollbackRequests Requests => new(StatePath, "nginx");

    public Deployer Deployer { get; private set; }

    public List<DeployOutcome> Settled { get; } = [];

    public string OnDisk => File.ReadAllText(Path);

    public static RenderedFile Rendered(string text, string path = "")
    {
        var generation = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
        return new RenderedFile
        {
            Output = "nginx",
            Path = path,
            Content = Encoding.UTF8.GetBytes($"{text} {generation}\n"),
            Generation = generation,
            PrintsGeneration = true,
        };
    }

    public RenderedFile FileOf(string text) => Rendered(text, Path);

    public Task<DeployOutcome> DeployAsync(string text) => Deployer.DeployAsync(FileOf(text), "test", CancellationToken.None);

    /// <summary>Deploys after enough calm that no interval is in the way.</summary>
    public Task<DeployOutcome> DeployLaterAsync(string text)
    {
        Time.Advance(TimeSpan.FromSeconds(10));
        return DeployAsync(text);
    }

    public async Task<DeployOutcome?> SettleLaterAsync(double seconds = 61)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        return await Deployer.SettleDebtAsync(CancellationToken.None);
    }

    /// <summary>As after kill -9: nothing of the old process is left but its files.</summary>
    public void Reopen()
    {
        Deployer.Dispose();
        Time.Advance(TimeSpan.FromSeconds(10));
        Deployer = Open();
    }

    /// <summary>Changes how far the current generation came, as a crash before a note would leave it.</summary>
    public void EditJournal(string from, string to)
    {
        var text = File.ReadAllText(JournalPath);
        var at = text.IndexOf($"\"phase\": \"{from}\"", StringComparison.OrdinalIgnoreCase);
        Assert.That(at, Is.Positive, text);
        File.WriteAllText(JournalPath, text.Remove(at, $"\"phase\": \"{from}\"".Length).Insert(at, $"\"phase\": \"{to}\""));
    }

    public void Dispose()
    {
        Deployer.Dispose();
        _directory.Dispose();
    }

    private Deployer Open()
    {
        var state = StateDirectory.Open(StatePath);
        var journal = Journal.Open(state, "nginx");
        return new Deployer(new DeployerParts
        {
            Output = _output,
            Debt = new DebtPolicy(_interval),
            Reloads = _reloads ?? new ProxyReloads(Time),
            File = new OutputFile(Path, new OutputFileOptions { Adopts = Adopts }, journal.ScratchDirectory, "nginx"),
            Journal = journal,
            Archive = new GenerationArchive(state, "nginx"),
            Requests = Requests,
            Failed = KeepsFailed ? new FailedSets(state, "nginx", Path) : null,
            Checker = HasChecker ? Proxy : null,
            Reloader = Proxy,
            Proof = Proxy.CanProve ? Proxy : new Templater.Pipeline.Deployment.Proving.NoProof(),
            ReliesOnProxy = Proxy.CanProve,
            Time = Time,
            OnSettled = Settled.Add,
        });
    }
}
