using System.Collections.Immutable;
using Templater.Docker;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Inventory;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Tests of what is done to a proxy's containers over a fake engine, which begins anew for each.</summary>
public abstract class ContainerControlFixture
{
    private protected static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    private protected FakeDockerEngine Engine { get; private set; } = null!;

    private protected DockerClient Client { get; private set; } = null!;

    private protected DockerContainerControl Control { get; private set; } = null!;

    private protected List<(string Name, string Signal)> Signals { get; } = [];

    [SetUp]
    public void StartEngine()
    {
        Signals.Clear();
        Engine = new FakeDockerEngine { SignalReceived = (container, signal) => Signals.Add((container.Name, signal)) };
        Client = new DockerClient(new EngineOptions
        {
            Address = EngineAddress.Parse(Engine.Host),
            AllowedCalls = AllowedCalls.For(CallPurposes.Watch | CallPurposes.Signal | CallPurposes.Verify | CallPurposes.Exec),
        });
        Control = new DockerContainerControl(Client, sharesClock: true);
    }

    [TearDown]
    public async Task StopEngine()
    {
        Client.Dispose();
        await Engine.DisposeAsync();
    }

    private protected ContainerReloader Reloader(string spec) => ReloadSpec.Parse(spec) switch
    {
        ReloadSpec.Docker docker => ContainerReloader.Named(Control, docker, "nginx"),
        ReloadSpec.Label label => ContainerReloader.Labelled(Control, label, "nginx"),
        var other => throw new ArgumentException(other.ToString()),
    };

    private protected void Take(params Container[] containers)
    {
        foreach (var container in containers)
            Engine.AddContainer(container.Name, fake => fake.WithId(container.Id.Value).State(container.State == ContainerState.Running ? "running" : "exited"));
        var self = containers.FirstOrDefault(container => container.Name == "self");
        Control.Latest = new Snapshot { TakenAt = Noon, Containers = [.. containers.OrderBy(container => container.Name, StringComparer.Ordinal)], Self = self?.Id };
    }

    private protected static Container Make(string name, ContainerState state = ContainerState.Running, (string Project, string Service)? compose = null, params (string Key, string Value)[] labels) => new()
    {
        Id = new ContainerId(ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(name))),
        Name = name,
        Image = new ImageReference("", "my/image", "1", ""),
        State = state,
        Started = Noon,
        Compose = compose is { } identity ? new ComposeIdentity(identity.Project, identity.Service, 1) : null,
        Labels = labels.ToImmutableSortedDictionary(label => label.Key, label => label.Value, StringComparer.Ordinal),
    };
}
