using Templater.Pipeline.Certificates;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Certificates;

/// <summary>What counts while a pair is replaced, and when that goes wrong.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RenewalTests : IDisposable
{
    private const string Name = "a.example.com";

    private static readonly (string Chain, string Key) Old = TestCertificates.Make(Name, "b.example.com");
    private static readonly (string Chain, string Key) New = TestCertificates.Make(Name);

    private readonly FakeTimeProvider _time = new();
    private readonly TempDirectory _directory = new();
    private readonly CertificateDirectory _reader;
    private int _writes;

    public RenewalTests() => _reader = new CertificateDirectory(_directory.Path, _time);

    public static IEnumerable<TestCaseData<string, string>> HalfWritten()
    {
        yield return new TestCaseData<string, string>(New.Chain, Old.Key) { TestName = "the chain first" };
        yield return new TestCaseData<string, string>(Old.Chain, New.Key) { TestName = "the key first" };
        yield return new TestCaseData<string, string>("", Old.Key) { TestName = "an empty chain" };
        yield return new TestCaseData<string, string>(New.Chain, "") { TestName = "an empty key" };
        yield return new TestCaseData<string, string>(New.Chain[..300], New.Key) { TestName = "half a chain" };
        yield return new TestCaseData<string, string>(New.Chain + Old.Chain[..200], New.Key) { TestName = "a chain that is cut off in its second certificate" };
        yield return new TestCaseData<string, string>(New.Chain, New.Key[..100]) { TestName = "half a key" };
        yield return new TestCaseData<string, string>("\0\0\0\0", "\0\0\0\0") { TestName = "zeros after a crash" };
    }

    [TestCaseSource(nameof(HalfWritten))]
    public void APairThatIsJustBeingReplacedStaysWhatItWas(string chain, string key)
    {
        Write(Old);
        var before = Read().Pairs.Single();
        Write((chain, key));
        var during = Read();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(during.Pairs, Is.EqualTo(new[] { before }));
            Assert.That((during.Unusable.Length, during.Findings.Length, during.AgainAfter), Is.EqualTo((0, 0, RenewalGrace.Patience)));
        }

        Write(New);
        var after = Read();
        Assert.That((after.Pairs.Single().Names.Single(), after.AgainAfter), Is.EqualTo((Name, (TimeSpan?)null)));
    }

    [TestCaseSource(nameof(HalfWritten))]
    public void ARenewalThatStaysHalfDoneIsABadPairOfTheNamesItHad(string chain, string key)
    {
        Write(Old);
        Read();
        Write((chain, key));
        Read();
        _time.Advance(RenewalGrace.Patience);
        var reading = Read();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reading.Pairs, Is.Empty);
            Assert.That(reading.Unusable.Single().Names, Is.EqualTo(new[] { Name, "b.example.com" }));
            Assert.That(reading.Findings.Single().Message, Does.StartWith($"the certificate \"{Name}\" is not used: ").And.Contain(_directory.Path));
            Assert.That(reading.AgainAfter, Is.Null);
            Assert.That(Read().Unusable, Has.Length.EqualTo(1), "for as long as it lies there");
        }
    }

    [TestCaseSource(nameof(HalfWritten))]
    public void AfterARestartABadPairCountsAtOnce(string chain, string key)
    {
        Write((chain, key));
        var reading = Read();
        Assert.That((reading.Pairs.Length, reading.AgainAfter), Is.EqualTo((0, (TimeSpan?)null)));
        Assert.That(reading.Unusable.Single().Names, Does.Contain(Name), "by its certificate, or by what the file is called");
    }

    [Test]
    public void APairThatIsNewIsNoBadPairBeforeItIsWritten()
    {
        Read();
        Write((New.Chain, ""));
        var during = Read();
        Assert.That((during.Pairs.Length, during.Unusable.Length, during.Findings.Length, during.AgainAfter), Is.EqualTo((0, 0, 0, RenewalGrace.Patience)));
        Write(New);
        Assert.That(Read().Pairs, Has.Length.EqualTo(1));
    }

    [Test]
    public void ThePatienceIsNotBegunAnewByEveryBadWrite()
    {
        Write(Old);
        Read();
        for (var i = 0; i < 5; i++)
        {
            Write((New.Chain, Old.Key));
            Read();
            _time.Advance(RenewalGrace.Patience / 5);
        }

        Assert.That(Read().Unusable, Has.Length.EqualTo(1));
    }

    [Test]
    public void FilesThatAreRemovedBeforeTheyAreWrittenAnewDoNotGoInBetween()
    {
        Write(Old);
        var before = Read().Pairs.Single();
        File.Delete(_directory[Name + ".key"]);
        Assert.That((Read().Pairs.Single(), Read().AgainAfter), Is.EqualTo((before, RenewalGrace.Patience)));
        File.Delete(_directory[Name + ".crt"]);
        _time.Advance(RenewalGrace.Patience / 2);
        Assert.That((Read().Pairs.Single(), Read().AgainAfter), Is.EqualTo((before, RenewalGrace.Patience / 2)));
        _time.Advance(RenewalGrace.Patience / 2);
        var gone = Read();
        Assert.That((gone.Pairs.Length, gone.Unusable.Length, gone.AgainAfter), Is.EqualTo((0, 0, (TimeSpan?)null)), "removed is removed");
    }

    [TestCase("_.example.com", "*.example.com")]
    [TestCase("Shop.Example.com", "shop.example.com")]
    public void AFileThatTellsNothingIsCalledLikeWhatItIsFor(string file, string name)
    {
        _directory.Write(file + ".crt", "");
        _directory.Write(file + ".key", New.Key);
        Assert.That(Read().Unusable.Single().Names, Is.EqualTo(new[] { name }));
    }

    [Test]
    public void ACombinedFileThatTheDiskHadNoRoomForIsABadPair()
    {
        _directory.Write("c.example.com.pem", "");
        Assert.That(Read().Unusable.Single().Problem, Does.EndWith("c.example.com.pem is empty."));
    }

    [Test]
    public void APairOfAFolderIsABadPairToo()
    {
        _directory.Write("live.example.com/fullchain.pem", New.Chain);
        _directory.Write("live.example.com/privkey.pem", Old.Key);
        var bad = Read().Unusable.Single();
        Assert.That((bad.Name, bad.ChainPath, bad.Names.Single(), bad.IsInHAProxyFolder), Is.EqualTo(("live.example.com", _directory["live.example.com/fullchain.pem"], Name, false)));
    }

    [Test]
    public void AKeyWithAnOldFashionedPasswordIsSaidToBeEncrypted()
    {
        Write((New.Chain, "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n"));
        Assert.That(Read().Unusable.Single().Problem, Does.Contain("is encrypted"));
    }

    public void Dispose() => _directory.Dispose();

    private CertificateReading Read() => _reader.Read(CancellationToken.None);

    private void Write((string Chain, string Key) pair)
    {
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(_writes++);
        foreach (var (suffix, text) in new[] { (".crt", pair.Chain), (".key", pair.Key) })
            File.SetLastWriteTimeUtc(_directory.Write(Name + suffix, text), time);
    }
}
