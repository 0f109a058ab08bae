namespace Templater.Cli.Tests.Commands;

/// <summary>What <c>templater render</c> makes of a template that writes further files beside its configuration.</summary>
public sealed class RenderFurtherFilesTests : RenderFixture
{
    private const string Map = "maps/hosts.map";

    private const string Current = ".templater/site/current";

    private const string Listed = """
        {{# format: plain #}}{{ capture hosts }}{{ for host in virtual_hosts }}{{ host.name }} 1
        {{ end }}{{ end }}map {{ output_file "maps/hosts.map" hosts }}
        """;

    [Test]
    public async Task TheyAreWrittenWhereTheConfigurationLooksForThem()
    {
        var path = Scratch["out/site.conf"];
        var (first, second) = (await Render(Listed, "--output", path), await Render(Listed, "--output", path));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.ExitCode, first.Error), Is.EqualTo((0, "")));
            Assert.That(second.Output, Does.Contain("(unchanged)"));
            Assert.That(Scratch.Read("out/site.conf"), Is.EqualTo($"map /config/{Current}/{Map}"), "as the proxy sees it");
            Assert.That(Scratch.Read($"out/{Current}/{Map}"), Is.EqualTo("shop.example.com 1\n"));
        }
    }

    [Test]
    public async Task WithoutAFileForTheResultTheyAreNamedBesideIt()
    {
        var run = await Render(Listed);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(run.Output, Is.EqualTo($"map /config/{Current}/{Map}"));
            Assert.That(run.Error, Is.EqualTo($"further files, written by --output: {Map} (19 B)\n"));
            Assert.That(Directory.Exists(Scratch[".templater"]), Is.False);
        }
    }

    [Test]
    public async Task NothingIsSaidOfThemWhereItIsToBeQuiet() => Assert.That((await Render(Listed, "--quiet")).Error, Is.Empty);

    [Test]
    public async Task TheFilesOfATemplaterThatRunsAreLeftAlone()
    {
        var path = Scratch["out/site.conf"];
        await Render(Listed, "--output", path);
        var current = Scratch["out/" + Current];
        Directory.Move(current, Scratch["set"]);
        File.CreateSymbolicLink(current, Scratch["set"]);

        var run = await Render(Listed.Replace(" 1", " 2", StringComparison.Ordinal), "--output", path);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.EqualTo(4), run.Output);
            Assert.That(run.Error, Does.Contain($"cannot write {path}: its further files are those of a Templater that runs ({current} is its link). Write to another directory."));
            Assert.That(Scratch.Read("set/" + Map), Is.EqualTo("shop.example.com 1\n"), "a set that was proven never changes");
        }
    }

    [TestCase("output_file '../up' 'x'", "no part may begin with .")]
    [TestCase("output_file 'maps/../../up' 'x'", "no part may begin with .")]
    [TestCase("output_file '/etc/up' 'x'", "must be relative")]
    [TestCase("output_file '' 'x'", "must have 1 to 200 characters")]
    [TestCase("output_file 'up' 'x' }}{{ output_file 'up' 'y'", "up is written twice with different texts")]
    [TestCase("output_file 'up' 'x' }}{{ output_file 'up/up' 'y'", "up/up and up cannot both be there")]
    [TestCase("for i in 0..256 }}{{ output_file ('up' + i) 'x' }}{{ end", "more than 256 further files")]
    public async Task AMistakeIsSaidWithItsPlaceAndNothingIsWritten(string statement, string problem)
    {
        var template = "{{# format: plain #}}first\n{{ " + statement + " }}";
        foreach (var output in (string[][])[["--output", Scratch["out/site.conf"]], []])
        {
            var run = await Render(template, output);
            Assert.That((run.ExitCode, run.Output), Is.EqualTo((3, "")), run.Error);
            Assert.That(run.Error, Does.Contain(problem).And.Contain("site.scriban:2:"));
        }

        var written = Directory.EnumerateFiles(Scratch.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Scratch.Path, path));
        Assert.That(written, Is.EquivalentTo(new[] { "site.scriban", "containers.json" }));
        Assert.That(File.Exists(Path.Combine(Path.GetDirectoryName(Scratch.Path)!, "up")), Is.False);
    }

    [Test]
    public async Task AContainerThatWouldChooseANameIsLeftOut()
    {
        var run = await Render("{{# format: plain #}}{{ for host in virtual_hosts }}{{ for c in containers }}{{ output_file c.name 'x' }}{{ end }}{{ end }}", "--output", Scratch["out/site.conf"], "--strict");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.EqualTo(3), run.Output);
            Assert.That(run.Error, Does.Contain("the name holds text from a container").And.Contain("\"shop\""));
            Assert.That(Directory.Exists(Scratch["out/.templater"]), Is.False);
        }
    }

    [Test]
    public async Task TheSameTextTwiceUnderOneNameIsOneFile()
    {
        var run = await Render("{{# format: plain #}}{{ output_file 'a' 'x' }}{{ output_file 'a' 'x' }}");
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "further files, written by --output: a (1 B)\n")));
    }

    [Test]
    public async Task AFileInTheWayOfTheirFolderIsNamed()
    {
        Scratch.Write("out/.templater", "");
        var run = await Render(Listed, "--output", Scratch["out/site.conf"]);
        Assert.That(run.ExitCode, Is.EqualTo(4), run.Output);
        Assert.That(run.Error, Does.Contain(Scratch["out/.templater"]));
        Assert.That(File.Exists(Scratch["out/site.conf"]), Is.False, "no configuration that names what is not there");
    }
}
