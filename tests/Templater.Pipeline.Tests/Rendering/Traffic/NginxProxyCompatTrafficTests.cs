using System.Text.Json;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Where nginx-proxy is replaced: its debug endpoint, and its page for unknown hosts, over the wire.</summary>
[Platform("Linux")]
public sealed class NginxProxyCompatTrafficTests
{
    private const string Label = "com.github.nginx-proxy.nginx-proxy.debug-endpoint";

    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(Stage.NginxName).Certificate("secure.example.com");
        _stage.Scenario.Policy = _stage.Scenario.Policy with { NginxProxy = new NginxProxyCompat { ShowsDebug = true } };
        _stage.HostFile("html/errors/50x.html", "our own page");
        Add("plain", "plain.example.com");
        Add("secure", "secure.example.com");
        Add("dollar", "dollar.example.com", ("VIRTUAL_PATH", "~ ^/(a'|b\"|\\$host)$"));
        Add("any", "~^any.*$");
        Add("off", "off.example.com");
        _stage.Scenario.Change("off", static container => container with { Labels = container.Labels.SetItem(Label, "false") });
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCase("plain.example.com", "plain.example.com")]
    [TestCase("dollar.example.com", "dollar.example.com")]
    [TestCase("secure.example.com", "secure.example.com")]
    [TestCase("any\"x.example.com", "Hostname is a regexp and unsafe to include in the debug response.")]
    public async Task WhateverContainersAndClientsWriteItIsJson(string host, string name)
    {
        var answer = await _stage.GetAsync(host, "/nginx-proxy-debug/more");
        // Newer nginx takes no such Host from a client.
        if (answer.Status == 400 && host.Contains('"', StringComparison.Ordinal) && ProxyPrograms.Newer("nginx") is not null)
            return;
        using var json = JsonDocument.Parse(answer.Body);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((answer.Status, answer["Content-Type"], answer["X-Backend"]), Is.EqualTo((200, "application/json", (string?)null)));
            Assert.That(json.RootElement.GetProperty("vhost").GetProperty("hostname").GetString(), Is.EqualTo(name));
            Assert.That(json.RootElement.GetProperty("request").GetProperty("host").GetString(), Is.EqualTo(host.Contains('"', StringComparison.Ordinal) ? "" : host));
        }
    }

    [Test]
    public async Task TheTextOfAPathComesAsItWasWritten()
    {
        using var json = JsonDocument.Parse((await _stage.GetAsync("dollar.example.com", "/nginx-proxy-debug")).Body);
        Assert.That(json.RootElement.GetProperty("vhost").GetProperty("paths").EnumerateObject().Single().Name, Is.EqualTo("~ ^/(a'|b\"|\\$host)$"));
    }

    [Test]
    public async Task ItTellsWhatTheConnectionIs()
    {
        using var json = JsonDocument.Parse((await _stage.GetSecurelyAsync("secure.example.com", "/nginx-proxy-debug")).Body);
        var (request, vhost) = (json.RootElement.GetProperty("request"), json.RootElement.GetProperty("vhost"));
        Assert.That(
            (request.GetProperty("https").GetString(), request.GetProperty("ssl_protocol").GetString(), vhost.GetProperty("cert").GetString(), vhost.GetProperty("https_method").GetString()),
            Is.EqualTo(("on", "TLSv1.3", "secure.example.com", "redirect")));
    }

    [TestCase("off.example.com", 200)]
    [TestCase("unknown.example.com", 503)]
    public async Task OthersHaveNone(string host, int status)
    {
        var answer = await _stage.GetAsync(host, "/nginx-proxy-debug");
        Assert.That((answer.Status, answer["X-Backend"]), Is.EqualTo((status, status == 200 ? "off" : null)));
    }

    /// <summary>Hosts have their own answers; only names that nobody claims get the page.</summary>
    [TestCase("GET")]
    [TestCase("POST")]
    public async Task UnknownHostsGetTheOperatorsPage(string method)
    {
        var answer = await _stage.AskAsync($"{method} /x HTTP/1.1\nHost: unknown.example.com\nContent-Length: 0");
        Assert.That((answer.Status, answer.Body), Is.EqualTo((503, "our own page")));
    }

    private void Add(string name, string host, params (string Key, string Value)[] variables)
    {
        _stage.Add(name);
        foreach (var (key, value) in variables.Prepend(("VIRTUAL_HOST", host)))
            _stage.Scenario.Change(name, container => container with { Env = container.Env.SetItem(key, value) });
    }
}
