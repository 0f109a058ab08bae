using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Files for programs that Templater does not know.</summary>
public sealed class WellFormedCheckerTests
{
    [TestCase("hosts.json", """{"hosts": ["a.example.com", {"port": 80}]}""")]
    [TestCase("hosts.json", "[]\n")]
    [TestCase("hosts.yaml", "hosts:\n  - a.example.com\n---\nsecond: {document: true}\n")]
    [TestCase("hosts.yml", "")]
    [TestCase("hosts.yaml", "merged: &a {b: 1}\nagain: *a\n")]
    public async Task TakesWhatTheEndOfItsNameSays(string name, string text) =>
        Assert.That(await CheckAsync(name, text), Is.InstanceOf<CheckResult.Accepted>());

    [TestCase("hosts.json", "", 1, TestName = "NothingIsNoJson")]
    [TestCase("hosts.json", "{\"a\": 1}\n{\"b\": 2}\n", 2, TestName = "TwoValuesAreNoJson")]
    [TestCase("hosts.json", "[\n  1,\n]\n", 3, TestName = "ACommaTooMany")]
    [TestCase("hosts.json", "[\n  // why\n  1\n]\n", 2, TestName = "ACommentIsNoJson")]
    [TestCase("hosts.json", "[\n  \"a\n", 2, TestName = "AnOpenText")]
    [TestCase("hosts.json", "[\n", 2, TestName = "AnOpenList")]
    [TestCase("hosts.yaml", "a: 1\n\tb: 2\n", 1, TestName = "ATab")]
    [TestCase("hosts.yaml", "a: [1, 2\nb: 3\n", 1, TestName = "AnOpenListInYaml")]
    [TestCase("hosts.yml", "a: \"never closed\n", 1, TestName = "AnOpenTextInYaml")]
    [TestCase("hosts.yml", "a: *nobody\n\n- b\n", 3, TestName = "AListBehindAMapping")]
    public async Task NamesFileAndLine(string name, string text, int line)
    {
        var result = await CheckAsync(name, text);

        Assert.That(result, Is.InstanceOf<CheckResult.Refused>());
        var refused = (CheckResult.Refused)result;
        Assert.That(refused.Line, Is.EqualTo(line));
        Assert.That(refused.Output, Does.StartWith($"/live/{name}:{line}: not ").And.Not.Contain("LineNumber").And.Not.Contain("candidate"));
    }

    [TestCase("deep.json")]
    [TestCase("deep.yaml")]
    public async Task NoDepthEndsTheProcess(string name) =>
        Assert.That(await CheckAsync(name, new string('[', 200_000)), Is.InstanceOf<CheckResult.Refused>());

    [TestCase("auto", "hosts.json", "{", "hosts.json:1: not JSON")]
    [TestCase("command:true", "hosts.json", "{", "hosts.json:1: not JSON")]
    [TestCase("command:false", "hosts.json", "{}", "")]
    [TestCase("auto", "hosts.json", "{}", null)]
    [TestCase("auto", "hosts.txt", "{", null)]
    [TestCase("none", "hosts.json", "{", null)]
    public async Task ABrokenFileNeverGoesLiveUnlessNobodyIsToCheck(string validate, string name, string text, string? refusal)
    {
        using var directory = new TempDirectory("tpl-");
        var output = new OutputDefinition { Name = "hosts", Kind = ProxyKind.Other, Template = "./hosts.scriban", Path = directory[name] };
        using var deployer = new DeployerFactory(StateDirectory.Open(directory["state"]), null, TimeProvider.System).Create(
            output, new DeploymentSettings { Validate = ValidateSpec.Parse(validate), Reload = new ReloadSpec.None() });
        var content = Encoding.UTF8.GetBytes(text);

        var outcome = await deployer.DeployAsync(new RenderedFile { Output = "hosts", Path = output.Path, Generation = "0000000000000001", Content = content }, "test", CancellationToken.None);

        Assert.That(File.Exists(output.Path), Is.EqualTo(refusal is null), outcome.ToString());
        if (refusal is not null)
            Assert.That((outcome as DeployOutcome.Refused)?.Output, Does.Contain(refusal));
    }

    private static async Task<CheckResult> CheckAsync(string name, string text)
    {
        using var directory = new TempDirectory("tpl-");
        var candidate = directory.Write("candidate", text);
        return await WellFormedChecker.For(name)!.CheckAsync(candidate, "/live/" + name, CancellationToken.None);
    }
}
