using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class ReloadBudgetTests
{
    [TestCase(9, true, 0, ExpectedResult = false)]
    [TestCase(10, true, 0, ExpectedResult = true)]
    [TestCase(11, true, 59, ExpectedResult = true)]
    [TestCase(11, true, 60, ExpectedResult = false, Description = "no longer than a minute")]
    [TestCase(99, false, 0, ExpectedResult = false, Description = "something is gone")]
    [TestCase(null, true, 0, ExpectedResult = false, Description = "nobody can tell")]
    public bool ManyOldWorkersHoldAReloadUp(int? draining, bool mayWait, int waited) => new ReloadBudget(10).Holds(draining, mayWait, TimeSpan.FromSeconds(waited));

    [TestCase("worker worker", ExpectedResult = 0)]
    [TestCase("worker worker old", ExpectedResult = 1, Description = "one of two is a set that is not gone")]
    [TestCase("worker worker old old old", ExpectedResult = 2)]
    [TestCase("old old", ExpectedResult = null)]
    [TestCase("", ExpectedResult = null)]
    public int? NginxSaysWhichWorkersAreOld(string workers) => WorkerTitles.Nginx.Draining(
    [
        new ProxyProcess(1, 0, "nginx: master process nginx"),
        .. workers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static (word, index) =>
            new ProxyProcess(2 + index, 1, word == "old" ? "nginx: worker process is shutting down" : "nginx: worker process")),
        new ProxyProcess(99, 1, "nginx: cache manager process"),
    ]);

    [TestCase("# workers\n163 worker 0\n# old workers\n160 worker 1\n150 worker 2\n", ExpectedResult = 2)]
    [TestCase("# workers\n163 worker 0\n# old workers\n", ExpectedResult = 0)]
    [TestCase("# workers\n# old workers\n160 worker 1\n", ExpectedResult = null, Description = "after a reload of 3.x that failed")]
    public int? TheMasterOfHAProxySaysWhichWorkersAreOld(string answer) => WorkerTitles.HAProxy.Draining(HAProxyMaster.ParseWorkers("162 master 0\n" + answer));

    [TestCase(1, ExpectedResult = null)]
    [TestCase(2, ExpectedResult = 0)]
    [TestCase(4, ExpectedResult = 2)]
    public int? OfAContainerOfHAProxyAllWorkersButOneAreOld(int processes) => WorkerTitles.HAProxy.Draining(
        [.. Enumerable.Range(1, processes).Select(static pid => new ProxyProcess(pid, pid == 1 ? 0 : 1, "haproxy -W -db -f /cfg"))]);
}
