using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>193 sites in order and a few that the proxy does not take, each in its own way, under a template of the user's.</summary>
/// <param name="poisons">The names of those few, each with the kind that the template reads.</param>
/// <param name="good">Kinds of the first of the others.</param>
internal sealed partial class PoisonedSites(ImmutableArray<(string Name, string Kind)> poisons, params string[] good) : IAsyncDisposable
{
    /// <summary>How long it may take with a checker beside Templater.</summary>
    public static readonly TimeSpan LocalTime = TimeSpan.FromSeconds(5);

    /// <summary>The same with a checker in a container.</summary>
    public static readonly TimeSpan ExecTime = TimeSpan.FromSeconds(30);

    private const int Good = 193;
    private const string IsLeftOut = "is left out until it changes";

    private readonly HashSet<string> _expected = [];
    private static readonly Lock Warming = new();
    private static Task? _warm;

    public RunBench Bench { get; } = new();

    public FakeDockerEngine Engine { get; } = new();

    // k(ceil(log2 n) + 1) + 1.
    private int MostChecks => (poisons.Length * ((int)Math.Ceiling(Math.Log2(Good + poisons.Length)) + 1)) + 1;

    /// <summary>Starts Templater, and waits until the good sites are served and nobody else, and all others are named.</summary>
    /// <param name="template">Path of the template.</param>
    /// <param name="validate">Who checks.</param>
    /// <param name="mostTime">How long that may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task StartAsync(string template, string validate, TimeSpan mostTime, CancellationToken cancellationToken)
    {
        lock (Warming)
            _warm ??= WarmUpAsync(template, cancellationToken);
        await _warm;
        for (var i = 0; i < Good; i++)
        {
            var name = "site" + i.ToString("000", CultureInfo.InvariantCulture);
            Add(name, i < good.Length ? good[i] : "");
            _expected.Add(name);
        }

        foreach (var (name, kind) in poisons)
            Add(name, kind);
        Bench.Settings(Bench.State, $"template: {template}", $"docker_host: {Engine.Host}", "reload: none", $"validate: {validate}");
        var start = Stopwatch.GetTimestamp();
        Bench.Start();
        await UntilServedAsync(cancellationToken);
        foreach (var (name, _) in poisons)
            await Bench.Says($"\"{name}\" {IsLeftOut}", cancellationToken);
        var took = Stopwatch.GetElapsedTime(start);
        Assert.That(Bench.Log.Split(IsLeftOut), Has.Length.EqualTo(poisons.Length + 1), Bench.Log);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Good} of {Good + poisons.Length} served and the others named after {took.TotalSeconds:0.0} s"));
        Assert.That(took, Is.LessThan(mostTime));
    }

    /// <summary>The checker was asked no more often than halving takes for each of those few, and once for the file.</summary>
    public void AssertFewChecks(int checks)
    {
        TestContext.Out.WriteLine($"{checks} checks, {MostChecks} at most");
        Assert.That(checks, Is.InRange(1, MostChecks));
    }

    /// <summary>Mends a label: that brings one back, and nobody else.</summary>
    public async Task MendAsync(string name, CancellationToken cancellationToken)
    {
        Engine.Remove(name);
        Add(name, "");
        _expected.Add(name);
        await UntilServedAsync(cancellationToken);
    }

    /// <summary>A newcomer that clashes with a live site loses, also where it comes first in the file.</summary>
    public async Task LoseAsync(string newcomer, string kind, CancellationToken cancellationToken)
    {
        Add(newcomer, kind);
        await Bench.Says($"\"{newcomer}\" {IsLeftOut}", cancellationToken);
        await UntilServedAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Bench.Dispose();
        await Engine.DisposeAsync();
    }

    // The program that is shipped is compiled; this process compiles what runs in it for the first time.
    private async Task WarmUpAsync(string template, CancellationToken cancellationToken)
    {
        await using var sites = new PoisonedSites(poisons, good);
        // Those that were there first stay.
        for (var i = 0; i < good.Length; i++)
            sites.Add($"good{i}", good[i]);
        foreach (var (name, kind) in poisons)
            sites.Add(name, kind);
        sites.Bench.Settings(sites.Bench.State, $"template: {template}", $"docker_host: {sites.Engine.Host}", "reload: none", "validate: auto");
        sites.Bench.Start();
        foreach (var (name, _) in poisons)
            await sites.Bench.Says($"\"{name}\" {IsLeftOut}", cancellationToken);
        await sites.Bench.End();
    }

    private void Add(string name, string kind) => Engine.AddContainer(name, container =>
        container.Label("templater.host", name + ".example.com").Label("templater.data.kind", kind).Expose(80).Network("front"));

    private Task UntilServedAsync(CancellationToken cancellationToken) => Bench.Until(() => _expected.SetEquals(Served()), cancellationToken);

    private IEnumerable<string> Served() => File.Exists(Bench.Directory["out.txt"])
        ? Hosts().Matches(Bench.Directory.Read("out.txt")).Select(static match => match.Groups[1].Value)
        : [];

    [GeneratedRegex(@"([a-z0-9-]+)\.example\.com")]
    private static partial Regex Hosts();
}
