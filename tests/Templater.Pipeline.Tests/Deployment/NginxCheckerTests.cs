using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>What <c>nginx -t</c> leaves behind: an nginx that another user starts later has to be able to write its pid file.</summary>
[CancelAfter(30_000)]
[Platform("Linux")]
public sealed class NginxCheckerTests
{
    private readonly TempDirectory _directory = new("tpl-");

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task AConfigurationThatNamesItsPidFileIsJudgedAndNoneIsMade(CancellationToken cancellationToken)
    {
        _directory.Write("part.conf", "server { listen 127.0.0.1:1; }\n");

        var result = await CheckAsync($"worker_processes 1; pid {Pid};\nevents {{}}\nhttp {{ include part.conf; }}\n", cancellationToken);

        Assert.That(result, Is.InstanceOf<CheckResult.Accepted>(), result.ToString());
        AssertThatNothingIsLeft("candidate.conf", "part.conf");
    }

    [Test]
    public async Task ARefusalNamesTheLineOfTheFileAsItIs(CancellationToken cancellationToken)
    {
        var result = await CheckAsync($"# 1\npid {Pid};\nevents {{}}\nnonsense on;\n", cancellationToken);

        Assert.That(result, Is.InstanceOf<CheckResult.Refused>().With.Property("Line").EqualTo(4), result.ToString());
        Assert.That(((CheckResult.Refused)result).Output, Does.Contain("in /config/nginx.conf:4").And.Not.Contain("elsewhere"));
        AssertThatNothingIsLeft("candidate.conf");
    }

    [Test]
    public async Task WhatAnIncludedFileNamesIsLeftToIt(CancellationToken cancellationToken)
    {
        _directory.Write("main.conf", $"pid {Pid};\n");

        var result = await CheckAsync("include main.conf;\nevents {}\n", cancellationToken);

        Assert.That(result, Is.InstanceOf<CheckResult.Accepted>(), result.ToString());
    }

    [Test]
    public async Task TwoAreRefusedAsNginxRefusesThem(CancellationToken cancellationToken)
    {
        var result = await CheckAsync($"pid {Pid};\npid {Pid};\nevents {{}}\n", cancellationToken);

        Assert.That(result, Is.InstanceOf<CheckResult.Refused>().With.Property("Line").EqualTo(2), result.ToString());
    }

    [TestCase("pid /run/a.pid;\nevents {}\n", "\nevents {}\n")]
    [TestCase("user a; pid /run/a.pid ; daemon off;\n", "user a;  daemon off;\n")]
    [TestCase("events {} pid a;\r\n", "events {} \r\n")]
    [TestCase("# pid a;\npid a; # pid b;\n", "# pid a;\n # pid b;\n")]
    [TestCase("# pid a;\n", null)]
    [TestCase("pid a;\npid b;\n", null)]
    [TestCase("pid \"a;b\";\n", null)]
    [TestCase("pid\n a;\n", null)]
    [TestCase("http { server { pid a; } }\n", null)]
    [TestCase("env \"a\npid b;\n\"; pid c;\n", "env \"a\npid b;\n\"; \n")]
    [TestCase("env 'x pid b;'; pid c;\n", null)]
    [TestCase("", null)]
    public void TheOneLineAboutAPidFileIsLeftOutAndNothingElse(string text, string? expected) =>
        Assert.That(NginxChecker.WithoutPid(text), Is.EqualTo(expected));

    private string Pid => _directory["nginx.pid"];

    private Task<CheckResult> CheckAsync(string text, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_directory["scratch"]);
        return new NginxChecker(ProxyPrograms.Require("nginx"), _directory["scratch"], new CommandRunner(TimeProvider.System))
            .CheckAsync(_directory.Write("candidate.conf", text), "/config/nginx.conf", cancellationToken);
    }

    private void AssertThatNothingIsLeft(params string[] but) =>
        Assert.That(Directory.EnumerateFiles(_directory.Path).Select(Path.GetFileName), Is.EquivalentTo(but));
}
