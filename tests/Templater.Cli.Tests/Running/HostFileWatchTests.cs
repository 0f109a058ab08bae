namespace Templater.Cli.Tests.Running;

/// <summary>Files that are called like hosts are followed while the program runs: nobody has to touch a container.</summary>
[CancelAfter(60_000)]
public sealed class HostFileWatchTests : IDisposable
{
    private const string Users = "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.\n";

    // What closes is looked at, or nothing of it would be served.
    private const string Template = """
        {{# format: nginx #}}{{ for host in virtual_hosts }}{{ for route in host.routes -}}
        # open{{ host.include ? " server" : "" }}{{ route.include ? " location" : "" }}{{ route.override ? " override" : "" }}{{ route.auth ? " login" : "" }}{{ route.upstream.usable ? "" : " closed" }} {{ generation }}{{ if route.auth }},{{ route.auth.file | nginx.comment }}{{ end }}
        {{ end }}{{ end }}
        """;

    private readonly RunBench _bench = new();

    [TestCase("htpasswd/a.example.com", Users, Users + "ann:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.\n", "# open login ")]
    [TestCase("htpasswd/a.example.com", "ops:plain", "ops:other", "# open closed ", false)]
    [TestCase("vhost.d/a.example.com", "client_max_body_size 1m;", "client_max_body_size 2m;", "# open server ")]
    [TestCase("vhost.d/a.example.com_location", "client_max_body_size 1m;", "client_max_body_size 2m;", "# open location ")]
    [TestCase("vhost.d/a.example.com_location_override", "location / { return 200; }", "location / { return 404; }", "# open override ")]
    public async Task AFileThatComesAndChangesAndGoesIsNoticed(string name, string first, string second, string expected, bool isAnother = true, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(_bench.Directory["htpasswd"]);
        Directory.CreateDirectory(_bench.Directory["vhost.d"]);
        _bench.Settings(
            _bench.State, $"template: {_bench.Directory.Write("site.scriban", Template)}", "reload: none", "validate: none",
            $"auth_dir: {_bench.Directory["htpasswd"]}", $"vhost_dir: {_bench.Directory["vhost.d"]}");
        _bench.StartFromFile();
        await Begins("# open ", "", cancellationToken);
        _bench.Directory.Write(name, first);
        var before = await Begins(expected, "", cancellationToken);
        if (isAnother)
        {
            _bench.Directory.Write(name, second);
            await Begins(expected, before, cancellationToken);
        }

        File.Delete(_bench.Directory[name]);
        var after = await Begins("# open ", before, cancellationToken);
        Assert.That((after.Split(' ').Length, await _bench.End()), Is.EqualTo((3, 0)), _bench.Log);
    }

    public void Dispose() => _bench.Dispose();

    private async Task<string> Begins(string start, string before, CancellationToken cancellationToken)
    {
        var path = _bench.Directory["out.txt"];
        var text = "";
        await _bench.Until(() => File.Exists(path) && (text = File.ReadAllText(path)).StartsWith(start, StringComparison.Ordinal) && text != before && text.Split(' ').Length == start.Split(' ').Length, cancellationToken);
        return text;
    }
}
