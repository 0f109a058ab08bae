using System.Security.Cryptography.X509Certificates;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Rendering;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Certificates.Store;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class PlaceholderPairsTests : IDisposable
{
    private const string Name = "shop.example.com";

    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(Scenario.Now);
    private readonly PlaceholderPairs _pairs;

    public PlaceholderPairsTests() => _pairs = Pairs();

    private string Certs => _directory["certs"];

    private string Folder => Path.Combine(Certs, ".templater-store", "placeholders");

    public void Dispose() => _directory.Dispose();

    [Test]
    public void OneStandsForEachCertificateThatIsMissing()
    {
        Assert.That(_pairs.All, Is.Empty);
        WantedCertificate[] missing = [Wanted("*.example.org", "example.org"), Wanted("192.0.2.7"), Wanted(Name)];
        Assert.That(_pairs.Show(missing), Is.True);

        Assert.That(_pairs.All.Select(static pair => string.Join(' ', pair.Names)), Is.EquivalentTo(new[] { "*.example.org example.org", "192.0.2.7", Name }));
        Assert.That(_pairs.Show(missing), Is.False, "they are there");
        Assert.That(Pairs().All.Select(static pair => pair.ContentDigest), Is.EqualTo(_pairs.All.Select(static pair => pair.ContentDigest)), "also after a restart");
        using var shown = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(Folder, Name + ".pem")));
        Assert.That((shown.Subject, shown.Issuer), Is.EqualTo(("CN=Templater placeholder", "CN=Templater placeholder")));
    }

    [Test]
    public void NobodyTakesThemForCertificates()
    {
        _pairs.Show([Wanted(Name)]);
        var read = new CertificateDirectory(Certs, _time).Read(CancellationToken.None);
        Assert.That((read.Pairs.Length, read.Unusable.Length, read.Findings.Length), Is.EqualTo((0, 0, 0)));
        Assert.That(new CertificateStore(Options, _time).All, Is.Empty);
    }

    [Test]
    public void TheirKeysHaveTheModeOfKeys()
    {
        _pairs.Show([Wanted(Name)]);
        Assert.That(File.GetUnixFileMode(Path.Combine(Folder, Name + ".pem")), Is.EqualTo((UnixFileMode)StoreOptions.DefaultMode));
    }

    [Test]
    public void WhatEndsIsMadeAnewWhereItIsMissingAndElseRemovedInTheEnd()
    {
        _pairs.Show([Wanted(Name), Wanted("other.example.com")]);
        var first = Digest(Name);
        _time.Advance(TimeSpan.FromDays(61));
        Assert.That((_pairs.Show([Wanted(Name)]), Digest(Name) != first, Digest("other.example.com") is not null), Is.EqualTo((true, true, true)), "a configuration may name the other one");
        _time.Advance(TimeSpan.FromDays(30));
        Assert.That((_pairs.Show([Wanted(Name)]), Digest("other.example.com"), Directory.GetFiles(Folder).Length), Is.EqualTo((true, (string?)null, 1)));
    }

    [Test]
    public void OtherNamesAreAnotherPair()
    {
        _pairs.Show([Wanted(Name)]);
        Assert.That(_pairs.Show([Wanted(Name, "www.example.com")]), Is.True);
        Assert.That(_pairs.All.Single().Names, Is.EqualTo(new[] { Name, "www.example.com" }));
    }

    [Test]
    public void WhatCanBeTheNameOfNoCertificateGetsNone()
    {
        _pairs.Show([Wanted("my_host.example.com"), Wanted("*.my_dept.example.com"), Wanted(Name)]);
        Assert.That(_pairs.All.Select(static pair => pair.Name), Is.EqualTo(new[] { Name }));
    }

    [TestCase("")]
    [TestCase("half of it")]
    public void ADamagedOneIsMadeAnew(string content)
    {
        _pairs.Show([Wanted(Name)]);
        File.WriteAllText(Path.Combine(Folder, Name + ".pem"), content);
        Assert.That((Pairs().All.Length, _pairs.Show([Wanted(Name)]), _pairs.All.Length), Is.EqualTo((0, true, 1)));
    }

    [Test]
    public void AFolderThatCannotBeMadeIsSaid()
    {
        _directory.Write("certs", "a file");
        Assert.That(() => _pairs.Show([Wanted(Name)]), Throws.InstanceOf<OutputFileException>());
    }

    [Test]
    public async Task ItsHostIsServedByTlsAndPlainHttpGoesOn()
    {
        _pairs.Show([Wanted(Name)]);
        var (with, without) = (Site(), Site());
        with.Acme = GivenAcme.Answers with { Placeholders = _pairs.All };
        var text = with.Text("nginx");
        Assert.That(text, Does.Contain($"ssl_certificate \"{_pairs.All[0].ChainPath}\";").And.Not.Contain("return 308"));
        Assert.That(without.Text("nginx"), Does.Not.Contain("ssl_certificate "));
        await RealChecker.AcceptsNginx(text);
        Assert.That(with.Text("haproxy").Replace(SampleHosts.Generation(with.Text("haproxy")), "", StringComparison.Ordinal),
            Is.EqualTo(without.Text("haproxy").Replace(SampleHosts.Generation(without.Text("haproxy")), "", StringComparison.Ordinal)), "it starts without");
    }

    [TestCase("templater.acme", "false", Description = "none is on its way")]
    [TestCase("templater.https", "off")]
    [TestCase("templater.host", "other.example.com", Description = "it is for another name")]
    public void NoOtherHostShowsIt(string label, string value)
    {
        _pairs.Show([Wanted(Name)]);
        var scenario = new Scenario { Policy = new RoutingPolicy { Acme = GivenAcme.Policy }, Acme = GivenAcme.Answers with { Placeholders = _pairs.All } };
        scenario.Add("shop", [.. new Dictionary<string, string> { ["templater.host"] = Name, [label] = value }.Select(static pair => (pair.Key, pair.Value))]);
        Assert.That(scenario.Text("nginx"), Does.Not.Contain("ssl_certificate "));
    }

    [Test]
    public void ARealOneIsShownInstead()
    {
        _pairs.Show([Wanted(Name)]);
        var scenario = Site();
        scenario.Acme = GivenAcme.Answers with { Placeholders = _pairs.All };
        scenario.Certificate(Certs, "shop.crt", "shop.key", Name);
        Assert.That(scenario.Text("nginx"), Does.Contain("shop.crt").And.Contain("return 308").And.Not.Contain("placeholders"));
    }

    private static Scenario Site() => new Scenario { Policy = new RoutingPolicy { Acme = GivenAcme.Policy }, Acme = GivenAcme.Answers }.Add("shop", ("templater.host", Name));

    private static WantedCertificate Wanted(params string[] names) => new() { Name = names[0], Names = [.. names.Order(StringComparer.Ordinal)], Authorities = ["ca"] };

    private StoreOptions Options => new() { Directory = Certs };

    private PlaceholderPairs Pairs() => new(Options, _time);

    private string? Digest(string name) => _pairs.All.FirstOrDefault(pair => pair.Name == name)?.ContentDigest;
}
