using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

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

    [TestCase("command:true", "route *.a.com\n upstream a\n", false)]
    [TestCase("none", "route *.a.com\n upstream a\n", false)]
    [TestCase("command:true", "route a.com\n upstream a\n", true)]
    [TestCase("command:false", "route a.com\n upstream a\n", false)]
    public async Task ItsRulesHoldWhoeverElseIsToJudge(string validate, string text, bool isTaken)
    {
        using var directory = new TempDirectory("tpl-");
        var output = new OutputDefinition { Name = "centauri", Kind = ProxyKind.Centauri, Template = "centauri", Path = directory["centauri.conf"] };
        using var deployer = new DeployerFactory(StateDirectory.Open(directory["state"]), null, TimeProvider.System).Create(
            output, new DeploymentSettings { Validate = ValidateSpec.Parse(validate), Reload = new ReloadSpec.None() });
        var content = Encoding.UTF8.GetBytes(text);

        var outcome = await deployer.DeployAsync(
            new RenderedFile { Output = "centauri", Path = output.Path, Generation = "0000000000000001", Content = content }, "test", CancellationToken.None);

        Assert.That(outcome is not DeployOutcome.Refused, Is.EqualTo(isTaken), outcome.ToString());
        Assert.That(File.Exists(output.Path), Is.EqualTo(isTaken));
        Assert.That(deployer.Validation, Does.StartWith("Centauri's rules, in-process"));
        var finding = await new CandidateCheck(TimeProvider.System).RunAsync(output, ValidateSpec.Parse(validate), new RenderedFile { Output = "centauri", Path = output.Path, Generation = "0000000000000001", Content = content }, "out.conf", CancellationToken.None);
        Assert.That(finding is null, Is.EqualTo(isTaken), finding?.ToString());
    }

    [TestCase("")]
    [TestCase("# nothing\n")]
    [TestCase(Good)]
    [TestCase("route localhost\n upstream a\n")]
    [TestCase("ROUTE Localhost\n Upstream a\n Header REPLACE X y\n Fallback\n")]
    [TestCase("route a.com\n upstream a\n on_error 404 b\n on_error 599 b/\n on_error 404 [fd00::1]:80/x?y=1\n")]
    [TestCase("route a.com\n upstream a\nroute b.com\n upstream a\n subject a.com\n")]
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
    [TestCase("route a.com\n upstream a\n on_error 600 b\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error 4xx b\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error +404 b\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error 404 b c\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error  404 b\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error 404 b?x\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error 404 b/?x\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error 404 b/x?\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error 404 b/x#y\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error 404 b:0/x\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error 404 http://b/x\n", 3)]
    [TestCase("route a.com\n upstream a\n on_error 404 /x\n", 3)]
    [TestCase("route a.com\n upstream a\n subject a.com  b.com\n", 3)]
    [TestCase("route a.com\n upstream a\n subject *.*.a.com\n", 3)]
    [TestCase("route a.com\n upstream a\n provider\n", 3)]
    [TestCase("route a.com\n upstream a\n provider a b\n", 3)]
    [TestCase("route a.com\n upstream a\n fallback\nroute b.com\n upstream b\n fallback\n", 6)]
    [TestCase("route a.com\n upstream a\nroute b.com A.com\n upstream b\n", 3)]
    [TestCase("route A.com b.com\n upstream a\n redirect-to-primary\n", 1)]
    [TestCase("route a.com\n upstream a:0\n", 2)]
    [TestCase("route a.com\n upstream a\n nonsense\n", 3)]
    [TestCase("##\n", 1)]
    [TestCase("#\tx\n", 1)]
    [TestCase("route a.com\n upstream\ta\n", 2)]
    [TestCase("route a.com  b.com\n upstream a\n", 1)]
    [TestCase("route a.com\tb.com\n upstream a\n", 1)]
    [TestCase("route ::1\n upstream a\n", 1)]
    [TestCase("route bücher.example\n upstream a\n", 1)]
    [TestCase("route a-.com\n upstream a\n", 1)]
    [TestCase("route a.com.\n upstream a\n", 1)]
    [TestCase("route a.com\r upstream a\r", 1)]
    [TestCase("route a.com\n upstream a b\n", 2)]
    [TestCase("route a.com\n upstream a # b\n", 2)]
    [TestCase("route a.com b.com\n upstream a\n redirect-to-primary\n redirect-to-primary\n", 4)]
    [TestCase("route a.com\n upstream a\n header delete X y\n", 3)]
    [TestCase("route a.com\n upstream a\n header delete  X\n", 3)]
    [TestCase("route a.com\n upstream a\n fallback foo\n", 3)]
    public void RefusesWhatWouldEndCentauriOrNeverAnswer(string text, int line) =>
        Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(text))?.Line, Is.EqualTo(line));

    [Test]
    public void RefusesNamesThatAreTooLongOrHoldNothing()
    {
        var label = new string('a', 63);
        Assert.That(Check($"{label}.com"), Is.Null);
        Assert.That(Check($"{label}a.com"), Is.EqualTo(1));
        Assert.That(Check($"{label}.{label}.{label}.{label[2..]}"), Is.Null);
        Assert.That(Check($"{label}.{label}.{label}.{label[1..]}"), Is.EqualTo(1));
        Assert.That(Check("a\0.com"), Is.EqualTo(1));

        static int? Check(string name) => CentauriChecker.Check(Encoding.UTF8.GetBytes($"route {name}\n upstream a\n"))?.Line;
    }

    [Test]
    public void RefusesLongLinesAndOtherEncodings()
    {
        Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes("# " + new string('x', 70_000))), Is.Not.Null);
        Assert.That(CentauriChecker.Check([0xFF, 0xFE, 0x41]), Is.Not.Null);
    }
}
