using System.Text;
using Templater.Pipeline.Deployment.Checks;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class CentauriCheckerTests
{
    private const string Good = """
        # static site, www redirected
        route shop.test www.shop.test
            upstream shop-web:8080
            redirect-to-primary
            header default Strict-Transport-Security max-age=15768000
            header delete Server

        route api.shop.test
            upstream api-1:9000
            upstream [fd00::1]:9000
            on_error 502 errors:8080/down.json?svc=api
            subject *.shop.test
            provider selfsigned
            fallback

        """;

    [TestCase("")]
    [TestCase("# nothing\n")]
    [TestCase(Good)]
    [TestCase("route localhost\n upstream a\n")]
    [TestCase("route a_b.com xn--bcher-kva.example\r\n upstream a:80\r\n")]
    public void AcceptsWhatCentauriServes(string text) => Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(text)), Is.Null);

    [TestCase("#x\n", 1)]
    [TestCase("\uFEFFroute a.com\n upstream a\n", 1)]
    [TestCase("upstream a:80\n", 1)]
    [TestCase("route\n upstream a\n", 1)]
    [TestCase("route a.com\n", 1)]
    [TestCase("route a.com\nroute b.com\n upstream b\n", 2)]
    [TestCase("route  a.com\n upstream a\n", 1)]
    [TestCase("route *.a.com\n upstream a\n", 1)]
    [TestCase("route 10.0.0.1\n upstream a\n", 1)]
    [TestCase("route a.com:80\n upstream a\n", 1)]
    [TestCase("route a..b\n upstream a\n", 1)]
    [TestCase("route -a.com\n upstream a\n", 1)]
    [TestCase("route a.com,b.com\n upstream a\n", 1)]
    [TestCase("route a.com # comment\n upstream a\n", 1)]
    [TestCase("route\ta.com\n upstream a\n", 1)]
    [TestCase("route a.com\n upstream\n", 2)]
    [TestCase("route a.com\n upstream http://a:80\n", 2)]
    [TestCase("route a.com\n upstream a:99999\n", 2)]
    [TestCase("route a.com\n upstream a\n redirect-to-primary\n", 1)]
    [TestCase("route a.com a.com\n upstream a\n redirect-to-primary\n", 1)]
    [TestCase("route a.com\n upstream a\n header remove X\n", 3)]
    [TestCase("route a.com\n upstream a\n header add X\n", 3)]
    [TestCase("route a.com\n upstream a\n header add  X y\n", 3)]
    [TestCase("route a.com\n upstream a\n header replace X: y\n", 3)]
    [TestCase("route a.com\n upstream a\n fallback\n fallback\n", 4)]
    [TestCase("route a.com\n upstream a\n provider a\n provider b\n", 4)]
    [TestCase("route a.com\n upstream a\n subject\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error 302 b\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error 500\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error 500 b?\n", 3)]
    [TestCase("route a.com\n upstream a\n nonsense\n", 3)]
    public void RefusesWhatWouldEndCentauriOrNeverAnswer(string text, int line) =>
        Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(text))?.Line, Is.EqualTo(line));

    [Test]
    public void RefusesLongLinesAndOtherEncodings()
    {
        Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes("# " + new string('x', 70_000))), Is.Not.Null);
        Assert.That(CentauriChecker.Check([0xFF, 0xFE, 0x41]), Is.Not.Null);
    }
}
