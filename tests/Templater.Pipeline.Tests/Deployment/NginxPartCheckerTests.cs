using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A part of a configuration is checked within what includes it, and who is to blame for a refusal is told.</summary>
[CancelAfter(30_000)]
[Platform("Linux")]
public sealed class NginxPartCheckerTests
{
    private const string Whole = "pid PID;\nevents {}\nhttp {\n  include conf.d/*.conf;\n}\n";
    private const string Server = "server { listen 127.0.0.1:1; }\n";

    private readonly TempDirectory _directory = new("tpl-");

    [SetUp]
    public void WriteTheRest() => _directory.Write("etc/conf.d/a.conf", "upstream taken { server 127.0.0.1:9; }\n");

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [TestCase(Whole)]
    [TestCase("events {}\nhttp { include ROOT/conf.d/*.conf; }\n")]
    [TestCase("events {}\nhttp { include conf.d/templater.conf; }\n")]
    [TestCase("events {}\nhttp { include \"c*/templater.conf\"; }\n")]
    [TestCase("events {}\nhttp { include conf.d/a.conf; include\n  nested; }\n")]
    public async Task WhatIsIncludedIsJudged(string main)
    {
        _directory.Write("etc/nested", "include conf.d/templater.*;\n");
        var refused = await CheckAsync(main, "# 1\nnonsense on;\n");
        Assert.That(refused, Is.InstanceOf<CheckResult.Refused>().With.Property("Line").EqualTo(2), refused.ToString());
        Assert.That(((CheckResult.Refused)refused).Output, Does.Contain($"in {Live}:2").And.Not.Contain("candidate"));

        Assert.That(await CheckAsync(main, "upstream own { server 127.0.0.1:9; }\n"), Is.InstanceOf<CheckResult.Accepted>());
    }

    [Test]
    public async Task WhatIsIncludedTwiceIsJudgedTwice() =>
        Assert.That(await CheckAsync("events {}\nhttp { include conf.d/*.conf; include conf.d/t*; }\n", "upstream own { server 127.0.0.1:9; }\n"), Is.InstanceOf<CheckResult.Refused>());

    [Test]
    public async Task TheLiveFileIsNotAmongThem()
    {
        _directory.Write("etc/conf.d/templater.conf", "upstream own { server 127.0.0.1:8; }\n");
        Assert.That(await CheckAsync(Whole, "upstream own { server 127.0.0.1:9; }\n"), Is.InstanceOf<CheckResult.Accepted>());
        Assert.That(_directory.Read("etc/conf.d/templater.conf"), Does.Contain(":8"), "nothing is changed");
    }

    [Test]
    public async Task AClashWithAnotherFileIsRefused()
    {
        var result = await CheckAsync(Whole, "# 1\nupstream taken { server 127.0.0.1:9; }\n");
        Assert.That(result, Is.InstanceOf<CheckResult.Refused>().With.Property("Line").EqualTo(2), result.ToString());
    }

    [Test]
    public async Task AClashThatIsSeenInALaterFileIsRefusedWithoutALine()
    {
        _directory.Write("etc/conf.d/z.conf", "upstream later { server 127.0.0.1:9; }\n");
        var result = await CheckAsync(Whole, "upstream later { server 127.0.0.1:9; }\n");
        Assert.That(result, Is.InstanceOf<CheckResult.Refused>().With.Property("Line").Null, result.ToString());
        Assert.That(((CheckResult.Refused)result).Output, Does.Contain($"in {_directory["etc/conf.d/z.conf"]}:1"));
    }

    [Test]
    public async Task WhatIsRelativeToTheMainFileIsFound()
    {
        _directory.Write("etc/mime.types", "types { text/plain txt; }\n");
        _directory.Write("etc/users", "a:b\n");
        Assert.That(await CheckAsync("events {}\nhttp { include mime.types; auth_basic_user_file users; include conf.d/*.conf; }\n", Server), Is.InstanceOf<CheckResult.Accepted>());
    }

    /// <summary>As on Debian: the output is a file in one folder, and what is included is a link to it in another, or that folder by another name.</summary>
    [TestCase("events {}\nhttp { include enabled/*; }\n")]
    [TestCase("events {}\nhttp { include enabled/site; }\n")]
    [TestCase("events {}\nhttp { include also/*.conf; }\n")]
    [TestCase("events {}\nhttp { include also/templater.conf; }\n")]
    public async Task AFileThatIsIncludedByAnotherNameIsJudged(string main)
    {
        Directory.CreateDirectory(_directory["etc/enabled"]);
        File.CreateSymbolicLink(_directory["etc/enabled/site"], "../conf.d/templater.conf");
        Directory.CreateSymbolicLink(_directory["etc/also"], _directory["etc/conf.d"]);
        for (var time = 0; time < 2; time++)
        {
            var refused = await CheckAsync(main, "# 1\nnonsense on;\n");
            Assert.That(refused, Is.InstanceOf<CheckResult.Refused>().With.Property("Line").EqualTo(2), refused.ToString());
            Assert.That(await CheckAsync(main, "upstream own { server 127.0.0.1:9; }\n"), Is.InstanceOf<CheckResult.Accepted>());
            _directory.Write("etc/conf.d/templater.conf", "upstream own { server 127.0.0.1:8; }\n");
        }
    }

    [TestCase("include ../shared/*.conf;", "")]
    [TestCase("", "include ../shared/*.conf;\n")]
    [TestCase("include ../sh*/a.conf;", "")]
    [TestCase("include conf.d/../../shared/a.conf;", "")]
    [TestCase("include nested;", "")]
    [TestCase("auth_basic_user_file ../shared/users;", "")]
    [TestCase("", "server { listen 127.0.0.1:1; auth_basic_user_file \"../../NAME/shared/users\"; }\n")]
    public async Task WhatLiesAboveTheMainFilesDirectoryIsFound(string main, string candidate)
    {
        _directory.Write("shared/a.conf", "map $host $shared { default a; }\n");
        _directory.Write("shared/users", "a:b\n");
        _directory.Write("etc/nested", "include ../shared/a.conf;\n");
        main = $"events {{}}\nhttp {{ {main} include conf.d/*.conf; }}\n";
        candidate = candidate.Replace("NAME", Path.GetFileName(_directory.Path), StringComparison.Ordinal);

        var accepted = await CheckAsync(main, candidate + Server);
        Assert.That(accepted, Is.InstanceOf<CheckResult.Accepted>(), accepted.ToString());
        var refused = await CheckAsync(main, candidate + "include ../shared/missing.conf;\n");
        Assert.That(refused, Is.InstanceOf<CheckResult.Refused>(), refused.ToString());
        Assert.That(((CheckResult.Refused)refused).Output, Does.Contain($"\"{_directory["etc"]}/../shared/missing.conf\" failed"));
    }

    [TestCase("events {}\nhttp { nonsense on; include conf.d/*.conf; }\n", "nginx.conf is refused without LIVE, too: ")]
    [TestCase("events {}\nhttp { include other.d/*.conf; }\n", "nginx.conf does not include LIVE, nor does a file that it includes. Correct included_by, or mount the output's directory here where the proxy sees it")]
    [TestCase("events {}\nhttp { include conf.d/[a-z]*.conf; }\n", " has brackets, which are not understood here")]
    [TestCase("events {}\nhttp { include enabled/*; }\n", "nginx.conf cannot be copied: ROOT/enabled/circle: too many symbolic links")]
    [TestCase("events {}\nhttp { include loop; include conf.d/*.conf; }\n", "it was ended by signal 11")]
    [TestCase(null, "Could not find file 'ROOT/nginx.conf'.")]
    public async Task WhatIsNoFaultOfTheCandidateIsNotBlamedOnIt(string? main, string expected)
    {
        _directory.Write("etc/loop", "include loop;\n");
        File.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(_directory["etc/enabled"]).FullName, "circle"), "circle");
        var result = await CheckAsync(main, Server);
        Assert.That(result, Is.InstanceOf<CheckResult.Unusable>(), result.ToString());
        Assert.That(((CheckResult.Unusable)result).Why, Does.Contain(expected.Replace("LIVE", Live, StringComparison.Ordinal).Replace("ROOT", _directory["etc"], StringComparison.Ordinal)));
    }

    /// <summary>What a check leaves behind and cannot remove is in the way of the next one, which says so.</summary>
    [Test]
    public async Task WhatCannotBeRemovedAfterwardsEndsNothing(CancellationToken cancellationToken)
    {
        var (scratch, program) = (Directory.CreateDirectory(_directory["scratch"]).FullName, _directory.Write("nginx", "#!/bin/sh\n"));
        var leftover = Directory.CreateDirectory(_directory["scratch/nginx.including/left"]).FullName;
        _directory.Write("etc/nginx.conf", "events {}\nhttp { include conf.d/*.conf; }\n");
        var checker = new NginxPartChecker(new NginxChecker(program, scratch, new CommandRunner(TimeProvider.System)), _directory["etc/nginx.conf"], _directory["scratch/nginx.including"]);
        using var mount = await Mounts.SmallTmpfsAsync(leftover, 64);

        var result = await checker.CheckAsync(_directory.Write("etc/conf.d/.templater-candidate", Server), Live, cancellationToken);
        Assert.That(result, Is.InstanceOf<CheckResult.Unusable>().With.Property("Why").Contains("cannot be copied: ").And.Property("Why").Contains(leftover), result.ToString());
    }

    private string Live => _directory["etc/conf.d/templater.conf"];

    private async Task<CheckResult> CheckAsync(string? main, string candidate)
    {
        var program = ProxyPrograms.Require("nginx");
        var scratch = Directory.CreateDirectory(_directory["scratch"]).FullName;
        if (main is not null)
            _directory.Write("etc/nginx.conf", main.Replace("ROOT", _directory["etc"], StringComparison.Ordinal).Replace("PID", _directory["nginx.pid"], StringComparison.Ordinal));
        var file = _directory.Write("etc/conf.d/.templater-candidate", candidate);
        var before = Entries("etc");
        var checker = new NginxPartChecker(new NginxChecker(program, scratch, new CommandRunner(TimeProvider.System)), _directory["etc/nginx.conf"], Path.Combine(scratch, "nginx.including"));
        var result = await checker.CheckAsync(file, Live, TestContext.CurrentContext.CancellationToken);
        Assert.That(Entries("etc"), Is.EqualTo(before), "nothing is left where nginx looks");
        Assert.That(Entries("scratch").Where(static name => name.Contains("including", StringComparison.Ordinal)), Is.Empty);
        Assert.That(File.Exists(_directory["nginx.pid"]), Is.False);
        File.Delete(file);
        return result;
    }

    private string[] Entries(string folder) => [.. Directory.EnumerateFileSystemEntries(_directory[folder], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
