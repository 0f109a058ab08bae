using System.Collections.Immutable;
using Templater.Cli.Doctoring;
using Templater.Docker;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Preflight;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Cli.Tests.Doctoring;

/// <summary>What <c>doctor</c> prints.</summary>
public sealed class DoctorTextTests
{
    private static readonly Uri Directory = new("https://ca.example.org/directory");

    private static readonly Container Self = Container("templater", 'a', "65532:65532",
        new Mount("volume", "conf", "/v/conf", "/config", ReadWrite: true), new Mount("volume", "state", "/v/state", "/state", ReadWrite: true));

    private static readonly Container Edge = Container("edge", 'b', "", new Mount("volume", "conf", "/v/conf", "/config", ReadWrite: false));

    private static readonly Container Bad = Container("bad\u001b[31m", 'c', "99:99",
        new Mount("bind", "", "/var/run/docker.sock", "/var/run/docker.sock", ReadWrite: true));

    [TestCase("good")]
    [TestCase("bad")]
    [TestCase("dead")]
    public void ItIsAsAccepted(string name)
    {
        var facts = name switch { "good" => Good(), "bad" => Wrong(), _ => Dead() };
        var items = PreflightChecks.Of(facts);
        var rules = SocketProxyRules.For([.. facts.Calls.Select(static trial => trial.Call)]);
        Golden.Verify(DoctorText.Of(facts, items, rules), $"doctor-{name}.txt");
        Golden.Verify(DoctorDocument.Of(facts, items, rules), $"doctor-{name}.json");
        Assert.That(DoctorText.Of(facts, items, rules), Does.Not.Contain("\u001b"));
    }

    [TestCase(FindingSeverity.Error, "error")]
    [TestCase(FindingSeverity.Warning, "warning")]
    [TestCase(FindingSeverity.Info, "ok")]
    public void TheWorstFindingDecides(FindingSeverity severity, string level) => Assert.That(
        new PreflightItem("x", null, "", [new Finding(FindingSeverity.Info, "a", ""), new Finding(severity, "b", "")]).Level, Is.EqualTo(level));

    private static PreflightFacts Good() => new()
    {
        Engine = "unix:///var/run/docker.sock",
        IsLocalSocket = true,
        Snapshot = Snapshot(Self, Edge),
        Calls = Trials(CallPurposes.Watch | CallPurposes.Verify | CallPurposes.Signal, static _ => CallOutcome.Allowed),
        StateDirectory = "/state",
        Acme = new AcmeFacts
        {
            Authorities = [new("letsencrypt", Directory) { Account = new Uri("https://ca.example.org/acct/7") }],
            CertificatesDirectory = "/certs",
            Challenges = ["http-01", "dns-01"],
            DefaultDns = "home",
            Dns = [new("home", "rfc2136", null)],
        },
        Outputs = [Output(Edge) with { Targets = ["edge"], Checker = "/usr/sbin/nginx -t" }],
    };

    private static PreflightFacts Wrong() => new()
    {
        Engine = "tcp://socket-proxy:2375",
        Snapshot = Snapshot(Self, Bad),
        Calls = Trials(CallPurposes.Watch | CallPurposes.Verify | CallPurposes.Signal, static call => call.Path.EndsWith("/top", StringComparison.Ordinal) || call.Path == "/info" ? CallOutcome.Forbidden : CallOutcome.Allowed),
        StateDirectory = "/srv/state",
        Acme = new AcmeFacts
        {
            Authorities =
            [
                new("first", Directory) { Trouble = "ca.example.org cannot be reached: \u001b[31m. Let it be." },
                new("second", Directory) { LacksBinding = true, AccountTrouble = "permission denied" },
            ],
            CertificatesDirectory = "/certs",
            CertificatesObstacle = new Finding(FindingSeverity.Error, ReasonIds.OutputDenied, "cannot write /certs: no."),
            Challenges = ["dns-persist-01"],
            Webroot = "/webroot",
            WebrootObstacle = "it does not exist",
            Dns = [new("home", "rfc2136", "RFC2136_NAMESERVER is not set")],
        },
        Outputs =
        [
            Output(Bad) with
            {
                Obstacle = new Finding(FindingSeverity.Error, ReasonIds.OutputDenied, "cannot write /config/nginx.conf: no."),
                TargetFindings = [ReloadTargets.Missing(Snapshot(Self, Bad), "docker:nginx", "nginx", "nginx")],
                CheckerFindings = [new Finding(FindingSeverity.Warning, ReasonIds.CheckerVersion, "they differ.")],
                Keys = [[new FileFacts("/certs/shop/privkey.pem", 65532, 65532, 0x1A0)]],
            },
        ],
    };

    private static PreflightFacts Dead() => new()
    {
        Engine = "unix:///var/run/docker.sock",
        IsLocalSocket = true,
        Trouble = new Finding(FindingSeverity.Error, ReasonIds.SocketDenied, "cannot open /var/run/docker.sock: it belongs to group 998 (mode 0660) and Templater runs as 65532:65532. Add group_add: [\"998\"] to the service, or --group-add 998."),
        Calls = Trials(CallPurposes.Watch, static _ => CallOutcome.NotTried),
        StateDirectory = "/state",
        Outputs = [Output(null) with { Settings = new DeploymentSettings { Reload = new ReloadSpec.None() } }],
    };

    private static ImmutableArray<CallTrial> Trials(CallPurposes purposes, Func<AllowedCall, CallOutcome> outcome) =>
        [.. AllowedCalls.For(purposes).Calls.Select(call => new CallTrial(call, call.Method == "GET" ? outcome(call) : CallOutcome.NotTried))];

    private static OutputFacts Output(Container? proxy) => new()
    {
        Name = "nginx",
        Path = "/config/nginx.conf",
        Settings = new DeploymentSettings(),
        Proxy = new ProxyContext { Output = "nginx", Kind = ProxyKind.Nginx, Containers = proxy is null ? [] : [proxy.Id], IsKnown = proxy is not null },
    };

    private static Snapshot Snapshot(params Container[] containers) => new()
    {
        TakenAt = DateTimeOffset.UnixEpoch,
        Engine = new EngineDescription("29.7.0", "1.52", "host", IsSwarmManager: false),
        Containers = [.. containers],
        Self = Self.Id,
    };

    private static Container Container(string name, char digit, string user, params Mount[] mounts) => new()
    {
        Id = new ContainerId(new string(digit, 64)),
        Name = name,
        Image = new ImageReference("", "nginx", "1.30", ""),
        State = ContainerState.Running,
        User = user,
        Mounts = [.. mounts],
    };
}
