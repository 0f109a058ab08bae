using System.Net;
using Templater.Pipeline.Deployment.Proving.Nginx;

namespace Templater.Pipeline.Tests.Deployment.Nginx;

public sealed class GenerationEndpointTests
{
    private const string Id = "0123456789abcdef";

    [TestCase("server { listen 8080; location = /g { return 200 \"ID\\n\"; } }", ExpectedResult = "*:8080 /g localhost")]
    [TestCase("http { server { server_name a.example *.b; listen 127.0.0.1:81 default_server; location /x { access_log off; return 200 ID; } } }", ExpectedResult = "127.0.0.1:81 /x a.example")]
    [TestCase("server { location ^~ /g { return 200 'ID'; } }", ExpectedResult = "*:80 /g localhost")]
    [TestCase("server { listen [::]:8080; server_name _; location = /g { if ($x = 0) { return 404; } return 200 ID; } }", ExpectedResult = "::*:8080 /g _")]
    [TestCase("server { listen 8080 proxy_protocol; location = /g { return 200 ID; } }", ExpectedResult = "*:8080 /g localhost proxy")]
    [TestCase("server { listen 443 ssl; listen 80; location = /g { return 200 ID; } }", ExpectedResult = "*:80 /g localhost")]
    [TestCase("server { listen localhost:81; location = \"/g\" { return 200 ID; } } # } {", ExpectedResult = "*:81 /g localhost")]
    [TestCase("server { listen 80; location = /g { return 200 ID; } } server { listen 80; location = /h { return 200 ID; } }", ExpectedResult = "*:80 /g localhost")]
    // Nothing that answers with the id alone, always, over plain HTTP.
    [TestCase("# generation ID\nserver { listen 80; location / { return 200 x; } }", ExpectedResult = "")]
    [TestCase("server { listen 443 ssl; location = /g { return 200 ID; } }", ExpectedResult = "")]
    [TestCase("server { listen 443 quic; location = /g { return 200 ID; } }", ExpectedResult = "")]
    [TestCase("server { listen unix:/run/x.sock; location = /g { return 200 ID; } }", ExpectedResult = "*:80 /g localhost")]
    [TestCase("server { listen 80; location ~ ^/g$ { return 200 ID; } }", ExpectedResult = "")]
    [TestCase("server { listen 80; location = /g { if ($a) { return 200 ID; } return 404; } }", ExpectedResult = "")]
    [TestCase("server { listen 80; location = /g { return 503 ID; } }", ExpectedResult = "")]
    [TestCase("server { listen 80; location = /g { return 200 \"version ID\"; } }", ExpectedResult = "")]
    [TestCase("server { listen 80; location = \"/g h\\r\\nX: y\" { return 200 ID; } }", ExpectedResult = "")]
    [TestCase("location = /g { return 200 ID; }", ExpectedResult = "")]
    [TestCase("server { listen 80; location = /g { return 200 ID; }", ExpectedResult = "")]
    [TestCase("}}} return 200 ID; location = /g { \"", ExpectedResult = "")]
    [TestCase("", ExpectedResult = "")]
    public string TheFileTellsWhereItIsAnswered(string file) => string.Join("; ", GenerationEndpoint.In(file.Replace("ID", Id, StringComparison.Ordinal), Id).Select(static endpoint =>
        $"{(endpoint.Listen.IsAny ? endpoint.Listen.IsIPv6 ? "::*" : "*" : endpoint.Listen.Address)}:{endpoint.Listen.Port} {endpoint.Path} {endpoint.Host}{(endpoint.Listen.ExpectsProxyProtocol ? " proxy" : "")}"));

    [TestCase("80", "10.0.0.2", ExpectedResult = "10.0.0.2:80")]
    [TestCase("0.0.0.0:80", "127.0.0.1", ExpectedResult = "127.0.0.1:80")]
    [TestCase("10.0.0.2:80", "10.0.0.2", ExpectedResult = "10.0.0.2:80")]
    [TestCase("127.0.0.2:80", "127.0.0.1", ExpectedResult = "127.0.0.2:80")]
    [TestCase("[::]:80", "fd00::2", ExpectedResult = "[fd00::2]:80")]
    [TestCase("10.0.0.2:80", "10.0.0.3", ExpectedResult = "")]
    [TestCase("127.0.0.1:80", "10.0.0.3", ExpectedResult = "")]
    [TestCase("80", "fd00::2", ExpectedResult = "")]
    [TestCase("[::]:80", "10.0.0.2", ExpectedResult = "")]
    public string AListenerIsAskedOnlyWhereItAnswers(string listen, string address) =>
        GenerationEndpoint.In($"server {{ listen {listen}; location = /g {{ return 200 {Id}; }} }}", Id).Single().At(IPAddress.Parse(address))?.ToString() ?? "";

    [TestCase("HTTP/1.1 200 OK\r\nA: b\r\n\r\n0123456789abcdef\n", ExpectedResult = Id)]
    [TestCase("HTTP/1.0 200 OK\r\n\r\n0123456789abcdef", ExpectedResult = Id)]
    [TestCase("HTTP/1.1 404 Not Found\r\n\r\n0123456789abcdef", ExpectedResult = "answered 404")]
    [TestCase("HTTP/1.1 200 OK\r\n\r\n0123456789ABCDEF", ExpectedResult = "what it answers is no generation")]
    [TestCase("HTTP/1.1 200 OK\r\n\r\n0123456789abcdef0", ExpectedResult = "what it answers is no generation")]
    [TestCase("HTTP/1.1 200 OK\r\nX: 0123456789abcdef", ExpectedResult = "what it answers is no generation")]
    [TestCase("HTTP/1.1 2", ExpectedResult = "it speaks no HTTP")]
    [TestCase("SSH-2.0-OpenSSH\r\n", ExpectedResult = "it speaks no HTTP")]
    [TestCase("", ExpectedResult = "it speaks no HTTP")]
    public string AnAnswerIsAGenerationOrNone(string answer) =>
        GenerationQuestion.Read(answer) is var read && read.Generation is { } generation ? generation : read.Problem;
}
