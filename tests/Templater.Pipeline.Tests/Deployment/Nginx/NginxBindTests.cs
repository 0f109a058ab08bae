using Templater.Pipeline.Deployment.Proving.Nginx;

namespace Templater.Pipeline.Tests.Deployment.Nginx;

/// <summary>A port that nginx could not have, and the lines that ask for it.</summary>
public sealed class NginxBindTests
{
    [TestCase("2026/01/31 12:00:00 [emerg] 7#7: bind() to 0.0.0.0:8443 failed (98: Address already in use)", ExpectedResult = "2")]
    [TestCase("nginx: [emerg] bind() to [::]:8443 failed (98: Address already in use)", ExpectedResult = "2")]
    [TestCase("[emerg] still could not bind()", ExpectedResult = "")]
    [TestCase("[emerg] 1#1: unknown directive \"[emerg] bind() to 0.0.0.0:8443 failed\" in /c:1", ExpectedResult = "")]
    [TestCase("", ExpectedResult = "")]
    public string AComplaintAboutAPortIsAboutTheLinesThatListenThere(string output) =>
        string.Join(' ', NginxBind.LinesOf(output, "listen 80;\nlisten 8443 ssl;"u8));
}
