using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Which replica gets a request, and what it costs when one of them dies.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class BalanceTrafficTests(string proxy)
{
    private const int Many = 200;
    private const int ConnectMilliseconds = 400;

    private readonly List<Socket> _pending = [];
    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy);
        foreach (var (host, manner) in (ReadOnlySpan<(string, Manner)>)[("closing", Manner.Close), ("swallowing", Manner.Swallow)])
            _stage.Add(host + "-1", Host(host)).Add(host + "-2", manner, Host(host));
        _stage.Add("swallowing-3", Manner.Swallow, Host("lost")).Add("swallowing-4", Manner.Swallow, Host("lost"));
        _stage.Add("refusing-1", Host("refusing"));
        _stage.AddContainer("refusing-2", Host("refusing"));
        _stage.Add("hanging-1", [.. Host("hanging"), ("templater.timeout.connect", $"{ConnectMilliseconds}ms")]);
        Fill(_stage.AddContainer("hanging-2", [.. Host("hanging"), ("templater.timeout.connect", $"{ConnectMilliseconds}ms")]));
        _stage.Add("heavy", [.. Host("weighed"), ("templater.weight", "3")]).Add("light", Host("weighed")).Add("drained", [.. Host("weighed"), ("templater.weight", "0")]);
        _stage.Add("main", Host("spare")).Add("spare", [.. Host("spare"), ("templater.backup", "true")]);
        _stage.AddContainer("dead", Host("rescue"));
        _stage.Add("rescue", [.. Host("rescue"), ("templater.backup", "true")]);
        _stage.Add("limited", [.. Host("limited"), ("templater.maxconn", "1")]);
        // Only to see that the proxies take the checks of other protocols.
        foreach (var protocol in (ReadOnlySpan<string>)["https", "h2c", "grpcs"])
        {
            _stage.AddContainer(protocol + "-1", [.. Host(protocol), ("templater.protocol", protocol)]);
            _stage.AddContainer(protocol + "-2", [.. Host(protocol), ("templater.protocol", protocol)]);
        }

        foreach (var number in (ReadOnlySpan<int>)[1, 2, 3])
        {
            _stage.Add($"source-{number}", [.. Host("source"), ("templater.sticky", "source")]);
            _stage.Add($"cookie-{number}", [.. Host("cookie"), ("templater.sticky", "cookie:SID")]);
        }

        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        foreach (var socket in _pending)
            socket.Dispose();
        await _stage.DisposeAsync();
    }

    [TestCase("refusing", "GET")]
    [TestCase("refusing", "POST")]
    [TestCase("closing", "GET")]
    [TestCase("swallowing", "GET")]
    public async Task ADyingReplicaCostsNothing(string host, string method)
    {
        var times = new List<double>();
        for (var i = 0; i < Many; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var answer = await _stage.AskAsync($"{method} / HTTP/1.1\nHost: {host}.example.com\nContent-Length: 0");
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Assert.That(answer.Status, Is.EqualTo(200), $"request {i}");
        }

        Assert.That(times.Order().ElementAt(Many * 95 / 100), Is.LessThan(50), "milliseconds");
        Assert.That(times.Max(), Is.LessThan(1000), "milliseconds");
    }

    [Test]
    public async Task AReplicaThatDoesNotAnswerIsAvoidedAfterTheFirstTry()
    {
        var slow = 0;
        for (var i = 0; i < Many; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Assert.That((await _stage.GetAsync("hanging.example.com")).Status, Is.EqualTo(200), $"request {i}");
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > ConnectMilliseconds / 2)
                slow++;
        }

        Assert.That(slow, Is.LessThanOrEqualTo(Environment.ProcessorCount), "each worker of nginx learns for itself");
    }

    [Test]
    public async Task WhatWasSentIsNotSentTwiceUnlessThatDoesNoHarm()
    {
        var before = _stage["swallowing-3"].Requests + _stage["swallowing-4"].Requests;
        var answer = await _stage.AskAsync("POST / HTTP/1.1\nHost: lost.example.com\nContent-Length: 0");

        Assert.That(answer.Status, Is.EqualTo(502));
        Assert.That(_stage["swallowing-3"].Requests + _stage["swallowing-4"].Requests - before, Is.EqualTo(1));
    }

    [Test]
    public async Task WeightsAreSharesAndNoneIsNothing()
    {
        var answers = await CountAsync("weighed.example.com");

        Assert.That(answers.GetValueOrDefault("heavy"), Is.InRange(Many * 65 / 100, Many * 85 / 100));
        Assert.That(answers.GetValueOrDefault("light"), Is.EqualTo(Many - answers["heavy"]));
    }

    [Test]
    public async Task ABackupIsUsedWhenAllOthersAreDown()
    {
        Assert.That((await CountAsync("spare.example.com")).Keys, Is.EqualTo(["main"]));
        Assert.That((await CountAsync("rescue.example.com")).Keys, Is.EqualTo(["rescue"]));
    }

    /// <summary>All workers of nginx count together; HAProxy lets requests wait.</summary>
    [Test]
    public async Task ALimitOfConnectionsHoldsForTheServer()
    {
        await using var connection = await RawConnection.OpenAsync(_stage.HttpPort);
        await connection.SendAsync("GET /events HTTP/1.1\r\nHost: limited.example.com\r\n\r\n");
        await connection.ReadUntilAsync("data: 1\n\n");

        var others = Enumerable.Range(0, 40).Select(_ => _stage.GetAsync("limited.example.com")).ToArray();
        if (_stage.IsNginx)
        {
            Assert.That((await Task.WhenAll(others)).Select(answer => answer.Status), Has.All.EqualTo(502));
            Assert.That(_stage["limited"].Requests, Is.EqualTo(1));
        }

        _stage["limited"].Release();
        Assert.That((await Task.WhenAll(others)).Select(answer => answer.Status), Has.All.EqualTo(_stage.IsNginx ? 502 : 200));
    }

    [Test]
    public async Task AnAddressStaysWithItsReplica()
    {
        var seen = new HashSet<string?>();
        for (var i = 10; i < 50; i++)
        {
            var first = await _stage.GetAsync("source.example.com", from: $"127.0.0.{i}");
            var second = await _stage.GetAsync("source.example.com", from: $"127.0.0.{i}");
            Assert.That(second["X-Backend"], Is.EqualTo(first["X-Backend"]));
            seen.Add(first["X-Backend"]);
        }

        Assert.That(seen, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task ACookieStaysWithItsReplica()
    {
        if (_stage.IsNginx)
        {
            Assert.That((await _stage.GetAsync("cookie.example.com")).Status, Is.EqualTo(200));
            return;
        }

        var first = await _stage.GetAsync("cookie.example.com");
        var cookie = first["Set-Cookie"]?.Split(';')[0];
        Assert.That(cookie, Does.StartWith("SID="));
        for (var i = 0; i < 10; i++)
            Assert.That((await _stage.GetAsync("cookie.example.com", "/", $"Cookie: {cookie}\n"))["X-Backend"], Is.EqualTo(first["X-Backend"]));
        Assert.That((await CountAsync("cookie.example.com")).Keys, Has.Count.EqualTo(3));
    }

    private static (string, string)[] Host(string name) => [("templater.host", name + ".example.com")];

    private async Task<Dictionary<string, int>> CountAsync(string host)
    {
        var answers = new Dictionary<string, int>();
        for (var i = 0; i < Many; i++)
        {
            var answer = await _stage.GetAsync(host);
            var name = answer["X-Backend"] ?? $"{answer.Status}";
            answers[name] = answers.GetValueOrDefault(name) + 1;
        }

        return answers;
    }

    /// <summary>Listens without accepting and fills the queue, so that nobody's connection is answered any more.</summary>
    private void Fill(IPEndPoint address)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(address);
        listener.Listen(1);
        _pending.Add(listener);
        for (var i = 0; i < 8; i++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _pending.Add(client);
            try
            {
                client.Connect(address);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // It waits in the queue, as it should.
            }
        }

        Assert.That(_pending.Last().Poll(ConnectMilliseconds * 1000, SelectMode.SelectWrite), Is.False, "the queue is full");
    }
}
