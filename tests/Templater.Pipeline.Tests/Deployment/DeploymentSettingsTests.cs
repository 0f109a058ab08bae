using Templater.Docker;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class DeploymentSettingsTests
{
    [TestCase("auto", "auto", "auto", "GET /containers/{id}/top,GET /containers/{id}/logs,POST /containers/{id}/kill")]
    [TestCase("docker:edge", "auto", "none", "GET /containers/{id}/logs,POST /containers/{id}/kill")]
    [TestCase("haproxy:/run/m.sock", "auto", "auto", "GET /containers/{id}/logs")]
    [TestCase("haproxy:/run/m.sock", "auto", "none", "GET /containers/{id}/logs")]
    [TestCase("process:nginx", "auto", "auto", "GET /containers/{id}/logs")]
    [TestCase("pidfile:/run/nginx.pid", "auto", "auto", "GET /containers/{id}/logs")]
    [TestCase("process:nginx", "auto", "none", "GET /containers/{id}/logs")]
    [TestCase("push:7000", "auto", "auto", "")]
    [TestCase("none", "auto", "none", "")]
    [TestCase("none", "exec:edge:nginx -t", "auto", "POST /containers/{id}/exec,POST /exec/{id}/start,GET /exec/{id}/json")]
    public void NothingIsAskedOfTheEngineThatSettingsDoNotNeed(string reload, string validate, string verify, string expected)
    {
        var settings = new DeploymentSettings
        {
            Reload = ReloadSpec.Parse(reload),
            Validate = ValidateSpec.Parse(validate),
            Verify = VerifySpec.Parse(verify),
        };

        Assert.That(string.Join(',', AllowedCalls.For(settings.EngineCalls).Calls), Is.EqualTo(expected));
    }
}
