using System.Security.Cryptography;
using System.Text;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>Which names of hosts in a configuration of HAProxy need no reload.</summary>
public sealed class HostLinesTests
{
    private const string Line = "    http-request set-var(txn.site) str(a.example) if { var(txn.host) -m str a.example b.example }";

    [TestCase(Line, "2 a.example b.example")]
    [TestCase("http-request set-var(txn.site) str(a/1) if { var(txn.host) -m str [::1] 10.0.0.1 }", "2 [::1] 10.0.0.1")]
    [TestCase("    http-request set-var(txn.site) str(s) if { var(txn.host) -m str }", "")]
    [TestCase("    http-request set-var(txn.site) str(s) if { var(txn.host) -m str a } { src 10.0.0.1 }", "")]
    [TestCase("    http-request set-var(txn.site) str(s) if !{ var(txn.host) -m str a }", "")]
    [TestCase("    http-request set-var(txn.site) str(s) if { var(txn.site) -m found } { var(txn.host) -m str a }", "")]
    [TestCase("    http-request set-var(txn.site) str(s) if { var(txn.host) -m str -i a }", "")]
    [TestCase("    http-request set-var(txn.site) str(s) if { var(txn.host) -m str a  b }", "")]
    [TestCase("    http-request set-var(txn.site) str(s) if { var(txn.host) -m end a }", "")]
    [TestCase("    http-request set-var(txn.site) str(s) if { var(txn.host) -m str \"a }", "")]
    [TestCase("    http-request set-var(txn.site) str(s) if { var(txn.host) -m str a } # }", "")]
    [TestCase("    http-request set-var(txn.site) str(s) if { src 1 } or { x ) if { var(txn.host) -m str a }", "")]
    [TestCase("    # http-request set-var(txn.site) str(s) if { var(txn.host) -m str a }", "")]
    [TestCase("    http-request set-var(txn.thumbprint) str(abc_-) if { var(txn.host) -m str a.example templater:nobody }", "2 a.example templater:nobody")]
    [TestCase("    http-request set-var(txn.other) str(s) if { var(txn.host) -m str a }", "")]
    public void LinesAreRead(string line, string expected) => Assert.That(
        string.Join('\n', HostLines.Read(Encoding.UTF8.GetBytes("frontend f\n" + line + "\n")).Select(static found => $"{found.Line} {string.Join(' ', found.Names)}")),
        Is.EqualTo(expected));

    [TestCase(Line, true)]
    [TestCase("    http-request set-var(txn.site) str(a.example) if { var(txn.host) -m str c.example }", true)]
    [TestCase("    http-request set-var(txn.site) str(b.example) if { var(txn.host) -m str a.example b.example }", false)]
    [TestCase(Line + "\n" + Line, false)]
    [TestCase("    http-request set-var(txn.site) str(a.example) if { var(txn.host) -m str }", false)]
    [TestCase("    http-request set-var(txn.site) str(a.example) if { var(txn.host) -m str a.example } { src 10.0.0.1 }", false)]
    public void OnlyTheNamesAreLeftOut(string line, bool isSame) => Assert.That(Hash(line) == Hash(Line), Is.EqualTo(isSame));

    [TestCase("0 () acl 'var' file 'a.cfg' line 11. curr_ver=0 next_ver=0 entry_cnt=2\n12 () acl 'var' file '/x y/a.cfg' line 12\n\n", "11=0 12=12")]
    [TestCase("0 () acl 'var' file 'a.cfg' line 11\n1 () acl 'var' file 'b.cfg' line 11\n2 () acl 'var' file 'c.cfg' line 11\n", "11=-1")]
    [TestCase("0 () acl 'path' file 'a.cfg' line 11\n1 (/x.map) pattern loaded from file '/x.map' line 3\nUnknown command\n", "")]
    [TestCase("x () acl 'var' file 'a.cfg' line 11\n1 () acl 'var' file 'a.cfg' line x\n", "")]
    public void ListsAreFoundByTheirLines(string answer, string expected) => Assert.That(
        string.Join(' ', HAProxyLists.Numbers(answer).OrderBy(static list => list.Key).Select(static list => $"{list.Key}={list.Value}")), Is.EqualTo(expected));

    [TestCase("0x1 a\n0x2 b\n\n0x3 c\n\n", 2, "a,b;c")]
    [TestCase("\n", 1, "")]
    [TestCase("0x1 a\n\n", 2, null)]
    [TestCase("0x1 a\n\n0x1 b\n\n", 1, null)]
    [TestCase("Unknown ACL identifier. Please use #<id> or <file>.\n\n", 1, null)]
    [TestCase("Permission denied\n\n", 1, null)]
    [TestCase("0x1 a b\n\n", 1, null)]
    [TestCase("0x1 a", 1, null)]
    [TestCase("", 1, null)]
    public void EntriesAreRead(string answer, int count, string? expected) => Assert.That(
        HAProxyLists.Entries(answer, count) is { } lists ? string.Join(';', lists.Select(static list => string.Join(',', list.Order(StringComparer.Ordinal)))) : null, Is.EqualTo(expected));

    private static string Hash(string config)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ServerSlots.AppendWithoutThem(hash, Encoding.UTF8.GetBytes(config));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
