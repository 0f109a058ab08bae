using System.Net;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class ReloadSpecTests
{
    private static readonly object[] Good =
    [
        new object[] { "auto", new ReloadSpec.Auto() },
        new object[] { " none ", new ReloadSpec.None() },
        new object[] { "docker:nginx", new ReloadSpec.Docker("nginx", ReloadSignal.Hup) },
        new object[] { "docker:nginx:USR1", new ReloadSpec.Docker("nginx", new ReloadSignal("SIGUSR1", 10)) },
        new object[] { "docker:nginx:sigusr2", new ReloadSpec.Docker("nginx", new ReloadSignal("SIGUSR2", 12)) },
        new object[] { "docker:nginx:1", new ReloadSpec.Docker("nginx", ReloadSignal.Hup) },
        new object[] { "docker:nginx:restart", new ReloadSpec.Docker("nginx", ReloadSignal.Hup) { IsRestart = true } },
        new object[] { "docker:restart", new ReloadSpec.Docker("restart", ReloadSignal.Hup) },
        new object[] { "label:a=b:RESTART", new ReloadSpec.Label("a", "b", ReloadSignal.Hup) { IsRestart = true } },
        new object[] { "label:a=restart", new ReloadSpec.Label("a", "restart", ReloadSignal.Hup) },
        new object[] { "label:a.b=c", new ReloadSpec.Label("a.b", "c", ReloadSignal.Hup) },
        new object[] { "label:a=", new ReloadSpec.Label("a", "", ReloadSignal.Hup) },
        new object[] { "label:a=b=c:HUP", new ReloadSpec.Label("a", "b=c", ReloadSignal.Hup) },
        new object[] { "label:url=http://x:8080", new ReloadSpec.Label("url", "http://x:8080", ReloadSignal.Hup) },
        new object[] { "haproxy:/run/m.sock", new ReloadSpec.HAProxy("/run/m.sock") },
        new object[] { "pidfile:/run/nginx.pid", new ReloadSpec.PidFile("/run/nginx.pid", ReloadSignal.Hup) },
        new object[] { "pidfile:/run/a:b:USR2", new ReloadSpec.PidFile("/run/a:b", new ReloadSignal("SIGUSR2", 12)) },
        new object[] { "push:7000", new ReloadSpec.Push(new IPEndPoint(IPAddress.Loopback, 7000)) },
        new object[] { "push:0.0.0.0:1", new ReloadSpec.Push(new IPEndPoint(IPAddress.Any, 1)) },
        new object[] { "push:[::1]:65535", new ReloadSpec.Push(new IPEndPoint(IPAddress.IPv6Loopback, 65535)) },
        new object[] { "process:nginx", new ReloadSpec.Process("nginx", ReloadSignal.Hup) },
    ];

    [TestCaseSource(nameof(Good))]
    public void ReadsEveryForm(string text, ReloadSpec expected) => Assert.That(ReloadSpec.Parse(text), Is.EqualTo(expected));

    [Test]
    public void SplitsCommandsIntoWords()
    {
        Assert.That(((ReloadSpec.Command)ReloadSpec.Parse("command:nginx -s 'reload now'")).Words, Is.EqualTo(new[] { "nginx", "-s", "reload now" }));
        var exec = (ReloadSpec.Exec)ReloadSpec.Parse("exec:edge:nginx -g a:HUP");
        Assert.That(exec.Name, Is.EqualTo("edge"));
        Assert.That(exec.Words, Is.EqualTo(new[] { "nginx", "-g", "a:HUP" }));
    }

    [TestCase("http:http://127.0.0.1:9/reload", "http://127.0.0.1:9/reload")]
    [TestCase("http://127.0.0.1:9/reload", "http://127.0.0.1:9/reload")]
    public void ReadsUrls(string text, string expected) =>
        Assert.That(((ReloadSpec.Http)ReloadSpec.Parse(text)).Url, Is.EqualTo(new Uri(expected)));

    [TestCase("", "expected auto")]
    [TestCase("dokcer:nginx", "expected auto")]
    [TestCase("auto:x", "takes nothing after it")]
    [TestCase("docker:", "name is missing")]
    [TestCase("docker:ngi nx", "cannot be the name")]
    [TestCase("docker:nginx:HPU", "\"HPU\" is not a signal")]
    [TestCase("docker:nginx:0", "\"0\" is not a signal")]
    [TestCase("docker:nginx:999999999999999999999", "is not a signal")]
    [TestCase("docker:nginx:KILL", "would stop the proxy")]
    [TestCase("docker:nginx:19", "would stop the proxy")]
    [TestCase("docker::restart", "name is missing")]
    [TestCase("docker:nginx:HUP:restart", "\"HUP\" is not a signal")]
    [TestCase("docker:nginx:restart:HUP", "\"restart\" is not a signal")]
    [TestCase("docker:nginx:restart:10", "\"restart\" is not a signal")]
    [TestCase("label:a:restart", "KEY=VALUE")]
    [TestCase("process:nginx:restart", "\"restart\" is not a signal")]
    [TestCase("label:novalue", "KEY=VALUE")]
    [TestCase("label:=v", "KEY=VALUE")]
    [TestCase("haproxy:run/m.sock", "absolute path")]
    [TestCase("haproxy", "absolute path")]
    [TestCase("pidfile:", "absolute path")]
    [TestCase("process:", "without a path")]
    [TestCase("process:/usr/sbin/nginx", "without a path")]
    [TestCase("process:nginx:HPU", "\"HPU\" is not a signal")]
    [TestCase("exec:edge", "exec:NAME:COMMAND")]
    [TestCase("exec:edge:", "names no program")]
    [TestCase("command:a | b", "no shell")]
    [TestCase("push", "with a port from 1 to 65535")]
    [TestCase("push:", "with a port from 1 to 65535")]
    [TestCase("push:0", "with a port from 1 to 65535")]
    [TestCase("push:65536", "with a port from 1 to 65535")]
    [TestCase("push:+80", "with a port from 1 to 65535")]
    [TestCase("push:127.0.0.1", "with a port from 1 to 65535")]
    [TestCase("push:127.0.0.1:http", "with a port from 1 to 65535")]
    [TestCase("push::7000", "\"\" is not an address to listen on")]
    [TestCase("push:templater:7000", "\"templater\" is not an address to listen on")]
    [TestCase("push:1:7000", "\"1\" is not an address to listen on")]
    [TestCase("push:127.1:7000", "\"127.1\" is not an address to listen on")]
    [TestCase("push:::1:7000", "\"::1\" is not an address to listen on")]
    [TestCase("push:[127.0.0.1]:7000", "\"[127.0.0.1]\" is not an address to listen on")]
    [TestCase("push:[fe80::1%1]:7000", "is not an address to listen on")]
    [TestCase("http:ftp://x/", "http or https URL")]
    [TestCase("http:nonsense", "http or https URL")]
    public void RefusesBadFormsWithAReason(string text, string expected) =>
        Assert.That(
            () => ReloadSpec.Parse(text),
            Throws.TypeOf<SpecFormatException>().With.Message.Contains(expected).And.Message.StartsWith("reload \"").And.Message.Not.Contains("\n"));

    [Test]
    public void ShowsNoControlCharactersOfTheSettingInItsMessage() =>
        Assert.That(() => ReloadSpec.Parse("x\u001b[31m\ny"), Throws.TypeOf<SpecFormatException>().With.Message.Not.Contains("\u001b"));

    [TestCase("validate", "auto", true)]
    [TestCase("validate", "none", true)]
    [TestCase("validate", "command:nginx -t -c {file}", true)]
    [TestCase("validate", "exec:edge:nginx -t", true)]
    [TestCase("validate", "http:http://x/", false)]
    [TestCase("validate", "command:", false)]
    [TestCase("verify", "auto", true)]
    [TestCase("verify", "none", true)]
    [TestCase("verify", "http:http://x/", true)]
    [TestCase("verify", "command:true", true)]
    [TestCase("verify", "exec:a:b", false)]
    [TestCase("verify", "http:x", false)]
    public void TheOtherTwoSettingsReadTheirOwnForms(string setting, string text, bool isGood)
    {
        void Parse() => _ = setting == "validate" ? (object)ValidateSpec.Parse(text) : VerifySpec.Parse(text);

        if (isGood)
            Assert.That(Parse, Throws.Nothing);
        else
            Assert.That(Parse, Throws.TypeOf<SpecFormatException>().With.Message.StartsWith(setting + " "));
    }
}
