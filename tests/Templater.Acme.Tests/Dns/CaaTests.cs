using Templater.Acme.Dns;
using Templater.Acme.Dns.Messages;

namespace Templater.Acme.Tests.Dns;

public sealed class CaaTests
{
    private const string Account = "https://ca.example/acct/1";

    // Records with | between; "!" in front of a tag makes it critical.
    [TestCase("", false, null)]
    [TestCase("issue ca.example", false, null)]
    [TestCase("issue CA.Example", false, null)]
    [TestCase("ISSUE ca.example", false, null)]
    [TestCase("issue other.example", false, "the CAA record 'issue \"other.example\"' at example.org allows another CA; add one with ca.example")]
    [TestCase("issue other.example|issue ca.example", false, null)]
    [TestCase("issue ;", false, "the CAA record 'issue \";\"' at example.org allows no CA; add one with ca.example")]
    [TestCase("issue ;", true, "the CAA record 'issue \";\"' at example.org allows no CA; add one with ca.example")]
    [TestCase("iodef mailto:a@example.org", false, null)]
    [TestCase("issuewild other.example", false, null)]
    [TestCase("issuewild other.example", true, "the CAA record 'issuewild \"other.example\"' at example.org allows another CA; add one with ca.example")]
    [TestCase("issue other.example|issuewild ca.example", true, null)]
    [TestCase("issue ca.example|issuewild ;", true, "the CAA record 'issuewild \";\"' at example.org allows no CA; add one with ca.example")]
    [TestCase("issue ca.example", true, null)]
    [TestCase("!issue ca.example", false, null)]
    [TestCase("!future x|issue ca.example", false, "a CAA record at example.org has the critical tag 'future', which CAs do not know")]
    [TestCase("!fu\u001bture x", false, "a CAA record at example.org has the critical tag 'fu ture', which CAs do not know")]
    [TestCase("issue other\u001b[31m.example", false, "the CAA record 'issue \"other [31m.example\"' at example.org allows another CA; add one with ca.example")]
    [TestCase("future x", false, null)]
    [TestCase("issue ca.example; accounturi=" + Account, false, null)]
    [TestCase("issue ca.example; accounturi=https://ca.example/acct/2", false, "the CAA record 'issue \"ca.example; accounturi=https://ca.example/acct/2\"' at example.org is for another account than " + Account)]
    [TestCase("issue ca.example; accounturi=" + Account + "; accounturi=" + Account, false, "the CAA record 'issue \"ca.example; accounturi=" + Account + "; accounturi=" + Account + "\"' at example.org is for another account than " + Account)]
    [TestCase("issue ca.example; validationmethods=http-01,dns-01", false, null)]
    [TestCase("issue ca.example;validationmethods=http-01", false, "the CAA record 'issue \"ca.example;validationmethods=http-01\"' at example.org does not allow dns-01")]
    [TestCase("issue ca.example; unknown=1", false, null)]
    [TestCase("issue ca.example; nonsense", false, "the CAA record 'issue \"ca.example; nonsense\"' at example.org is malformed, so it allows nothing")]
    [TestCase("issue other.example|issue ca.example; validationmethods=http-01", false, "the CAA record 'issue \"ca.example; validationmethods=http-01\"' at example.org does not allow dns-01")]
    public void ACaMayIssueAsTheRecordsSay(string records, bool isWildcard, string? expected) =>
        Assert.That(Caa.Refusal(Set(records), new(isWildcard, ["ca.example"], Account, "dns-01")), Is.EqualTo(expected));

    [Test]
    public void WithoutAnAccountNothingIsSaidAboutIt() =>
        Assert.That(Caa.Refusal(Set("issue ca.example; accounturi=" + Account), new(false, ["ca.example"], null, "dns-01")), Is.Null);

    [Test]
    public void ACaMayGoBySeveralNames() =>
        Assert.That(Caa.Refusal(Set("issue two.example"), new(false, ["one.example", "two.example"], null, "dns-01")), Is.Null);

    [TestCase("a.b.example.org", "b.example.org")]
    [TestCase("b.example.org", "b.example.org")]
    [TestCase("c.example.org", "example.org")]
    [TestCase("alias.example.org", "alias.example.org")]
    [TestCase("example.net", "")]
    public async Task TheNextNameAboveThatHasRecordsCounts(string name, string owner)
    {
        using var server = new FakeDnsServer().WithZone("example.org").WithZone("example.net").WithZone("org").WithZone("net");
        server.Add("example.org", DnsType.Caa, new DnsData.Caa(0, "issue", "one"));
        server.Add("b.example.org", DnsType.Caa, new DnsData.Caa(0, "issue", "two"));
        server.Host("alias.example.org", DnsType.Cname, "b.example.org");
        var found = await Caa.FindAsync(server.Client(), name, CancellationToken.None);
        Assert.That((found.Owner, found.Properties.Count), Is.EqualTo((owner, owner == "" ? 0 : 1)));
    }

    [Test]
    public void WhereTheDnsFailsTheCaWouldRefuseToo()
    {
        using var server = new FakeDnsServer();
        server.Answer = (query, _) => (query with { IsResponse = true, ResponseCode = DnsResponseCode.ServFail }).ToBytes();
        Assert.That(async () => await Caa.FindAsync(server.Client(), "example.org", CancellationToken.None), Throws.TypeOf<DnsException>().With.Message.Contains("CAA of example.org"));
    }

    private static CaaSet Set(string records) => new("example.org",
    [
        .. records.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(record => record.Split(' ', 2))
            .Select(parts => new CaaProperty((byte)(parts[0].StartsWith('!') ? 128 : 0), parts[0].TrimStart('!'), parts[1])),
    ]);
}
