using Templater.Pipeline.Deployment;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment.Preflight;

/// <summary>What is unusual about the place of an output, out of a table of mounts.</summary>
public sealed class OutputPlaceTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TempDirectory("tpl-");

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [TestCase("", "")]
    [TestCase("/haproxy.cfg", "warning single-file-mount: {0}/haproxy.cfg is mounted as a single file, so it is written in place: a crash in that moment leaves half a file. Mount the directory instead.")]
    [TestCase("/.templater", "warning path-not-shared: {0}/.templater is a mount of its own, inside of the directory of {0}/haproxy.cfg: whoever mounts that directory alone does not see the files there, and the link to them leads nowhere. Remove that mount, or mount the same at the same place in the proxy.")]
    [TestCase("/.templater/haproxy/gen", "warning path-not-shared: {0}/.templater/haproxy/gen is a mount of its own,*")]
    [TestCase("/.templaters", "")]
    [TestCase("/haproxy.cfg.d", "")]
    public void AMountInsideOfTheDirectoryIsTold(string point, string expected)
    {
        var table = $"1 0 0:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / {_directory.Path}{point} rw - tmpfs none rw\nnonsense\n";
        var file = new OutputFile(_directory["haproxy.cfg"], new OutputFileOptions(), _directory["scratch"], "haproxy");

        var said = string.Join('|', file.Peculiarities(table));

        var whole = expected.Replace("{0}", _directory.Path, StringComparison.Ordinal);
        Assert.That(said, whole.EndsWith('*') ? Does.StartWith(whole[..^1]) : Is.EqualTo(whole));
    }
}
