using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Tests.Routing;

public sealed class HostPatternParserTests
{
    [TestCase("shop.example.com", HostMatch.Exact, "shop.example.com")]
    [TestCase("SHOP.Example.COM", HostMatch.Exact, "shop.example.com")]
    [TestCase("shop.example.com.", HostMatch.Exact, "shop.example.com")]
    [TestCase("localhost", HostMatch.Exact, "localhost")]
    [TestCase("a_b.example.com", HostMatch.Exact, "a_b.example.com")]
    [TestCase("bücher.example", HostMatch.Exact, "xn--bcher-kva.example")]
    [TestCase("BÜCHER.example", HostMatch.Exact, "xn--bcher-kva.example")]
    [TestCase("例え.テスト", HostMatch.Exact, "xn--r8jz45g.xn--zckzah")]
    [TestCase("*.example.com", HostMatch.Wildcard, "*.example.com")]
    [TestCase("*.Bücher.example", HostMatch.Wildcard, "*.xn--bcher-kva.example")]
    [TestCase("~^www\\d+\\.example\\.com$", HostMatch.Regex, "^www\\d+\\.example\\.com$")]
    [TestCase("192.0.2.7", HostMatch.Ip, "192.0.2.7")]
    [TestCase("[2001:DB8::1]", HostMatch.Ip, "[2001:db8::1]")]
    [TestCase("*", HostMatch.Default, "*")]
    public void ReadsAHost(string text, HostMatch match, string canonical)
    {
        var isRead = HostPatternParser.TryParse(text, out var pattern, out var complaint);
        Assert.That((isRead, pattern, complaint), Is.EqualTo((true, new HostPattern(match, canonical), "")));
    }

    [TestCase("")]
    [TestCase(".")]
    [TestCase("a..b")]
    [TestCase("_")]
    [TestCase("_._")]
    [TestCase("-a.example.com")]
    [TestCase("a-.example.com")]
    [TestCase("a.com;b.com")]
    [TestCase("a.com\nb.com")]
    [TestCase("a.com\u0000")]
    [TestCase("a b.com")]
    [TestCase("a.com{")]
    [TestCase("$host")]
    [TestCase("unix:/run/x.sock")]
    [TestCase("www.*")]
    [TestCase("*.*.example.com")]
    [TestCase("*example.com")]
    [TestCase("https://blog.example.com/")]
    [TestCase("blog.example.com/path")]
    [TestCase("blog.example.com:8443")]
    [TestCase("10.1")]
    [TestCase("0x7f000001")]
    [TestCase("300.1.2.3")]
    [TestCase("[192.0.2.7]")]
    [TestCase("[fe80::1%eth0]")]
    [TestCase("~")]
    [TestCase("~(")]
    [TestCase("~^a/b$")]
    [TestCase("~(?=a)b")]
    [TestCase("~(a)\\1")]
    [TestCase("~a\u0007", TestName = "RefusesWhatIsNoHost(bell)")]
    [TestCase("\ufffd.example")]
    [TestCase("a☃.example")]
    public void RefusesWhatIsNoHost(string text)
    {
        var isRead = HostPatternParser.TryParse(text, out _, out var complaint);
        Assert.That((isRead, complaint.Length > 0), Is.EqualTo((false, true)));
    }

    [Test]
    public void RefusesALoneSurrogate() => Assert.That(HostPatternParser.TryParse("b\ud800.example", out _, out _), Is.False);

    [TestCase(63, true)]
    [TestCase(64, false)]
    public void BoundsALabel(int length, bool isLegal) =>
        Assert.That(HostPatternParser.TryParse(new string('a', length) + ".com", out _, out _), Is.EqualTo(isLegal));

    [TestCase(253, true)]
    [TestCase(254, false)]
    public void BoundsTheName(int length, bool isLegal)
    {
        var name = string.Join('.', Enumerable.Repeat(new string('a', 61), 4));
        name = name + "." + new string('b', length - name.Length - 1);
        Assert.That(name, Has.Length.EqualTo(length));
        Assert.That(HostPatternParser.TryParse(name, out _, out _), Is.EqualTo(isLegal));
    }

    [Test]
    public void BoundsARegularExpression() =>
        Assert.That(HostPatternParser.TryParse("~" + new string('a', RegexPattern.MaxLength + 1), out _, out _), Is.False);

    [TestCase("https://blog.example.com/", "blog.example.com")]
    [TestCase("blog.example.com:8443", "blog.example.com")]
    [TestCase("Blog.example.com/x?y", "blog.example.com")]
    [TestCase("a;b", null)]
    [TestCase("https:///", null)]
    public void SuggestsWhatWasMeant(string text, string? name) => Assert.That(HostPatternParser.Suggest(text), Is.EqualTo(name));
}
