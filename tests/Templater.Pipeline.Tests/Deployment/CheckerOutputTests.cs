using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class CheckerOutputTests
{
    [TestCase("nginx: [emerg] unknown directive \"x\" in /c/nginx.conf:12\nnginx: configuration file /c/nginx.conf test failed\n", 12)]
    [TestCase("nginx: [warn] old directive in /c/nginx.conf:3\nnginx: [emerg] unknown directive \"x\" in /c/nginx.conf:12\n", 12)]
    [TestCase("nginx: [emerg] unknown directive \"seen in /c/nginx.conf:7\" in /c/nginx.conf:12\n", 12)]
    [TestCase("[ALERT] (1) : config : parsing [/c/nginx.conf:4] : unknown keyword 'x in /c/nginx.conf:9'\n[ALERT] (1) : config : parsing [/c/nginx.conf:5] : bad\n", 4)]
    [TestCase("[WARNING] (1) : config : parsing [/c/nginx.conf:2] : old\n[ALERT] (1) : config : parsing [/c/nginx.conf:4] : bad\n", 4)]
    [TestCase("/c/nginx.conf:8: not a name", 8)]
    [TestCase("something else", null)]
    [TestCase("nginx: [warn] old directive in /c/nginx.conf:3\nnginx: [emerg] unknown directive \"x\" in /c/http.d/mine.conf:12\n", null)]
    [TestCase("nginx: [emerg] unknown directive \"x\" in /c/http.d/nginx.conf:12\n", null)]
    [TestCase("nginx: [emerg] unknown directive \"x\" in /c/my-nginx.conf:12\n", null)]
    [TestCase("nginx: [emerg] unknown directive \"seen in /c/nginx.conf:7\" in /c/http.d/mine.conf:12\n", null)]
    [TestCase("[WARNING] (1) : config : parsing [/c/nginx.conf:2] : old\n[ALERT] (1) : config : parsing [/c/other.cfg:4] : bad\n", null)]
    [TestCase("[ALERT] (1) : config : parsing [/d/nginx.conf:4] : bad\n", null)]
    [TestCase("[ALERT] (1) : config : parsing [nginx.conf:4] : bad\n", 4)]
    [TestCase("[ALERT] (1) : config : parsing [/c/nginx.conf:4] : unknown keyword '[emerg]'\n", 4)]
    [TestCase("2026/01/31 12:00:00 [emerg] 1#1: unknown directive \"[ALERT]\" in /c/nginx.conf:12", 12)]
    [TestCase("/d/nginx.conf:8: not a name", null)]
    public void TheLineIsTheOneThatIsComplainedAbout(string output, int? expected) =>
        Assert.That(CheckerOutput.LineOf(output, "/c/nginx.conf"), Is.EqualTo(expected));

    [TestCase("2026/01/31 12:00:00 [emerg] 1#1: unknown directive \"x\" in /etc/nginx/nginx.conf:12", 12)]
    [TestCase("2026/01/31 12:00:00 [emerg] 1#1: unknown directive \"x\" in /etc/my-nginx.conf:12", null)]
    [TestCase("[ALERT] (1) : config : parsing [/etc/nginx.conf:4] : bad", 4)]
    public void ANameAloneIsThatOfAWholeFile(string output, int? expected) =>
        Assert.That(CheckerOutput.LineOf(output, "nginx.conf"), Is.EqualTo(expected));

    [TestCase("[NOTICE]   (1) : haproxy version is 2.6.12\n[ALERT]    (1) : config : parsing [/c/h.cfg:4] : unknown keyword 'x' in 'global' section\n[ALERT]    (1) : config : Error(s) found in configuration file : /c/h.cfg\n[ALERT]    (1) : config : Fatal errors found in configuration.\n", 4, "unknown keyword 'x' in 'global' section")]
    [TestCase("[WARNING]  (1) : config : parsing [/c/h.cfg:2] : old\n[ALERT]    (1) : Starting frontend f: cannot bind socket (Address already in use) [0.0.0.0:8443]", null, "Starting frontend f: cannot bind socket (Address already in use) [0.0.0.0:8443]")]
    [TestCase("[ALERT] (1) : config : parsing [/c/h.cfg:4] : a\n[ALERT] (1) : config : parsing [/c/h.cfg:5] : b", 4, "a; parsing [/c/h.cfg:5] : b")]
    [TestCase("[NOTICE]   (1) : haproxy version is 2.6.12", null, "[NOTICE]   (1) : haproxy version is 2.6.12")]
    [TestCase("2026/01/31 12:00:00 [emerg] 1#1: unknown directive \"x\" in /c/n.conf:7", 7, "unknown directive \"x\" in /c/n.conf:7")]
    [TestCase("nginx: [emerg] a\nnginx: [emerg] b", null, "a; b")]
    [TestCase("", null, "")]
    public void AComplaintIsQuotedWithoutWhatIsSaidAroundIt(string output, int? line, string expected) =>
        Assert.That(Complaint.Of(output, line), Is.EqualTo(expected));

    [TestCase("nginx: [emerg] open() \"/k\" failed (13: Permission denied)\n", true)]
    [TestCase("nginx: [emerg] open() \"/k\" failed (13: Permission denied) in /c/nginx.conf:5\n", true)]
    [TestCase("nginx: [emerg] open() \"/run/nginx.pid\" failed (30: Read-only file system)\n", true)]
    [TestCase("nginx: [emerg] open() \"/state/scratch/nginx-check.pid\" failed (28: No space left on device)\n", true)]
    [TestCase("nginx: [emerg] unknown directive \"(28: No space left on device)\" in /c/nginx.conf:5\n", false)]
    [TestCase("nginx: [emerg] cannot load certificate \"/k\": BIO_new_file() failed (SSL: error:8000000D:system library::Permission denied:calling fopen(/k, r))\n", true)]
    [TestCase("nginx: [emerg] cannot load certificate \"/k\": BIO_new_file() failed (SSL: error:0200100D:system library:fopen:Permission denied:fopen('/k','r'))\n", true)]
    [TestCase("[ALERT] (1) : config : parsing [/c:4] : 'bind :443' : unable to stat SSL certificate from file '/k' : Permission denied.\n", true)]
    [TestCase("nginx: [emerg] unknown directive \"(13: Permission denied)\" in /c/nginx.conf:5\n", false)]
    [TestCase("[ALERT] (1) : config : parsing [/c:4] : unknown keyword 'x: Permission denied' in 'frontend' section\n", false)]
    [TestCase("nginx: [emerg] invalid value \"Permission denied\" in /c/nginx.conf:5\n", false)]
    public void TextOfALabelDoesNotMakeACheckerUnusable(string output, bool isUnusable) =>
        Assert.That(CheckerOutput.Judge(new CommandResult(1, output), "/c/candidate", "/c/nginx.conf") is CheckResult.Unusable, Is.EqualTo(isUnusable));

    [TestCase(137, true)]
    [TestCase(139, true)]
    [TestCase(128, false)]
    [TestCase(255, false)]
    public void OneThatWasKilledHasNotJudged(int exitCode, bool isUnusable) =>
        Assert.That(CheckerOutput.Judge(new CommandResult(exitCode, "no"), "/c/candidate", "/c/nginx.conf") is CheckResult.Unusable, Is.EqualTo(isUnusable));

    [Test]
    public void WhatMakesACheckerUnusableIsTheSameEveryTime()
    {
        string[] outputs = ["2026/11/25 20:57:54 [emerg] 176#176: mkdir() \"/p\" failed (30: Read-only file system)\n", "2026/11/25 20:57:59 [emerg] 202#202: mkdir() \"/p\" failed (30: Read-only file system)\n"];
        var why = outputs.Select(static output => ((CheckResult.Unusable)CheckerOutput.Judge(new CommandResult(1, output), "/c/candidate", "/c/nginx.conf")).Why).Distinct();
        Assert.That(why.Single(), Does.StartWith("[emerg] mkdir() \"/p\" failed (30: Read-only file system)"));
    }
}
