using Templater.Pipeline.Deployment.Proving;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>What proxies write while they reload. The lines are theirs, of the versions named.</summary>
public sealed class ReloadLogTests
{
    private const string Cannot = "2026/01/02 03:04:05 [emerg] 1#1: bind() to 0.0.0.0:80 failed (98: Address already in use)";

    [TestCase("2.6: a good change while no server answers", "Quiet", "",
        """
        [NOTICE]   (22332) : Reloading HAProxy
        [NOTICE]   (22332) : New worker (22352) forked
        [NOTICE]   (22332) : Loading success.
        [WARNING]  (22352) : Server b/s1 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
        [ALERT]    (22352) : backend 'b' has no server available!
        """)]
    [TestCase("2.6: a good change that gets no sockets from a dying worker", "Quiet", "",
        """
        [NOTICE]   (22332) : Reloading HAProxy
        [WARNING]  (22332) : Failed to transfer socket
        [ALERT]    (22332) : socketpair: cannot transfer socket.
        [ALERT]    (22332) : Failed to get the sockets from the old process!
        [NOTICE]   (22332) : New worker (22442) forked
        [NOTICE]   (22332) : Loading success.
        """)]
    [TestCase("2.7: an alert that it goes on after", "Quiet", "[ALERT]    (45126) : config : parsing [/etc/haproxy/haproxy.cfg:10] : 'pidfile' already specified. Continuing.",
        """
        [NOTICE]   (45126) : Reloading HAProxy
        [ALERT]    (45126) : config : parsing [/etc/haproxy/haproxy.cfg:10] : 'pidfile' already specified. Continuing.
        [NOTICE]   (45126) : New worker (45130) forked
        [NOTICE]   (45126) : Loading success.
        """)]
    [TestCase("2.6: an unknown keyword, and an alert of the old worker", "Refused",
        "[ALERT]    (22332) : config : parsing [a.cfg:3] : unknown keyword 'no_such' in 'global' section|[ALERT]    (22332) : config : Error(s) found in configuration file : a.cfg|[ALERT]    (22332) : config : Fatal errors found in configuration.",
        """
        [NOTICE]   (22332) : Reloading HAProxy
        [NOTICE]   (22332) : haproxy version is 2.6.12-1+deb12u4
        [NOTICE]   (22332) : path to executable is /usr/sbin/haproxy
        [ALERT]    (22352) : backend 'b' has no server available!
        [ALERT]    (22332) : config : parsing [a.cfg:3] : unknown keyword 'no_such' in 'global' section
        [ALERT]    (22332) : config : Error(s) found in configuration file : a.cfg
        [ALERT]    (22332) : config : Fatal errors found in configuration.
        [WARNING]  (22332) : Loading failure!
        """)]
    [TestCase("2.6: a port that is taken", "Refused",
        "[ALERT]    (22332) : Binding [a.cfg:9] for frontend f: cannot bind socket (Address already in use) for [127.0.0.1:18098]|[ALERT]    (22332) : [haproxy.main()] Some protocols failed to start their listeners! Exiting.",
        """
        [ALERT]    (22332) : Binding [a.cfg:9] for frontend f: cannot bind socket (Address already in use) for [127.0.0.1:18098]
        [ALERT]    (22332) : [haproxy.main()] Some protocols failed to start their listeners! Exiting.
        [WARNING]  (22332) : Loading failure!
        """)]
    [TestCase("2.6: no reason was caught", "Refused", "[WARNING]  (22332) : Loading failure!", "[WARNING]  (22332) : Loading failure!")]
    [TestCase("2.2: an unknown protocol", "Refused",
        "[ALERT] 066/191543 (8) : parsing [/etc/haproxy/haproxy.cfg:47] : 'bind *:8084' : 'proto' :  unknown MUX protocol 'h2,http/1.1'|[ALERT] 066/191543 (8) : Fatal errors found in configuration.",
        """
        [ALERT] 066/191543 (8) : parsing [/etc/haproxy/haproxy.cfg:47] : 'bind *:8084' : 'proto' :  unknown MUX protocol 'h2,http/1.1'
        [ALERT] 066/191543 (8) : Fatal errors found in configuration.
        [WARNING] 066/191543 (8) : Reexecuting Master process in waitpid mode
        """)]
    [TestCase("3.2: a worker that reads its configuration", "Loading", "", "[NOTICE]   (5125) : Reloading HAProxy\n[NOTICE]   (5125) : Initializing new worker (80024)")]
    [TestCase("3.2: a worker that runs", "Quiet", "", "[NOTICE]   (5125) : Initializing new worker (80024)\n[NOTICE]   (5125) : Loading success.")]
    [TestCase("3.2: a worker that ended on it", "Refused", "[ALERT]    (80024) : config : parsing [conf.d/x.cfg:5] : error detected while parsing ACL 'a'",
        """
        [NOTICE]   (5125) : Initializing new worker (80024)
        [ALERT]    (80024) : config : parsing [conf.d/x.cfg:5] : error detected while parsing ACL 'a'
        [WARNING]  (5125) : Failed to load worker!
        """)]
    [TestCase("What a stranger asked for", "Quiet", "", "10.0.0.9:4 GET /[WARNING]  (22332) : Loading failure!\n <134>[ALERT]    (1) : config : x")]
    public void HAProxyHasRefusedWhenItsMasterSaysSo(string what, string stage, string reasons, string log) =>
        Check(ReloadWords.HAProxy, what, stage, reasons, log);

    [TestCase("An unknown directive", "Refused", "2026/01/02 03:04:05 [emerg] 1#1: unknown directive \"x\" in /out/nginx.conf:1", "2026/01/02 03:04:05 [emerg] 1#1: unknown directive \"x\" in /out/nginx.conf:1")]
    [TestCase("A port that it tries again", "Complaining", Cannot, Cannot)]
    [TestCase("A port that it gave up", "Refused", Cannot + "|2026/01/02 03:04:05 [emerg] 1#1: still could not bind()", Cannot + "\n2026/01/02 03:04:05 [emerg] 1#1: still could not bind()")]
    [TestCase("A backend that does not answer", "Quiet", "", "2026/01/02 03:04:05 [error] 7#7: *1 connect() failed (111: Connection refused)")]
    public void NginxHasRefusedWhenItIsAnEmergency(string what, string stage, string reasons, string log) =>
        Check(ReloadWords.Nginx, what, stage, reasons, log);

    private static void Check(ReloadWords words, string what, string stage, string reasons, string log)
    {
        var read = words.Read(words.LinesIn(log));

        Assert.That(read.Stage.ToString(), Is.EqualTo(stage), what);
        Assert.That(string.Join('|', read.Reasons), Is.EqualTo(reasons), what);
        Assert.That(words.ReasonsIn(log), Is.EqualTo(read.Reasons));
    }
}
