using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class CheckerOutputTests
{
    [TestCase("nginx: [emerg] unknown directive \"x\" in /c/nginx.conf:12\nnginx: configuration file /c/nginx.conf test failed\n", 12)]
    [TestCase("nginx: [warn] old directive in /c/nginx.conf:3\nnginx: [emerg] unknown directive \"x\" in /c/nginx.conf:12\n", 12)]
    [TestCase("nginx: [emerg] unknown directive \"seen in /c/nginx.conf:7\" in /c/nginx.conf:12\n", 12)]
    [TestCase("[ALERT] (1) : config : parsing [/c/nginx.conf:4] : unknown keyword 'x in /c/nginx.conf:9'\n[ALERT] (1) : config : parsing [/c/nginx.conf:5] : bad\n", 4)]
    [TestCase("/c/nginx.conf:8: not a name", 8)]
    [TestCase("something else", null)]
    public void TheLineIsTheOneThatIsComplainedAbout(string output, int? expected) =>
        Assert.That(CheckerOutput.LineOf(output, "/c/nginx.conf"), Is.EqualTo(expected));

    [TestCase("nginx: [emerg] open() \"/k\" failed (13: Permission denied)\n", true)]
    [TestCase("nginx: [emerg] open() \"/k\" failed (13: Permission denied) in /c/nginx.conf:5\n", true)]
    [TestCase("nginx: [emerg] open() \"/run/nginx.pid\" failed (30: Read-only file system)\n", true)]
    [TestCase("nginx: [emerg] cannot load certificate \"/k\": BIO_new_file() failed (SSL: error:8000000D:system library::Permission denied:calling fopen(/k, r))\n", true)]
    [TestCase("nginx: [emerg] cannot load certificate \"/k\": BIO_new_file() failed (SSL: error:0200100D:system library:fopen:Permission denied:fopen('/k','r'))\n", true)]
    [TestCase("[ALERT] (1) : config : parsing [/c:4] : 'bind :443' : unable to stat SSL certificate from file '/k' : Permission denied.\n", true)]
    [TestCase("nginx: [emerg] unknown directive \"(13: Permission denied)\" in /c/nginx.conf:5\n", false)]
    [TestCase("[ALERT] (1) : config : parsing [/c:4] : unknown keyword 'x: Permission denied' in 'frontend' section\n", false)]
    [TestCase("nginx: [emerg] invalid value \"Permission denied\" in /c/nginx.conf:5\n", false)]
    public void TextOfALabelDoesNotMakeACheckerUnusable(string output, bool isUnusable) =>
        Assert.That(CheckerOutput.Judge(new CommandResult(1, output), "/c/candidate", "/c/nginx.conf") is CheckResult.Unusable, Is.EqualTo(isUnusable));
}
