using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Inventory;

public sealed class ImageReferenceParserTests
{
    [TestCase("nginx", "", "nginx", "", "")]
    [TestCase("nginx:1.30", "", "nginx", "1.30", "")]
    [TestCase("my/shop", "", "my/shop", "", "")]
    [TestCase("registry.example.com/my/shop:2", "registry.example.com", "my/shop", "2", "")]
    [TestCase("registry:5000/shop", "registry:5000", "shop", "", "")]
    [TestCase("localhost/shop:x", "localhost", "shop", "x", "")]
    [TestCase("my/shop:2@sha256:abc", "", "my/shop", "2", "sha256:abc")]
    [TestCase("shop@sha256:abc", "", "shop", "", "sha256:abc")]
    [TestCase("sha256:abcdef", "", "sha256:abcdef", "", "")]
    [TestCase("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", "")]
    [TestCase("", "", "", "", "")]
    [TestCase("/odd:", "", "/odd", "", "")]
    public void TakesNamesApart(string text, string registry, string repository, string tag, string digest) =>
        Assert.That(ImageReferenceParser.Parse(text), Is.EqualTo(new ImageReference(registry, repository, tag, digest)));
}

public sealed class EnvFilterTests
{
    [TestCase("VIRTUAL_HOST", true)]
    [TestCase("LETSENCRYPT_HOST", true)]
    [TestCase("ACME_HOST", true)]
    [TestCase("ACME_EAB_HMAC_KEY", false)]
    [TestCase("ACME_DNS_API_TOKEN", false)]
    [TestCase("LETSENCRYPT_DNS_PASSWORD", false)]
    [TestCase("VIRTUAL_DB_PASSWORD", false)]
    [TestCase("VIRTUAL_HOST_MULTIPORTS", true)]
    [TestCase("EXTERNAL_HTTP_PORT", true)]
    [TestCase("ENABLE_HTTP_ON_MISSING_CERT", true)]
    [TestCase("SSL_POLICY", true)]
    [TestCase("HTTPS_METHOD", true)]
    [TestCase("EXTERNAL_HTTPS_PORT", true)]
    [TestCase("NGINX_VERSION", true)]
    [TestCase("HAPROXY_VERSION", true)]
    [TestCase("PATH", false)]
    [TestCase("DB_PASSWORD", false)]
    [TestCase("virtual_host", false)]
    public void KeepsTheNamesOfTheDialectsInUse(string name, bool isKept) =>
        Assert.That(EnvFilter.Default.Keeps(name), Is.EqualTo(isKept));

    [Test]
    public void DropsTheNamesOfADialectThatIsNotRead()
    {
        var filter = new EnvFilter([Dialect.Templater], ["STAGE"]);
        Assert.That(
            filter.Apply(["VIRTUAL_HOST=a", "HSTS=off", "STAGE=blue", "NGINX_VERSION=1.27"]).Keys,
            Is.EqualTo(new[] { "NGINX_VERSION", "STAGE" }));
    }

    [Test]
    public void TheLastOfTwoValuesHoldsAndALineWithoutValueSetsNothing() =>
        Assert.That(
            EnvFilter.Default.Apply(["VIRTUAL_HOST=a", "VIRTUAL_HOST=b=c", "VIRTUAL_PORT", "=x"]),
            Is.EqualTo(Snapshots.Map(("VIRTUAL_HOST", "b=c"))));

    [Test]
    public void AThousandVariablesAreBounded() =>
        Assert.That(
            new EnvFilter([], Enumerable.Range(0, 1000).Select(static i => $"V{i:d4}")).Apply(Enumerable.Range(0, 1000).Select(static i => $"V{i:d4}=x")),
            Has.Count.EqualTo(EnvFilter.MaxVariables));
}

public sealed class UntrustedTextTests
{
    [Test]
    public void ALongValueIsCutButStaysTooLongForEveryLabel()
    {
        var cut = UntrustedText.Bounded(new string('x', 10_000));
        Assert.That(cut, Has.Length.EqualTo(UntrustedText.MaxLength).And.Length.GreaterThan(2000));
    }

    [Test]
    public void APairAtTheEdgeIsNotCutInTwo() =>
        Assert.That(UntrustedText.Bounded(new string('x', UntrustedText.MaxLength - 1) + "😀"), Has.Length.EqualTo(UntrustedText.MaxLength - 1));

    [Test]
    public void ControlCharactersAreNotPrinted() =>
        Assert.That(UntrustedText.Printable("a\r\nb\u001b[0m", 50), Is.EqualTo("a??b?[0m"));

    [Test]
    public void ALongTextIsPrintedWithAnEllipsis() =>
        Assert.That(UntrustedText.Printable("abcdefgh", 5), Is.EqualTo("abcd…"));
}
