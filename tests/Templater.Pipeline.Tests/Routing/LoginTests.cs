using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Logins that labels ask for: whatever is wrong with one, the route stays closed, and no password is repeated.</summary>
public sealed class LoginTests
{
    private const string Good = "$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.";
    private const string Other = "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1";

    private static RoutingResult Routed(ProxyKind kind, params (string Key, string Value)[] labels) =>
        Given.Routed(Given.Snapshot(Given.Proxy(), Given.Hosted("shop", "shop.example.com", labels)), kind: kind);

    private static Route RouteOf(RoutingResult result) => result.Host("shop.example.com").Routes.Single();

    private static string Users(Route route) => string.Join(' ', route.Auth!.Users.Select(user => $"{user.Name}:{user.Hash}"));

    private static IEnumerable<TestCaseData> Hashes()
    {
        (string Hash, bool Nginx, bool HAProxy)[] all =
        [
            (Good, true, true), (Other, true, true),
            ("$5$rounds=1000$abcdefgh$XIppta5rT8zJUu4vAOKQXrwq9uY4Ijlz6VjyOmkx5i4", true, true),
            ("$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.", true, true),
            ("$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a", true, true),
            ("$2b$12$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a", true, true),
            ("$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/", true, false),
            ("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", true, false),
            ("{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0", true, false),
            ("", false, false), ("secret", false, false), ("{PLAIN}secret", false, false), ("y$05", false, false), ("$$", false, false),
            ("$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0", false, false),
            ("$2y$13$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a", false, false),
            ("$2y$03$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a", false, false),
            ("$2x$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a", false, false),
            ("$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf:oeuTqixKmWdcYUh4Hjl0a", false, false),
            ("$5$rounds=999999999$abcdefgh$XIppta5rT8zJUu4vAOKQXrwq9uY4Ijlz6VjyOmkx5i4", false, false),
            ("$5$rounds=x$abcdefgh$XIppta5rT8zJUu4vAOKQXrwq9uY4Ijlz6VjyOmkx5i4", false, false),
            ("$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM", false, false),
            ("$6$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.", false, false),
            ("$1$abcdefghi$cHJi5PXp/ki/ktXzqlk6I1", false, false), ("$apr1$abcdefgh$h9FWgUz3n9Yx", false, false),
            ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", false, false),
            ("{SHA}5en6G6MezRroT3XKqkdPOmY/Bf=", false, false), ("{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", false, false), ("{SHA}", false, false),
            ("abJnggxhB/yWI", false, false), (Good + "x", false, false), ("$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM'", false, false),
        ];
        foreach (var (hash, nginx, haproxy) in all)
        {
            yield return new TestCaseData(ProxyKind.Nginx, hash, nginx);
            yield return new TestCaseData(ProxyKind.HAProxy, hash, haproxy);
            yield return new TestCaseData(ProxyKind.Centauri, hash, false);
        }
    }

    [TestCaseSource(nameof(Hashes))]
    public void AHashIsCheckedByTheProxyOrTheRouteIsClosed(ProxyKind kind, string hash, bool isUsable)
    {
        var result = Routed(kind, ("templater.auth.basic", $"ops:{hash}"));
        var route = RouteOf(result);
        if (isUsable)
        {
            Assert.That((result.FateOf("shop").Reason, route.Upstream.Servers.Length, Users(route)), Is.EqualTo(((string?)null, 1, $"ops:{hash}")));
            return;
        }

        var reason = result.FateOf("shop").Reason;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reason, Is.EqualTo(ReasonIds.AuthUnusable).Or.EqualTo(kind == ProxyKind.Centauri ? ReasonIds.UnsupportedOption : ReasonIds.AuthUnusable));
            Assert.That((route.IsClosed, route.Upstream.Servers.Length), Is.EqualTo((true, 0)));
            Assert.That(result.Messages(), Has.Some.Contains("is not routed for shop.example.com"));
            if (hash.Length > 6)
                Assert.That(Given.Dump(result), Does.Not.Contain(hash));
        }
    }

    [TestCase("")]
    [TestCase("ops")]
    [TestCase(":" + Good)]
    [TestCase("#ops:" + Good)]
    [TestCase("ops:" + Good + ",ops:" + Other)]
    [TestCase("ops:" + Good + " other:secret")]
    [TestCase("ops:" + Good + " other")]
    public void AListThatIsNotAllUsersClosesTheRoute(string value)
    {
        var result = Routed(ProxyKind.Nginx, ("templater.auth.basic", value));
        Assert.That((result.FateOf("shop").Reason, RouteOf(result).Upstream.Servers.Length), Is.EqualTo((ReasonIds.AuthUnusable, 0)));
    }

    [Test]
    public void AnOverlongValueClosesTheRouteAndIsNotRepeated()
    {
        var result = Routed(ProxyKind.Nginx, ("templater.auth.basic", "ops:secret" + new string('x', 2000)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.FateOf("shop").Reason, Is.EqualTo(ReasonIds.AuthUnusable));
            Assert.That(Given.Dump(result), Does.Not.Contain("secret"));
        }
    }

    [Test]
    public void SaysWhatComposeAte() => Assert.That(
        Given.Routed(Given.Hosted("grafana", "grafana.example.com", ("templater.auth.basic", "ops:y$05"))).Messages(),
        Has.Some.Contains("container \"grafana\" is not routed for grafana.example.com: user \"ops\" in templater.auth.basic has no usable hash (\"y$05\"). In compose files write every $ as $$."));

    [Test]
    public void UsersAreReadFromAListInAnyOrder() => Assert.That(
        Users(RouteOf(Routed(ProxyKind.HAProxy, ("templater.auth.basic", $"zoe:{Good},\n amy:{Other}, zoe:{Good}")))), Is.EqualTo($"amy:{Other} zoe:{Good}"));

    [TestCase("Staff only", "Staff only")]
    [TestCase("50% off", "50% off")]
    [TestCase("off", "shop.example.com")]
    [TestCase("OFF", "shop.example.com")]
    [TestCase("", "shop.example.com")]
    [TestCase("a\"b", "shop.example.com")]
    [TestCase("a\\b", "shop.example.com")]
    [TestCase("a\r\nb", "shop.example.com")]
    public void ARealmThatWouldEndTheHeaderOrTheLoginIsNotTaken(string realm, string used)
    {
        var result = Routed(ProxyKind.Nginx, ("templater.auth.basic", "ops:" + Good), ("templater.auth.realm", realm));
        Assert.That((RouteOf(result).Auth!.Realm, result.Findings.Length), Is.EqualTo((used, used == realm ? 0 : 1)));
    }

    [Test]
    public void NoHostIsARealmThatTurnsLoginsOff() => Assert.That(
        Given.Routed(Given.Hosted("shop", "off", ("templater.auth.basic", "ops:" + Good))).Host("off").Routes.Single().Auth!.Realm, Is.EqualTo("host off"));

    [Test]
    public void AReplicaWithoutTheLoginIsGuardedByIt([Values] bool isOlder)
    {
        var plain = Given.Hosted("plain", "shop.example.com").Since(TimeSpan.FromHours(isOlder ? 9 : 0.1));
        var route = RouteOf(Given.Routed(Given.Hosted("guarded", "shop.example.com", ("templater.auth.basic", "ops:" + Good)), plain));
        Assert.That((Users(route), route.Upstream.Servers.Length), Is.EqualTo(($"ops:{Good}", 2)));
    }

    [Test]
    public void AReplicaWithAnotherLoginGetsNoRequests()
    {
        var result = Given.Routed(
            Given.Hosted("shop1", "shop.example.com", ("templater.auth.basic", "ops:" + Good)).Since(TimeSpan.FromHours(2)),
            Given.Hosted("shop2", "shop.example.com", ("templater.auth.basic", "ops:" + Other)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((Users(RouteOf(result)), RouteOf(result).Upstream.Servers.Length), Is.EqualTo(($"ops:{Good}", 1)));
            Assert.That(result.Messages(ReasonIds.ConflictValue).Single(), Does.Contain("auth.basic differs").And.Contains("with other passwords").And.Not.Contains(Good));
        }
    }

    [Test]
    public void AReplicaWithAnUnusableLoginClosesThePlace()
    {
        var route = RouteOf(Given.Routed(
            Given.Hosted("first", "shop.example.com"), Given.Hosted("second", "shop.example.com", ("templater.auth.basic", "ops:secret"))));
        Assert.That((route.IsClosed, route.Upstream.Servers.Length), Is.EqualTo((true, 0)));
    }

    [Test]
    public void NoTextOfALoginHoldsAHash()
    {
        var auth = RouteOf(Routed(ProxyKind.Nginx, ("templater.auth.basic", "ops:" + Good))).Auth!;
        Assert.That($"{auth} {auth.Users[0]}", Is.EqualTo("the login of ops ops"));
    }
}
