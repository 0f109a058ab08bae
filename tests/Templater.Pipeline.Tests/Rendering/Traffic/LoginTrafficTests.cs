using System.Text;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Who gets past a login, whatever they send.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class LoginTrafficTests(string proxy)
{
    private const string Password = "secret";
    private const string Sha256 = "$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.";

    private static readonly (string Name, string Hash, bool IsForBoth)[] Hashes =
    [
        ("md5", "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1", true),
        ("sha256", Sha256, true),
        ("rounds", "$5$rounds=1000$abcdefgh$XIppta5rT8zJUu4vAOKQXrwq9uY4Ijlz6VjyOmkx5i4", true),
        ("sha512", "$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.", true),
        ("bcrypt", "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a", true),
        ("bcrypt-b", "$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a", true),
        ("apr1", "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/", false),
        ("sha1", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", false),
        ("ssha", "{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0", false),
    ];

    private Stage _stage = null!;

    private static IEnumerable<string> Users => Hashes.Select(user => user.Name);

    private static string Login(string name, string password) =>
        $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"))}\n";

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy);
        var users = string.Join(", ", Hashes.Where(user => _stage.IsNginx || user.IsForBoth).Select(user => $"{user.Name}:{user.Hash}"));
        _stage
            .Add("web", ("templater.host", "a.example.com"))
            .Add("admin", ("templater.host", "a.example.com"), ("templater.path", "/admin"), ("templater.auth.basic", users))
            .Add("both", ("templater.host", "a.example.com"), ("templater.path", "/both"), ("templater.auth.basic", "ops:" + Sha256), ("templater.allow", "127.0.0.1"))
            .Add("moved", ("templater.host", "a.example.com"), ("templater.path", "/moved"), ("templater.auth.basic", "ops:" + Sha256), ("templater.redirect.to", "https://new.example.org"))
            .Add("named", ("templater.host", "named.example.com"), ("templater.auth.basic", "ops:" + Sha256), ("templater.auth.realm", "It's 50% $off"))
            .Add("off", ("templater.host", "off"), ("templater.auth.basic", "ops:" + Sha256))
            .Add("odd", ("templater.host", "odd.example.com"), ("templater.auth.basic", "o'p$s{}\"\\:" + Sha256))
            .OperatorFile("staff.htpasswd", $"# staff\n\nann:{Sha256}:comment\r\nbob:{Hashes[0].Hash}\n")
            .Add("filed", ("templater.host", "filed.example.com"), ("templater.auth.basic.file", "staff.htpasswd"), ("templater.auth.basic", "ops:" + Sha256))
            .Add("lost", ("templater.host", "lost.example.com"), ("templater.auth.basic.file", "missing"))
            .Add("bad", ("templater.host", "bad.example.com"), ("templater.auth.basic", "ops:secret"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCaseSource(nameof(Users))]
    public async Task EveryKindOfHashLetsInItsUserAndNobodyElse(string name)
    {
        var isKnown = _stage.IsNginx || Hashes.Single(user => user.Name == name).IsForBoth;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await _stage.GetAsync("a.example.com", "/admin", Login(name, Password))).Status, Is.EqualTo(isKnown ? 200 : 401));
            Assert.That((await _stage.GetAsync("a.example.com", "/admin", Login(name, "Secret"))).Status, Is.EqualTo(401));
            Assert.That((await _stage.GetAsync("a.example.com", "/admin", Login(name, ""))).Status, Is.EqualTo(401));
        }
    }

    [TestCaseSource(typeof(Spellings), nameof(Spellings.OfAdmin))]
    public async Task NoSpellingReachesPastALogin(string target)
    {
        var before = _stage["admin"].Requests;
        var answer = await _stage.GetAsync("a.example.com", target);

        Assert.That(answer.Status, Is.EqualTo(401).Or.EqualTo(400), answer.Body);
        Assert.That(_stage["admin"].Requests, Is.EqualTo(before));
    }

    [TestCase("")]
    [TestCase("Authorization: Basic\n")]
    [TestCase("Authorization: Basic ====\n")]
    [TestCase("Authorization: Bearer ops\n")]
    [TestCase("Authorization: Basic b3Bz\n")]
    public async Task WithoutUsableCredentialsNobodyComesIn(string headers) =>
        Assert.That((await _stage.GetAsync("a.example.com", "/admin", headers)).Status, Is.EqualTo(401));

    [Test]
    public async Task TheRestOfTheHostIsOpen() => Assert.That((await _stage.GetAsync("a.example.com", "/")).Status, Is.EqualTo(200));

    [Test]
    public async Task AnAddressThatIsNotAdmittedIsNotAskedForAPassword()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await _stage.GetAsync("a.example.com", "/both", from: "127.0.0.2")).Status, Is.EqualTo(403));
            Assert.That((await _stage.GetAsync("a.example.com", "/both", Login("ops", Password), from: "127.0.0.2")).Status, Is.EqualTo(403));
            Assert.That((await _stage.GetAsync("a.example.com", "/both")).Status, Is.EqualTo(401));
            Assert.That((await _stage.GetAsync("a.example.com", "/both", Login("ops", Password))).Status, Is.EqualTo(200));
        }
    }

    [Test]
    public async Task ARedirectIsGuardedToo()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await _stage.GetAsync("a.example.com", "/moved/x")).Status, Is.EqualTo(401));
            Assert.That((await _stage.GetAsync("a.example.com", "/moved/x", Login("ops", Password)))["Location"], Is.EqualTo("https://new.example.org/moved/x"));
        }
    }

    [TestCase("named.example.com", "It's 50% $off")]
    [TestCase("off", "host off")]
    [TestCase("odd.example.com", "odd.example.com")]
    public async Task TheRealmIsShownAsItIs(string host, string realm)
    {
        var answer = await _stage.GetAsync(host);
        Assert.That((answer.Status, answer["WWW-Authenticate"]), Is.EqualTo((401, $"Basic realm=\"{realm}\"")));
    }

    [Test]
    public async Task ANameMayHoldWhatProxiesTakeForSyntax() =>
        Assert.That((await _stage.GetAsync("odd.example.com", headers: Login("o'p$s{}\"\\", Password))).Status, Is.EqualTo(200));

    [TestCase("ann", 200)]
    [TestCase("bob", 200)]
    [TestCase("ops", 200)]
    [TestCase("# staff", 401)]
    [TestCase("eve", 401)]
    public async Task UsersOfAFileComeInLikeThoseOfTheLabel(string name, int status) =>
        Assert.That((await _stage.GetAsync("filed.example.com", headers: Login(name, Password))).Status, Is.EqualTo(status));

    [Test]
    public async Task AMissingFileOpensNothing()
    {
        Assert.That((await _stage.GetAsync("lost.example.com", headers: Login("ops", Password))).Status, Is.EqualTo(503));
        Assert.That(_stage["lost"].Requests, Is.Zero);
    }

    [Test]
    public async Task APlainPasswordOpensNothing()
    {
        Assert.That((await _stage.GetAsync("bad.example.com", headers: Login("ops", Password))).Status, Is.EqualTo(503));
        Assert.That(_stage["bad"].Requests, Is.Zero);
    }
}
