namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Who gets in where the operator's file says who is internal.</summary>
[Platform("Linux")]
public sealed class HostFileAccessTrafficTests
{
    private const string Inside = "127.0.0.2";
    private const string Outside = "127.0.0.1";

    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(Stage.NginxName).HostFile("network_internal.conf", $"allow {Inside};\ndeny all;\n");
        Add("inner", ("NETWORK_ACCESS", "internal"));
        Add("outer", ("VIRTUAL_HOST", "inner.example.com"), ("VIRTUAL_PATH", "/open"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCase("/", Inside, 200)]
    [TestCase("/", Outside, 403)]
    [TestCase("/x", Outside, 403)]
    [TestCase("/open", Outside, 200)]
    public async Task WhoIsInternalStandsInTheFile(string path, string from, int status) =>
        Assert.That((await _stage.GetAsync("inner.example.com", path, from: from)).Status, Is.EqualTo(status));

    private void Add(string name, params (string Key, string Value)[] variables)
    {
        _stage.Add(name);
        foreach (var (key, value) in variables.Prepend(("VIRTUAL_HOST", name + ".example.com")))
            _stage.Scenario.Change(name, container => container with { Env = container.Env.SetItem(key, value) });
    }
}
