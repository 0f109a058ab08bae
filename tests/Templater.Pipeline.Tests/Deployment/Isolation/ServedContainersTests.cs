using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Isolation;
using Templater.Pipeline.Inventory;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment.Isolation;

public sealed class ServedContainersTests
{
    private static readonly Container Shop = new()
    {
        Id = new ContainerId("a1"),
        Name = "shop",
        Image = new ImageReference("", "shop", "1", ""),
        State = ContainerState.Running,
    };

    [Test]
    public void WhoIsServedIsKeptAsSoonAsItCanBe()
    {
        using var directory = new TempDirectory();
        var store = new ServedStore(StateDirectory.Open(directory["state"]));
        var served = new ServedContainers("nginx", store);
        var obstacle = Directory.CreateDirectory(directory["state/served/nginx.json.new"]).FullName;

        served.Note([Shop]);
        Assert.That(served.Problem?.Message, Does.StartWith("cannot keep who is served: ").And.Contain("served/nginx.json").And.EndsWith("it is tried again."));
        Assert.That(served.IsAsItIs(Shop));

        Directory.Delete(obstacle);
        served.Note([Shop]);

        Assert.That(served.Problem, Is.Null);
        Assert.That(new ServedContainers("nginx", store).IsAsItIs(Shop));
    }
}
