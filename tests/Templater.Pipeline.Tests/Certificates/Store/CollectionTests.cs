using System.Collections.Immutable;
using System.Text;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Store;

/// <summary>Certificates that nobody uses any more.</summary>
public sealed class CollectionTests : StoreBench
{
    private static readonly StoreLayouts All = StoreLayouts.Live | StoreLayouts.HAProxy | StoreLayouts.NginxProxy;
    private static readonly CertificateReferences None = CertificateReferences.In();

    [Test]
    public async Task WhatNobodyWantsIsRemovedAfterItsTimeAndNothingElse()
    {
        var store = Store(All);
        await SavedAsync(store);
        await SavedAsync(store, "b.example.com");
        Assert.That(await CollectAsync(store, "b.example.com"), Is.Empty);
        Time.Advance(TimeSpan.FromDays(3));
        Assert.That(await CollectAsync(store, "b.example.com"), Is.Empty);
        Time.Advance(TimeSpan.FromDays(4) - TimeSpan.FromMinutes(1));
        Assert.That(await CollectAsync(store, "b.example.com"), Is.Empty);
        Time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(await CollectAsync(store, "b.example.com"), Is.EqualTo(new[] { Name }));

        Assert.That(Store().All.Select(static one => one.Name), Is.EqualTo(new[] { "b.example.com" }));
        Assert.That(Entries().Where(static entry => entry.Contains(Name, StringComparison.Ordinal)), Is.Empty);
        Assert.That(Found(), Has.Length.EqualTo(3));
    }

    [Test]
    public async Task WhoeverWantsItAgainKeepsItForItsWholeTime()
    {
        var store = Store(All);
        await SavedAsync(store);
        await CollectAsync(store);
        Time.Advance(TimeSpan.FromDays(6));
        await CollectAsync(store, Name);
        Time.Advance(TimeSpan.FromDays(6));
        Assert.That(await CollectAsync(store), Is.Empty);
    }

    [Test]
    public async Task AnotherWhoSharesTheStoreKeepsWhatHeWants()
    {
        var (one, other) = (Store(), Store());
        await SavedAsync(one);
        for (var day = 0; day < 20; day++)
        {
            Assert.That(await CollectAsync(one), Is.Empty);
            await CollectAsync(other, Name);
            Time.Advance(TimeSpan.FromDays(1));
        }
    }

    [TestCase("ssl_certificate /certs/live/a.example.com/fullchain.pem;", true)]
    [TestCase("ssl_certificate_key /elsewhere/a.example.com.key;", true)]
    [TestCase("bind :443 ssl crt /certs/haproxy/a.example.com.pem", true)]
    [TestCase("ssl_certificate /certs/live/aa.example.com/fullchain.pem;", false)]
    [TestCase("server_name a.example.com;", false)]
    public async Task WhatAConfigurationMentionsIsNeverRemoved(string line, bool isKept)
    {
        var store = Store(All);
        await SavedAsync(store);
        var references = CertificateReferences.In(new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes("http {\n" + line + "\n}\n")));
        for (var i = 0; i < 3; i++)
        {
            await store.CollectAsync(ImmutableHashSet<string>.Empty, references, CancellationToken.None);
            Time.Advance(TimeSpan.FromDays(8));
        }

        Assert.That(Found(), Has.Length.EqualTo(isKept ? 3 : 0));
    }

    [TestCase("config/nginx.conf")]
    [TestCase("config/.templater/nginx/gen/1/sites.conf")]
    [TestCase("config/.nginx.crt-list-0123456789abcdef")]
    [TestCase("state/proven/nginx")]
    [TestCase("state/archive/nginx/7/nginx.conf")]
    public void AllThatMayBeLiveIsLookedAt(string file)
    {
        var state = StateDirectory.Open(Scratch["state"]);
        Scratch.Write(file, "ssl_certificate /certs/live/a.example.com/fullchain.pem;\n");
        var references = CertificateReferences.Read(state, [Scratch["config/nginx.conf"], Scratch["config/absent.conf"]]);
        Assert.That((references.Mention(Name), references.Mention("b.example.com")), Is.EqualTo((true, false)));
    }

    [Test]
    public void WhatCannotBeReadMayMentionAnything()
    {
        var state = StateDirectory.Open(Scratch["state"]);
        Directory.CreateDirectory(Scratch["config/nginx.conf"]);
        Assert.That(CertificateReferences.Read(state, [Scratch["config/nginx.conf"]]).Mention(Name), Is.True);
    }

    [Test]
    public async Task AClockThatJumpsRemovesNothing()
    {
        var store = Store();
        await SavedAsync(store);
        // A machine without a clock of its own begins in 1970, and learns the time later.
        Time.SetBack(TimeSpan.FromDays(20_000));
        await CollectAsync(store);
        Time.SetBack(-TimeSpan.FromDays(20_000));
        Assert.That(await CollectAsync(store), Is.Empty);
        Time.SetBack(-TimeSpan.FromDays(30));
        Assert.That(await CollectAsync(store), Is.Empty, "it was not seen unused for long");
        Time.SetBack(TimeSpan.FromDays(30));
        Time.Advance(CertificateStore.LeastWatch);
        Assert.That(await CollectAsync(store), Is.Empty);
    }

    [Test]
    public async Task WhatIsJustBeingOrderedStays()
    {
        var store = Store();
        await SavedAsync(store);
        await CollectAsync(store);
        Time.Advance(TimeSpan.FromDays(7));
        await CollectAsync(store);
        Time.Advance(TimeSpan.FromDays(1));
        using (Store().TryClaim(Name))
            Assert.That(await CollectAsync(store), Is.Empty);
        Assert.That(await CollectAsync(store), Is.EqualTo(new[] { Name }));
    }

    [Test]
    public async Task WhatSomebodyElseMadeStays()
    {
        var store = Store(All);
        await SavedAsync(store);
        File.Delete(Path.Combine(Certs, "haproxy", Name + ".pem"));
        Scratch.Write($"certs/haproxy/{Name}.pem", "mine");
        Scratch.Write("certs/b.example.com.crt", "mine");
        await CollectAsync(store);
        Time.Advance(TimeSpan.FromDays(7));
        await CollectAsync(store);
        Time.Advance(TimeSpan.FromDays(1));
        Assert.That(await CollectAsync(store), Is.EqualTo(new[] { Name }));
        Assert.That(Entries(), Is.EqualTo(new[] { "b.example.com.crt", $"haproxy/{Name}.pem" }));
    }

    private static async Task<ImmutableArray<string>> CollectAsync(CertificateStore store, params string[] wanted) =>
        await store.CollectAsync(wanted.ToHashSet(StringComparer.Ordinal), None, CancellationToken.None);
}
