using System.Text;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>Where a proxy complains about a line, the container is known that it comes from.</summary>
public sealed class ProvenanceTests
{
    [TestCase("nginx", "templater.streams.db.listen", "5432", "listen 5432")]
    [TestCase("haproxy", "templater.streams.db.listen", "5432", "bind :5432")]
    [TestCase("nginx", "templater.listen.http", "7000", "listen 7000")]
    [TestCase("haproxy", "templater.listen.http", "7000", "bind :7000")]
    public void ThePortThatALabelAsksForLeadsToItsContainer(string template, string label, string port, string line)
    {
        var scenario = new Scenario { Policy = new RoutingPolicy { StreamPorts = StreamPort.ParseList("5432")!.Value } }
            .Add("web", ("templater.host", "web.example.com"))
            .Add("asking", ("templater.host", "asking.example.com"), (label, port));

        Assert.That(OwnersOf(scenario, template, line), Is.EqualTo(new[] { "asking" }));
    }

    [TestCase("nginx", "listen 80")]
    [TestCase("haproxy", "bind :80")]
    public void ThePortThatIsOpenAnywayLeadsToNobodyOfMany(string template, string line)
    {
        var scenario = new Scenario().Add("one", ("templater.host", "one.example.com")).Add("other", ("templater.host", "other.example.com"));

        Assert.That(OwnersOf(scenario, template, line), Is.Empty);
    }

    private static IEnumerable<string> OwnersOf(Scenario scenario, string template, string line)
    {
        var file = scenario.File(template);
        var lines = Encoding.UTF8.GetString(file.Content.Span).Split('\n');
        var number = Array.FindIndex(lines, text => text.Contains(line, StringComparison.Ordinal)) + 1;
        Assert.That(number, Is.Positive, line);
        return file.Provenance.Where(owner => owner.FirstLine <= number && number <= owner.LastLine)
            .SelectMany(static owner => owner.Containers)
            .Select(id => scenario.Snapshot.Containers.Single(container => container.Id == id).Name);
    }
}
