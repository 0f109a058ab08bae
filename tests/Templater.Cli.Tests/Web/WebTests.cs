using System.Text;
using Templater.Cli.Web;
using Templater.Pipeline.Web;

namespace Templater.Cli.Tests.Web;

/// <summary>Who is answered what, decided without a network.</summary>
public sealed class WebTests
{
    private const string Token = "0123456789abcdef-secret";

    [TestCase("127.0.0.1:9180", "127.0.0.1:9180", true)]
    [TestCase("[::1]:9180", "[::1]:9180", true)]
    [TestCase("localhost:80", "127.0.0.1:80", true)]
    [TestCase(":9180", "0.0.0.0:9180", false)]
    [TestCase("0.0.0.0:9180", "0.0.0.0:9180", false)]
    [TestCase("[::]:9180", "[::]:9180", false)]
    [TestCase("10.0.0.7:9180", "10.0.0.7:9180", false)]
    public void AnAddressIsRead(string text, string expected, bool isLoopback) =>
        Assert.That((ListenAddress.Parse(text)?.ToString(), ListenAddress.Parse(text)?.IsLoopback), Is.EqualTo((expected, isLoopback)));

    [TestCase("")]
    [TestCase("9180")]
    [TestCase("127.0.0.1")]
    [TestCase("127.0.0.1:")]
    [TestCase("127.0.0.1:65536")]
    [TestCase("127.0.0.1:-1")]
    [TestCase("127.1:9180")]
    [TestCase("0x7f000001:9180")]
    [TestCase("::1:9180")]
    [TestCase("[127.0.0.1]:9180")]
    [TestCase("example.com:9180")]
    [TestCase("http://127.0.0.1:9180")]
    public void WhatIsNoAddressIsNotTakenForOne(string text) => Assert.That(ListenAddress.Parse(text), Is.Null);

    [TestCase("GET /metrics?x=1 HTTP/1.1\r\nHost: localhost:9180\r\nAccept: */*\r\nAccept: x", "/metrics")]
    [TestCase("GET / HTTP/1.0\r\nhost:a", "/")]
    [TestCase("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0", "/")]
    public void ARequestIsRead(string head, string path) => Assert.That(RequestHead.Parse(Encoding.Latin1.GetBytes(head))?.Path, Is.EqualTo(path));

    [TestCase("")]
    [TestCase("GET /")]
    [TestCase("GET / HTTP/1.1")]
    [TestCase("GET / HTTP/2\r\nHost: a")]
    [TestCase("get / HTTP/1.1\r\nHost: a")]
    [TestCase("GET  / HTTP/1.1\r\nHost: a")]
    [TestCase("GET http://a/ HTTP/1.1\r\nHost: a")]
    [TestCase("GET / HTTP/1.1\r\nHost: a\r\nHost: b")]
    [TestCase("GET / HTTP/1.1\r\nHost : a")]
    [TestCase("GET / HTTP/1.1\r\nHost: a\r\n folded")]
    [TestCase("GET / HTTP/1.1\nHost: a")]
    [TestCase("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5")]
    [TestCase("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked")]
    [TestCase("GET / HTTP/1.1\r\nHost: a\u0000b")]
    [TestCase("GET /\u00e4 HTTP/1.1\r\nHost: a")]
    [TestCase("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nAuthorization: Bearer y")]
    public void WhatIsNoPlainRequestIsNotAnswered(string head) => Assert.That(RequestHead.Parse(Encoding.Latin1.GetBytes(head)), Is.Null);

    [Test]
    public void OneLineMoreThanIsReadIsTooMany()
    {
        static string Head(int fields) => "GET / HTTP/1.1\r\nHost: a" + string.Concat(Enumerable.Repeat("\r\nX: y", fields));
        Assert.That(RequestHead.Parse(Encoding.ASCII.GetBytes(Head(63))), Is.Not.Null);
        Assert.That(RequestHead.Parse(Encoding.ASCII.GetBytes(Head(64))), Is.Null);
    }

    [TestCase("GET", "localhost:9180", null, 200)]
    [TestCase("HEAD", "LOCALHOST", null, 200)]
    [TestCase("GET", "127.0.0.1:9180", null, 200)]
    [TestCase("GET", "[::1]:9180", null, 200)]
    [TestCase("GET", "127.9.9.9", null, 200)]
    [TestCase("GET", "rebound.example.com:9180", null, 421)]
    [TestCase("GET", "localhost.example.com", null, 421)]
    [TestCase("GET", "10.0.0.7:9180", null, 421)]
    [TestCase("GET", "", null, 421)]
    [TestCase("GET", "localhost/x", null, 421)]
    [TestCase("POST", "localhost:9180", null, 405)]
    [TestCase("DELETE", "localhost:9180", null, 405)]
    [TestCase("GET", "localhost:9180", "http://localhost:9180", 200)]
    [TestCase("GET", "localhost:9180", "https://evil.example.com", 403)]
    [TestCase("GET", "localhost:9180", "null", 403)]
    [TestCase("GET", "localhost:9180", "", 403)]
    public void WithoutATokenOnlyLoopbackIsAnswered(string method, string host, string? origin, int status) =>
        Assert.That(new Gate("").Refusal(new RequestHead(method, "/metrics", host, origin, null), isOpen: false)?.Status ?? 200, Is.EqualTo(status));

    [TestCase("Bearer " + Token, 200)]
    [TestCase("bearer " + Token, 200)]
    [TestCase(null, 401)]
    [TestCase("", 401)]
    [TestCase("Bearer ", 401)]
    [TestCase(Token, 401)]
    [TestCase("Basic " + Token, 401)]
    [TestCase("Bearer " + Token + "x", 401)]
    [TestCase("Bearer 0123456789abcdef", 401)]
    public void WithATokenItIsAskedForUnderAnyName(string? authorization, int status)
    {
        var request = new RequestHead("GET", "/metrics", "templater:9180", null, authorization);
        Assert.That(new Gate(Token).Refusal(request, isOpen: false)?.Status ?? 200, Is.EqualTo(status));
        Assert.That(new Gate(Token).Refusal(request, isOpen: true), Is.Null, "one word may be known");
    }

    [Test]
    public void NoAnswerHoldsTheToken()
    {
        foreach (var authorization in (string?[])[null, "Bearer " + Token, "Bearer wrong"])
            Assert.That(new Gate(Token).Refusal(new RequestHead("GET", "/", "a", null, authorization), isOpen: false)?.Body ?? "", Does.Not.Contain(Token));
    }
}
