using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Tests.Routing;

public sealed class ValueSyntaxTests
{
    [TestCase("a,b", "a|b")]
    [TestCase(" a , b\n\tc\r\nd ,, ", "a|b|c|d")]
    [TestCase("~^a{1,3}$,b", "~^a{1,3}$|b")]
    [TestCase("~[a,b] c", "~[a,b]|c")]
    [TestCase("", "")]
    [TestCase(" , ", "")]
    public void SplitsAList(string text, string items) => Assert.That(string.Join('|', ValueList.Split(text)), Is.EqualTo(items));

    [TestCase("true", true)]
    [TestCase("YES", true)]
    [TestCase("on", true)]
    [TestCase("1", true)]
    [TestCase("false", false)]
    [TestCase("no", false)]
    [TestCase("off", false)]
    [TestCase("0", false)]
    [TestCase("maybe", null)]
    [TestCase("", null)]
    public void ReadsABoolean(string text, bool? value) =>
        Assert.That(Quantities.TryBoolean(text, out var found) ? found : (bool?)null, Is.EqualTo(value));

    [TestCase("500ms", 500)]
    [TestCase("30s", 30_000)]
    [TestCase("5m", 300_000)]
    [TestCase("1h", 3_600_000)]
    [TestCase("0", 0)]
    [TestCase("30", null)]
    [TestCase("-1s", null)]
    [TestCase("1.5s", null)]
    [TestCase("s", null)]
    [TestCase("1d", null)]
    [TestCase("99999999999999h", null)]
    public void ReadsADuration(string text, int? milliseconds) =>
        Assert.That(Quantities.TryDuration(text, out var found) ? (int)found.TotalMilliseconds : (int?)null, Is.EqualTo(milliseconds));

    [TestCase("0", 0L)]
    [TestCase("512k", 524_288L)]
    [TestCase("10M", 10_485_760L)]
    [TestCase("2g", 2_147_483_648L)]
    [TestCase("1t", null)]
    [TestCase("-1", null)]
    [TestCase("999999999999999g", null)]
    public void ReadsASize(string text, long? bytes) =>
        Assert.That(Quantities.TrySize(text, out var found) ? found : (long?)null, Is.EqualTo(bytes));

    [TestCase("80", 80)]
    [TestCase("65535", 65535)]
    [TestCase("0", null)]
    [TestCase("65536", null)]
    [TestCase("8080/tcp", null)]
    [TestCase("+80", null)]
    [TestCase("0x50", null)]
    public void ReadsAPort(string text, int? port) =>
        Assert.That(Quantities.TryPort(text, out var found) ? found : (int?)null, Is.EqualTo(port));

    [TestCase("10.0.0.1", "10.0.0.1")]
    [TestCase("10.1.2.3/8", "10.0.0.0/8")]
    [TestCase("2001:DB8::1/32 10.0.0.1", "2001:db8::/32 10.0.0.1")]
    [TestCase("::ffff:1.2.3.4", "1.2.3.4")]
    [TestCase("::ffff:1.2.3.4/120", "1.2.3.0/24")]
    [TestCase("::ffff:0:0/96", "0.0.0.0/0")]
    [TestCase("::ffff:1.2.3.4/129", null)]
    [TestCase("private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 127.0.0.0/8 fc00::/7 ::1/128")]
    [TestCase("private, 203.0.113.0/24, private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 127.0.0.0/8 fc00::/7 ::1/128 203.0.113.0/24")]
    [TestCase("", null)]
    [TestCase("10.0.0.0/33", null)]
    [TestCase("10/8", null)]
    [TestCase("everyone", null)]
    [TestCase("10.0.0.1;", null)]
    [TestCase("fe80::1%eth0", null)]
    public void ReadsClients(string text, string? ranges) =>
        Assert.That(ClientRange.TryParse(text, out var found) ? string.Join(' ', found) : null, Is.EqualTo(ranges));

    [TestCase("/", PathMatch.Prefix, "/")]
    [TestCase("/api", PathMatch.Prefix, "/api")]
    [TestCase("/api/", PathMatch.Prefix, "/api")]
    [TestCase("/...", PathMatch.Prefix, "/...")]
    [TestCase("=/exact/", PathMatch.Exact, "/exact/")]
    [TestCase("~^/v\\d+/", PathMatch.Regex, "^/v\\d+/")]
    public void ReadsAPath(string text, PathMatch match, string canonical)
    {
        Assert.That(PathPatternParser.TryParse(text, out var pattern), Is.True);
        Assert.That(pattern, Is.EqualTo(new PathPattern(match, canonical)));
    }

    [TestCase("")]
    [TestCase("api")]
    [TestCase("/a b")]
    [TestCase("/a?b")]
    [TestCase("/a#b")]
    [TestCase("/a\n")]
    [TestCase("//")]
    [TestCase("/a//b")]
    [TestCase("/a//")]
    [TestCase("/%61")]
    [TestCase("/./a")]
    [TestCase("/a/..")]
    [TestCase("=/a/../b")]
    [TestCase("=")]
    [TestCase("~(")]
    public void RefusesWhatIsNoPath(string text) => Assert.That(PathPatternParser.TryParse(text, out _), Is.False);

    [TestCase("max-age=31536000", true)]
    [TestCase("max-age=1; includeSubDomains; preload", true)]
    [TestCase("includeSubDomains", false)]
    [TestCase("max-age=1; max-age=2", false)]
    [TestCase("max-age=x", false)]
    [TestCase("max-age=1\r\nX: y", false)]
    [TestCase("max-age=1; evil", false)]
    public void ValidatesStrictTransportSecurity(string value, bool isLegal) => Assert.That(HeaderSyntax.IsHsts(value), Is.EqualTo(isLegal));

    [TestCase("https://example.com/x", true)]
    [TestCase("http://example.com!", true)]
    [TestCase("ftp://example.com", false)]
    [TestCase("/path", false)]
    [TestCase("javascript:alert(1)", false)]
    [TestCase("https://user@example.com/", false)]
    [TestCase("https://example.com/a b", false)]
    [TestCase("https://example.com/\"", false)]
    [TestCase("https://example.com/\n", false)]
    public void ValidatesARedirect(string value, bool isLegal) => Assert.That(RedirectUrl.TryParse(value, out _), Is.EqualTo(isLegal));

    [Test]
    public void RefusesAValueThatCannotBeUtf8() => Assert.That(Untrusted.IsReadable("a\ud800"), Is.False);

    [Test]
    public void CountsBytesNotCharacters()
    {
        var umlauts = new string('ü', Untrusted.MaxValueBytes / 2);
        Assert.That((Untrusted.IsReadable(umlauts), Untrusted.IsReadable(umlauts + "ü")), Is.EqualTo((true, false)));
    }

    [Test]
    public void ShowsControlCharacters() => Assert.That(Untrusted.Shown("a\r\n\u001b[1mb"), Is.EqualTo("a\\u000d\\u000a\\u001b[1mb"));
}
