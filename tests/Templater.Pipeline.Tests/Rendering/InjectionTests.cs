using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>Whatever a container says, the structure of a file stays what it is with a harmless value.</summary>
public sealed class InjectionTests
{
    private const string Innocent = "innocent.example.com";
    private const string Victim = "victim";
    private const int MostShown = 5;

    private static readonly string[] Values =
    [
        .. NastyText.Printable, .. NastyText.Impossible, new string('a', 1990), new string('$', 1990), new string('"', 1990), new string('a', 5000), new string('x', 10_000),
        "/" + new string('b', 900), "~^/a;{}$", "=/x\";", "/a;{}\"'\\%#$b", "https://x.example.com/;}{\"$y%[src]", "unix:/var/run/docker.sock", "a.example.com; return 200",
        "max-age=1; includeSubDomains", "max-age=1;}", "cookie:a;b", "cookie:$host", "X-Some: a; b", "X-Some: $host%[src]\"", "X-Some: a\nb", "~ ^/a;{}$", "= /a;\"", "~(?<templater_dollar>x)", "~a{1}",
        "/$host", "/${host}", "/%[src]", "/\"", "/'", "/\\", "/a b", "/#", "/é", "10.0.0.1; deny all", "private }", "X$host", "X-A: x", "%ci", "8080; }", "http://unix:/x", "200",
        Probe.LongName, Probe.Names("z", 200), Probe.LongName + "a",
    ];

    // Where a host or a path is wanted, most texts are legal only behind these.
    private static readonly string[] PlaceValues =
        [.. NastyText.Printable.Concat(NastyText.Impossible).SelectMany(text => new[] { "~" + text, "=/" + text, "~ " + text, "= /" + text })];

    /// <summary>One of each kind: for places of which nothing comes into a file, and for a template that is another one with less around it.</summary>
    private static readonly string[] FewValues = [";", "}", "\"", "'", "\\", "%[src]", "#", "$host", "${HOME}", "a b", "a\nb", "\0", "\ud800", "200", new string('x', 10_000)];

    /// <summary>For each place that a container can write to, and for each value: the file has a shape that a harmless value gives it, too.</summary>
    [TestCase("nginx")]
    [TestCase("nginx-http")]
    [TestCase("haproxy")]
    [TestCase("centauri")]
    [TestCase("domains")]
    public void NoValueAnywhereChangesTheStructure(string template)
    {
        var renderer = new Scenario().Renderer(template);
        var failures = new List<string>();
        foreach (var probe in Probe.All)
        {
            var allowed = Innocuous(probe).Select(scenario => Shape(template, probe, scenario.Text(template, renderer))).ToHashSet(StringComparer.Ordinal);
            failures.AddRange(ValuesOf(template, probe).Select(value => (Value: value, Shape: Shape(template, probe, Beside(probe, value).Text(template, renderer))))
                .Where(given => !allowed.Contains(given.Shape))
                .Select(given => $"{probe}: {given.Value}\n{Difference(allowed, given.Shape)}"));
        }

        Assert.That(failures, Is.Empty, () => string.Join("\n\n", failures.Take(MostShown)));
    }

    /// <summary>All values in all places of one file, which the real program takes.</summary>
    [TestCase("nginx")]
    [TestCase("nginx-http")]
    [TestCase("haproxy")]
    [TestCase("centauri")]
    public async Task TheRealCheckerAcceptsAllNastyValuesAtOnce(string template)
    {
        using var certificates = new TempDirectory();
        Directory.CreateDirectory(certificates["haproxy"]);
        var scenario = new Scenario { Proxy = new ProxySettings { CertsDirectory = certificates.Path } };
        scenario.Add("innocent", ("templater.host", Innocent));
        var number = 0;
        foreach (var probe in Probe.All.Where(probe => probe.IsPrinted))
        {
            foreach (var value in ValuesOf(template, probe))
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"v{number++}");
                scenario.Add(name);
                scenario.Change(name, container => Renamed(probe.Write(container, value), name));
            }
        }

        var rendering = scenario.Render(template);
        Assert.That(rendering.Quarantined, Is.Empty, "what routing accepts is nothing that a shipped template chokes on");
        var text = Encoding.UTF8.GetString(rendering.File!.Content.Span);
        Assert.That(text, Does.Contain(Innocent).And.Contain("172.20.0.2:8080"));
        await (template switch
        {
            "nginx" => RealChecker.AcceptsNginx(text),
            "nginx-http" => RealChecker.AcceptsNginx($"events {{}}\nhttp {{\n{text}\n}}\n"),
            "haproxy" => RealChecker.AcceptsHAProxy(text),
            _ => Task.Run(() => Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(text)), Is.Null)),
        });
    }

    private static IEnumerable<string> ValuesOf(string template, Probe probe) => (template, probe) switch
    {
        ("nginx-http", _) or (_, { IsPrinted: false }) => FewValues,
        (_, { IsPlace: true }) => Values.Concat(PlaceValues),
        _ => Values,
    };

    // What is not the value of the probe differs from one container to the next, so that all of them are in the file.
    private static Container Renamed(Container container, string name) => container with
    {
        Labels = container.Labels.ToImmutableSortedDictionary(label => label.Key, label => label.Value == Probe.Host ? $"{name}.example.com" : label.Value, StringComparer.Ordinal),
        Env = container.Env.ToImmutableSortedDictionary(variable => variable.Key, variable => variable.Value == Probe.Host ? $"{name}.example.com" : variable.Value, StringComparer.Ordinal),
    };

    [TestCase("nginx.scriban", "{{# format: nginx #}}\n# {{ containers[0].name }}\n", 2, 6)]
    [TestCase("site.haproxy.scriban", "{{ for c in containers }}\n  # {{ c.labels[\"a\"] }}\n{{ end }}", 2, 8)]
    [TestCase("x.nginx.scriban", "{{ for h in virtual_hosts }}{{ x = h.data.note }}\n{{ x | string.upcase }}{{ end }}", 2, 4)]
    [TestCase("wrong.nginx.scriban", "{{ containers[0].name | haproxy.string }}", 1, 4)]
    public void ATemplateThatPrintsAContainersTextUnquotedIsRefused(string name, string template, int line, int column)
    {
        using var directory = new TempDirectory();
        var output = new Scenario().Output("nginx") with { Template = directory.Write(name, template) };
        var load = OutputRenderer.Load(output, new DiskTemplateFiles());
        Assert.That(load.Renderer, Is.Null);
        Assert.That(load.Findings[0].Reason, Is.EqualTo(ReasonIds.TemplateError));
        Assert.That((load.Diagnostics[0].Line, load.Diagnostics[0].Column), Is.EqualTo((line, column)), load.Findings[0].Message);
    }

    [Test]
    public void AValueThatOnlyTheTemplateCanRefuseQuarantinesItsContainerAlone()
    {
        using var directory = new TempDirectory();
        var template = directory.Write("site.nginx.scriban", "{{ for host in virtual_hosts }}server {{ host.name }} {{ host.data.x ?? \"\" | nginx.literal }}\n{{ end }}");
        var scenario = new Scenario().Add("innocent", ("templater.host", Innocent)).Add(Victim, ("templater.host", Probe.Host), ("templater.data.x", "$"));
        var load = OutputRenderer.Load(scenario.Output("nginx") with { Template = template }, new DiskTemplateFiles());
        var rendering = load.Renderer!.Render(scenario.Snapshot, scenario.Policy, new ProxyHint.None(), CancellationToken.None);
        Assert.That(rendering.Quarantined, Has.Count.EqualTo(1));
        Assert.That(rendering.Findings.Single(finding => finding.Reason == ReasonIds.Quarantined).Message, Does.Contain("victim").And.Contain("site.nginx.scriban:1:"));
        Assert.That(Encoding.UTF8.GetString(rendering.File!.Content.Span), Does.Contain(Innocent).And.Not.Contain(Probe.Host));
    }

    /// <summary>An innocent container, and one that writes a value to some place.</summary>
    private static Scenario Beside(Probe probe, string value)
    {
        var scenario = Alone().Add(Victim);
        scenario.Change(Victim, container => probe.Write(container, value));
        return scenario;
    }

    private static Scenario Alone() => new Scenario()
        .Certificate("/certs", "a.crt", "a.key", Probe.Host)
        .Certificate("/certs", "haproxy/a.pem", "haproxy/a.pem", Probe.Host)
        .Add("innocent", ("templater.host", Innocent));

    /// <summary>The same with each harmless value, without any, with the route refused, and without the container.</summary>
    private static IEnumerable<Scenario> Innocuous(Probe probe)
    {
        yield return Alone();
        foreach (var value in probe.Harmless)
            yield return Beside(probe, value);
        foreach (var (label, value) in new[] { ("", ""), ("templater.port", "x"), ("templater.network", "nowhere"), ("com.chameth.proxy", "x") })
        {
            var scenario = Alone().Add(Victim);
            scenario.Change(Victim, container =>
            {
                var unwritten = probe.Write(container, "");
                var labels = unwritten.Labels.RemoveRange(unwritten.Labels.Where(item => item.Value.Length == 0).Select(item => item.Key));
                return unwritten with
                {
                    Name = container.Name,
                    Endpoints = container.Endpoints,
                    Labels = label.Length > 0 ? labels.SetItem(label, value) : labels,
                    Env = unwritten.Env.RemoveRange(unwritten.Env.Where(item => item.Value.Length == 0).Select(item => item.Key)),
                };
            });
            yield return scenario;
        }
    }

    private static string Shape(string template, Probe probe, string text) => string.Join('\n', ConfigShape.Of(template, text, hasKeywords: !probe.IsNames));

    private static string Difference(IEnumerable<string> allowed, string shape)
    {
        var nearest = allowed.MaxBy(other => other.Split('\n').Intersect(shape.Split('\n')).Count())!.Split('\n');
        return string.Join('\n', shape.Split('\n').Except(nearest).Select(line => "+ " + line).Concat(nearest.Except(shape.Split('\n')).Select(line => "- " + line)));
    }
}
