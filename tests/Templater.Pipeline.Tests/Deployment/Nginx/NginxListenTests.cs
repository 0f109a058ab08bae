using Templater.Pipeline.Deployment.Proving.Nginx;

namespace Templater.Pipeline.Tests.Deployment.Nginx;

/// <summary>What a file listens on, and what of it is new.</summary>
public sealed class NginxListenTests
{
    [TestCase("listen 80;", "listen 80; listen 81;", ExpectedResult = "81@1")]
    [TestCase("listen 80;", "\nlisten 10.0.0.1:80;\nlisten [::]:80 default_server;", ExpectedResult = "")]
    [TestCase("listen 53;", "\nlisten 53 udp;", ExpectedResult = "53@2")]
    [TestCase("listen 80;", "listen unix:/x; listen nonsense:port; listen 99999; listen;", ExpectedResult = "")]
    [TestCase("", "stream { server {\n listen 8000-8010;\n} }", ExpectedResult = "8000@2")]
    [TestCase("listen 80;", "log 'listen 81;'; \"\nlisten 82;", ExpectedResult = "")]
    public string NewPortsAreThoseThatTheFormerFileDoesNotHave(string former, string file) =>
        string.Join(' ', NginxListen.New(file, former).Select(static listen => $"{listen.Port}@{listen.Line}"));
}
