using Templater.Acme.Dns;
using Templater.Acme.Dns.Messages;
using Templater.Acme.Protocol;

namespace Templater.Acme.Tests.Dns;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DnsPersistSolverTests : IDisposable
{
    private const string Account = "https://ca.example/acct/1";
    private readonly FakeDnsServer _server = new();

    public void Dispose() => _server.Dispose();

    [TestCase("ca.example; accounturi=" + Account, false, ExpectedResult = true)]
    [TestCase("CA.example;accounturi=" + Account + ";policy=wildcard", true, ExpectedResult = true)]
    [TestCase("ca.example; accounturi=" + Account + "; persistUntil=32503680000", false, ExpectedResult = true)]
    [TestCase("ca.example; accounturi=" + Account, true, ExpectedResult = false, Description = "a wildcard needs its policy")]
    [TestCase("ca.example; accounturi=" + Account + "; persistUntil=1000", false, ExpectedResult = false, Description = "it has ended")]
    [TestCase("ca.example; accounturi=" + Account + "; persistUntil=soon", false, ExpectedResult = false)]
    [TestCase("ca.example; accounturi=" + Account + "2", false, ExpectedResult = false)]
    [TestCase("ca.example", false, ExpectedResult = false)]
    [TestCase("other.example; accounturi=" + Account, false, ExpectedResult = false)]
    [TestCase("", false, ExpectedResult = false)]
    public async Task<bool> ARecordAllowsItOrNot(string text, bool isWildcard)
    {
        _server.Zones.Add("example.org");
        _server.Records.Add(new(DnsName.Parse("_validation-persist.example.org"), DnsType.Txt, DnsClass.In, 60, DnsData.Txt.Of(text)));
        try
        {
            await Solver(TimeSpan.FromSeconds(10)).PresentAsync(Challenge(isWildcard), CancellationToken.None);
            return true;
        }
        catch (ChallengeException exception)
        {
            Assert.That(exception.Message, Is.EqualTo($"no TXT record _validation-persist.example.org allows it; add one with \"ca.example; accounturi={Account}{(isWildcard ? "; policy=wildcard" : "")}\""));
            return false;
        }
    }

    [Test]
    public void ADnsThatDoesNotTellIsSaid()
    {
        _server.Answer = (_, _) => [];
        Assert.That(() => Solver(TimeSpan.FromMilliseconds(500)).PresentAsync(Challenge(false), CancellationToken.None), Throws.TypeOf<ChallengeException>());
    }

    [Test]
    public void ANameThatLeavesNoRoomForTheRecordIsSaid()
    {
        var name = Identifier.Dns(string.Join('.', Enumerable.Repeat(new string('a', 59), 4)));
        Assert.That(() => Solver(TimeSpan.FromMilliseconds(500)).PresentAsync(Challenge(false) with { Identifier = name }, CancellationToken.None), Throws.TypeOf<ChallengeException>().With.Message.Contains("is no name of the DNS"));
    }

    private DnsPersistSolver Solver(TimeSpan timeout) =>
        new(new DnsClient(new DnsClientOptions { Resolvers = [_server.EndPoint], Timeout = timeout, Attempts = 1 }, TimeProvider.System), TimeProvider.System);

    private static PendingChallenge Challenge(bool isWildcard) =>
        new(Identifier.Dns("example.org"), ChallengeType.DnsPersist01, "", "", new Uri(Account)) { IsWildcard = isWildcard, IssuerDomainNames = ["ca.example"] };
}
