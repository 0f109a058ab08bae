using System.Collections.Immutable;
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

    [TestCase("docker:edge", "docker:edge", 1)]
    [TestCase("docker:edge", "docker:other", 2)]
    public async Task OutputsOfOneProxyAreToldByOneReload(string first, string second, int reloads)
    {
        var shared = new SharedReloads(TimeProvider.System);
        shared.Register(first);
        shared.Register(second);
        var target = new CountedTarget();

        var answers = await Task.WhenAll(shared.ReloadAsync(first, target, CancellationToken.None), shared.ReloadAsync(second, target, CancellationToken.None));

        Assert.That(answers, Is.All.InstanceOf<ReloadAnswer.Delivered>());
        Assert.That(target.Reloads, Is.EqualTo(reloads));
        await shared.ReloadAsync(first, target, CancellationToken.None);
        Assert.That(target.Reloads, Is.EqualTo(reloads + 1), "who comes later is not served by the former one");
    }

    [Test]
    public async Task WhoGivesUpTakesTheReloadFromNobody()
    {
        var shared = new SharedReloads(TimeProvider.System);
        shared.Register("docker:edge");
        shared.Register("docker:edge");
        var target = new CountedTarget();
        using var end = new CancellationTokenSource();
        var first = shared.ReloadAsync("docker:edge", target, end.Token);
        var second = shared.ReloadAsync("docker:edge", target, CancellationToken.None);
        await end.CancelAsync();

        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await second, Is.InstanceOf<ReloadAnswer.Delivered>());
        Assert.That(target.Reloads, Is.EqualTo(1));
    }

    private sealed class CountedTarget : IReloadTarget
    {
        private int _reloads;

        public int Reloads => _reloads;

        public string Key => "edge@1";

        public string Name => "edge";

        public DateTimeOffset? Started => null;

        public Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reloads);
            return Task.FromResult<ReloadAnswer>(new ReloadAnswer.Delivered());
        }

        public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) => Task.FromResult<ImmutableArray<ProxyProcess>?>(null);

        public Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) => Task.FromResult<ContainerLog?>(null);
    }
}
