using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Templater.Pipeline.Tests.Deployment;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>VIRTUAL_PATH and VIRTUAL_DEST answer as they do where nginx-proxy puts them into its file unquoted.</summary>
[Platform("Linux")]
public sealed class NginxProxyPathTrafficTests
{
    /// <summary>Paths and destinations of the containers of one host each.</summary>
    private static readonly ImmutableArray<ImmutableArray<(string Path, string Destination)>> Hosts =
    [
        [("/app", "")],
        [("/app/", "/")],
        [("/app", "/")],
        [("/app/", "/base")],
        [("/app", "/base/")],
        [("/", "/base")],
        [("/", "/base/")],
        [("= /app", "/other/")],
        [("= /app/x", "")],
        [("/", "/p$request_uri")],
        [("/app", "/p$uri$is_args$args")],
        [("/", "$uri?q=1&$args")],
        [("~ ^/app/([a-z]+)/(.*)$", "/$2/$1x$is_args$args")],
        [("~* ^/APP", "")],
        [("/", ""), ("/app", ""), ("/app/x", ""), ("~ x$", "")],
        [("/", ""), ("^~ /app", "/first/"), ("/app/x", ""), ("~ x$", "")],
        [("/", ""), ("^~ /app", ""), ("~ x$", ""), ("= /app/x", "/exact")],
        [("^~ /", ""), ("~ x$", "")],
        [("/app", "/%41b/%2f"), ("/application", "")],
    ];

    private static readonly ImmutableArray<string> Targets =
    [
        "/", "/app", "/app/", "/app/x", "/app/x/", "/app/x/y?z=1", "/application", "/application/x", "/appx", "/APP/x", "/other", "/app?a=b", "/app/?a=b&c",
        "/app/abc/def", "/app/abc/def/g?h", "/app/abc/", "/app/abc/d%20e", "/app/a%2fb", "/app/%C3%A4/x", "//app//x", "/app/../x", "/app/./x", "/%61pp/x",
        "/app/x%3Fy", "/app/x%23y", "/app/x;y=z", "/x", "/y", "/?x", "/app/a+b", "/app/a%2Bb", "/app/abc/%0d%0aX-Evil:%201", "/app/%00",
    ];

    private readonly List<string> _oracle = [];
    private TempDirectory _directory = null!;
    private RealProxy _nginx = null!;
    private Stage _stage = null!;
    private int _oraclePort;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(Stage.NginxName);
        _directory = new TempDirectory();
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_directory.Path, File.GetUnixFileMode(_directory.Path) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        _oraclePort = Stage.FreePort();
        for (var host = 0; host < Hosts.Length; host++)
            AddHost(host);
        await _stage.StartAsync();
        var config = $"events {{}}\nhttp {{\naccess_log off; proxy_http_version 1.1; client_body_temp_path {_directory["body"]}; proxy_temp_path {_directory["proxy"]};\n{string.Join('\n', _oracle)}\n}}\n";
        var path = _directory.Write("nginx.conf", config);
        _nginx = RealProxy.Start(Stage.NginxName, "-e", "stderr", "-p", _directory.Path, "-c", path, "-g", $"daemon off; pid {_directory["nginx.pid"]};");
        await RealProxy.WaitForAsync(_oraclePort);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _nginx?.Dispose();
        await _stage.DisposeAsync();
        _directory.Dispose();
    }

    [TestCaseSource(nameof(Numbers))]
    public async Task AnswersAsTheRawDirectivesDo(int host)
    {
        var differences = new List<string>();
        foreach (var target in Targets)
        {
            var ours = Shown(await _stage.GetAsync(Name(host), target));
            var theirs = Shown(await AskOracleAsync(Name(host), target));
            // There the line of the request is broken.
            var isBroken = Hosts[host].Any(place => place.Destination.Contains("$uri", StringComparison.Ordinal) || place.Destination.Contains("$1", StringComparison.Ordinal))
                && (target.Contains("%0", StringComparison.Ordinal) || target.Contains("%20", StringComparison.Ordinal));
            if (isBroken ? !ours.StartsWith("400", StringComparison.Ordinal) && ours != theirs : ours != theirs)
                differences.Add($"{target}: {ours} instead of {theirs}");
        }

        Assert.That(differences, Is.Empty, string.Join('\n', Hosts[host]));
    }

    [Test]
    public async Task NothingOfAPathBecomesAHeader()
    {
        var answer = await _stage.GetAsync(Name(10), "/app/%0d%0aX-Evil:%201");
        Assert.That(answer.Status, Is.EqualTo(400));
        Assert.That((await AskOracleAsync(Name(10), "/app/%0d%0aX-Evil:%201")).Body, Does.Contain("X-Evil"), "what this is about");
    }

    private static IEnumerable<int> Numbers() => Enumerable.Range(0, Hosts.Length);

    private static string Name(int host) => string.Create(CultureInfo.InvariantCulture, $"h{host}.example.com");

    private static string Shown(Answer answer) => $"{answer.Status} {answer["X-Backend"]} {(answer.Status == 200 ? answer.SeenLine : "")}";

    private void AddHost(int host)
    {
        var server = new StringBuilder();
        for (var place = 0; place < Hosts[host].Length; place++)
        {
            var (path, destination) = Hosts[host][place];
            var name = string.Create(CultureInfo.InvariantCulture, $"h{host}-{place}");
            _stage.Add(name);
            _stage.Scenario.Change(name, container => container with
            {
                Env = new Dictionary<string, string> { ["VIRTUAL_HOST"] = Name(host), ["VIRTUAL_PORT"] = "8080", ["VIRTUAL_PATH"] = path, ["VIRTUAL_DEST"] = destination, ["HTTPS_METHOD"] = "noredirect" }
                    .ToImmutableSortedDictionary(StringComparer.Ordinal),
            });
            var address = _stage.Scenario.Snapshot.Containers.Single(container => container.Name == name).Endpoints.Single().IPv4;
            _oracle.Add($"upstream {name} {{ server {address}:8080; }}");
            server.Append(CultureInfo.InvariantCulture, $"location {path} {{ proxy_pass http://{name}{destination}; }}\n");
        }

        if (!Hosts[host].Any(place => place.Path is "/" or "^~ /"))
            server.Append("location / { return 404; }\n");
        _oracle.Add($"server {{ listen 127.0.0.1:{_oraclePort}; server_name {Name(host)};\n{server}}}");
    }

    private async Task<Answer> AskOracleAsync(string host, string target)
    {
        await using var connection = await RawConnection.OpenAsync(_oraclePort, "127.0.0.1");
        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        return await connection.ReadAsync();
    }
}
