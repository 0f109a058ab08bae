using System.Text.Json;
using Templater.Cli.Explaining;
using Templater.Pipeline.Explaining;

namespace Templater.Cli.Tests.Explaining;

public sealed class ExplainCommandTests
{
    [TestCase("routed", 0, "api-1")]
    [TestCase("routed", 0, "api.example.com")]
    [TestCase("routed", 0, "API.example.com")]
    [TestCase("routed", 0, "010101010101")]
    [TestCase("conflict-lost", 1, "web")]
    [TestCase("conflict-lost", 0, "shop-old-web-1")]
    [TestCase("conflict-lost", 0, "shop.example.com")]
    [TestCase("conflict-lost", 1, "shop-old-web-1", "shop-web-1")]
    [TestCase("draining", 0, "app")]
    [TestCase("no-host", 1, "app")]
    [TestCase("no-host", 0)]
    [TestCase("disabled", 1, "app")]
    public async Task TheExitCodeTellsWhetherAllThatIsNamedIsRouted(string fixture, int code, params string[] names) =>
        Assert.That((await Run(fixture, names)).ExitCode, Is.EqualTo(code));

    [TestCase("api", "Did you mean api-1, or api-2, or api.example.com?")]
    [TestCase("apii-1", "Did you mean api-1?")]
    [TestCase("zzzzzzzz", "templater explain --all lists all containers.")]
    [TestCase("0101\u001b[2J", "templater explain --all lists all containers.", TestName = "AnUnknownNameIsAnErrorWithTheNamesThatAreNear(escape)")]
    public async Task AnUnknownNameIsAnErrorWithTheNamesThatAreNear(string name, string hint)
    {
        var run = await Run("routed", name);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((3, "")));
        Assert.That(run.Error, Does.EndWith($"is called \"{VisibleText.Of(name)}\". {hint}\n"));
    }

    /// <summary>What names hosts beside them or not, each container is told once; secrets were never kept.</summary>
    [TestCase("VIRTUAL_HOST=a.example.com", true)]
    [TestCase("FROM=x", true)]
    [TestCase("VIRTUAL_HOST=a.example.com", false)]
    public async Task VariablesOfTheCompanionAreNamedAsWithoutEffect(string beside, bool areThere)
    {
        using var directory = new Templater.Testing.TempDirectory();
        string[] theirs = areThere ? ["LETSENCRYPT_HOST=a.example.com", "ACME_EMAIL=ops@example.com", "ACME_EAB_HMAC_KEY=hidden"] : ["ACME_HTTP_CHALLENGE_LOCATION=false"];
        var env = string.Join(", ", theirs.Append(beside).Select(static variable => $"\"{variable}\""));
        var file = directory.Write("containers.json", Commands.RenderCommandTests.Containers("shop", "some.label", "x").Replace("\"Env\":[]", $"\"Env\":[{env}]", StringComparison.Ordinal));
        var run = await CommandRun.Of("explain", "--template", "nginx", "--certs-dir", directory["none"], "--from", file, "shop");
        var lines = run.Output.Split('\n').Where(static line => line.TrimStart().StartsWith("no effect ", StringComparison.Ordinal)).ToArray();
        Assert.That(lines, Has.Length.EqualTo(areThere ? 1 : 0), run.Output + run.Error);
        if (areThere)
            Assert.That(lines[0], Does.Contain("ACME_EMAIL, LETSENCRYPT_HOST").And.Contain("no certificates are obtained here"));
        Assert.That(run.Output, Does.Not.Contain("hidden").And.Not.Contain("HMAC"));
    }

    [Test]
    public async Task WithoutATemplateNobodyKnowsWhatTheProxyCanDo()
    {
        var run = await CommandRun.Of("explain", "--from", Fixture("routed"));
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((2, run.Error)));
        Assert.That(run.Error, Does.StartWith("error invalid-setting: no template was chosen"));
    }

    [Test]
    public async Task ContainersWithoutAHostAreListedOnRequest()
    {
        Assert.That((await Run("no-host")).Output, Is.EqualTo("  2 containers without a host: not listed (--all)\n"));
        Assert.That((await Run("no-host", "--all")).Output, Does.Contain("app").And.Contain("edge-nginx-1"));
        Assert.That((await Run("no-host", "--json")).Output, Is.Empty);
    }

    [Test]
    public async Task TheMembersOfTheJsonFormKeepTheirNamesAndOrder()
    {
        var run = await Run("routed", "--json", "api-1");
        var names = JsonDocument.Parse(run.Output).RootElement.EnumerateObject().Select(static member => member.Name);
        Assert.That(string.Join(' ', names), Is.EqualTo(
            "subject routed reason hint dialect labels state health networks port routes conflicts certificate outputs since "
            + "version kind standing detail steps settings warnings streams"));
    }

    [Test]
    public async Task SecretsAreNotShown()
    {
        foreach (var form in new[] { "app", "--json", "app.example.com", "--all", "old", "moved" })
        {
            var run = await Run("secrets", form);
            Assert.That(run.Output, Does.Contain("app").Or.Contain(form));
            Assert.That(run.Output + run.Error, Does.Not.Contain("hunter2").And.Not.Contain("$2y$"), form);
        }
    }

    [Test]
    public async Task AHostBelowAWildcardIsThatOfTheWildcard() =>
        Assert.That((await Run("wildcard", "x.y.example.com")).Output, Does.StartWith("host *.example.com\n  ROUTED"));

    [Test]
    public void WhatTheJournalKnowsIsTold()
    {
        var about = new Explanation
        {
            Kind = SubjectKind.Host,
            Subject = "a.example.com",
            Output = "nginx",
            Standing = Standing.Routed,
            File = new ExplainedOutput("/config/nginx.conf", [new LineRange(96, 131)],
                new LiveGeneration(17, IsCurrent: true, IsLive: true, new DateTimeOffset(2026, 1, 2, 12, 1, 40, TimeSpan.Zero), "generation endpoint")),
        };
        var now = new DateTimeOffset(2026, 1, 2, 13, 0, 0, TimeSpan.Zero);
        Assert.That(new ExplanationText(now, namesOutputs: false).Of(about), Does.EndWith(
            "  output       /config/nginx.conf lines 96-131, generation 17, live since 12:01:40 (proved: generation endpoint)\n"));
        var unplaced = about with { File = about.File with { Live = about.File.Live! with { IsCurrent = false } } };
        Assert.That(new ExplanationText(now, namesOutputs: true).Of(unplaced), Does.StartWith("host a.example.com in output nginx\n").And.EndWith(
            "lines 96-131, not in place yet (the last is generation 17)\n"));
        var silent = about with { File = about.File with { Lines = [] } };
        Assert.That(new ExplanationText(now.AddDays(1), namesOutputs: false).Of(silent), Does.EndWith(
            "  Now: generation 17, live since 2026-01-02 12:01:40 (proved: generation endpoint). No output line comes from this host.\n"));
    }

    private static Task<CommandRun> Run(string fixture, params string[] arguments) =>
        CommandRun.Of(["explain", "--template", "nginx", "--certs-dir", Fixture("none"), "--from", Fixture(fixture), .. arguments]);

    private static string Fixture(string name) =>
        Path.Combine(ExplainGoldenTests.Folder(), name is "secrets" or "wildcard" ? "Other" : "", name + ".json");
}
