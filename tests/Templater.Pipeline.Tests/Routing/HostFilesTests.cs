using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Files;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Which files of the operator are for which host and path.</summary>
public sealed class HostFilesTests
{
    private static readonly PathPattern App = new(PathMatch.Prefix, "/app") { IsRaw = true };

    // printf '%s' TEXT | sha1sum
    [TestCase("/", "42099b4af021e53fd8fd4e056c2568d7c2e3ffa8")]
    [TestCase("/app", "0c35eebf403cf91fe77a64921d76aa1ca6411d20")]
    [TestCase("~^shop", "549c0dd97136de723d5fc716c276171128e457e4")]
    [TestCase("", "da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    [TestCase("é", "bf15be717ac1b080b4f1c456692825891ff5073d")]
    public void PathsAreCalledByTheirSha1(string text, string expected) => Assert.That(HostFileNames.Sha1(text), Is.EqualTo(expected));

    [TestCase("shop.example.com", "shop.example.com")]
    [TestCase("Shop.Example.com.", "shop.example.com")]
    [TestCase("*.example.com", "*.example.com")]
    [TestCase("shop.*", "shop.*")]
    [TestCase("192.0.2.1", "192.0.2.1")]
    [TestCase("[2001:db8::1]", "[2001:db8::1]")]
    [TestCase("~^shop", "549c0dd97136de723d5fc716c276171128e457e4", "~^shop without tilde")]
    [TestCase("~^shop\\..+$", "shop.*")]
    [TestCase("*")]
    public void HostsAreCalledByTheirName(string host, params string[] expected)
    {
        Assert.That(HostPatternParser.TryParseWithTrailing(host, out var pattern, out _), Is.True);
        if (expected.Length == 2)
            expected[1] = HostFileNames.Sha1("^shop");
        Assert.That(HostFileNames.Of(pattern), Is.EqualTo(expected));
    }

    private static IEnumerable<TestCaseData<PathPattern, string[]>> Paths()
    {
        yield return Case(PathPattern.Root, "/");
        yield return Case(App, "/app");
        yield return Case(App with { Text = "/app/" }, "/app/");
        yield return Case(App with { BeatsRegex = true }, "^~ /app", "/app");
        yield return Case(App with { IsRaw = false }, "/app", "/app/");
        yield return Case(new PathPattern(PathMatch.Exact, "/app"), "= /app", "=/app");
        yield return Case(new PathPattern(PathMatch.Regex, "^/a"), "~ ^/a", "~^/a");
        yield return Case(new PathPattern(PathMatch.Regex, "(?i)^/a"), "~* ^/a", "~(?i)^/a");

        static TestCaseData<PathPattern, string[]> Case(PathPattern path, params string[] texts) => TestCaseData.Create(path, texts).SetArgDisplayNames(texts[0]);
    }

    [TestCaseSource(nameof(Paths))]
    public void PathsAreHashedAsTheirVariableHasThem(PathPattern path, string[] texts) => Assert.That(HostFileNames.Of(path), Is.EqualTo(texts));

    // Each line: kind of question, path, the files that are there, the one that holds.
    [TestCase("server", "/", "shop.example.com default", "shop.example.com")]
    [TestCase("server", "/", "default other.example.com shop.example.com_location", "default")]
    [TestCase("server", "/", "shop.example.com_location shop.example.comx xshop.example.com ../shop.example.com", null)]
    [TestCase("server", "/", "Shop.Example.Com", "Shop.Example.Com")]
    [TestCase("server", "/", "SHOP.example.com shop.example.com", "shop.example.com")]
    [TestCase("location", "/", "shop.example.com_42099b4af021e53fd8fd4e056c2568d7c2e3ffa8_location shop.example.com_location default_location", "shop.example.com_42099b4af021e53fd8fd4e056c2568d7c2e3ffa8_location")]
    [TestCase("location", "/app", "shop.example.com_42099b4af021e53fd8fd4e056c2568d7c2e3ffa8_location shop.example.com_location default_location", "shop.example.com_location")]
    [TestCase("location", "/app", "shop.example.com_0c35eebf403cf91fe77a64921d76aa1ca6411d20_location default_location", "shop.example.com_0c35eebf403cf91fe77a64921d76aa1ca6411d20_location")]
    [TestCase("location", "/app", "shop.example.com default_location", "default_location")]
    [TestCase("location", "/app", "shop.example.com_location_override shop.example.com", null)]
    [TestCase("override", "/", "shop.example.com_42099b4af021e53fd8fd4e056c2568d7c2e3ffa8_location_override shop.example.com_location_override", "shop.example.com_42099b4af021e53fd8fd4e056c2568d7c2e3ffa8_location_override")]
    [TestCase("override", "/", "shop.example.com_location_override default_location_override", "shop.example.com_location_override")]
    [TestCase("override", "/", "default_location_override shop.example.com_location", null)]
    [TestCase("override", "/app", "shop.example.com_location_override", null)]
    [TestCase("override", "/app", "shop.example.com_0c35eebf403cf91fe77a64921d76aa1ca6411d20_location_override", "shop.example.com_0c35eebf403cf91fe77a64921d76aa1ca6411d20_location_override")]
    [TestCase("passwords", "/app", "shop.example.com_0c35eebf403cf91fe77a64921d76aa1ca6411d20 shop.example.com", "shop.example.com_0c35eebf403cf91fe77a64921d76aa1ca6411d20")]
    [TestCase("passwords", "/app", "shop.example.com_42099b4af021e53fd8fd4e056c2568d7c2e3ffa8 shop.example.com", "shop.example.com")]
    [TestCase("passwords", "/", "default shop.example.com_0c35eebf403cf91fe77a64921d76aa1ca6411d20", null)]
    [TestCase("authority", "/", "shop.example.com.ca.crt ca.crt", "shop.example.com.ca.crt")]
    [TestCase("authority", "/", "other.example.com.ca.crt ca.crt", "ca.crt")]
    [TestCase("authority", "/", "example.com.ca.crt", null)]
    [TestCase("revocations", "/", "shop.example.com.ca.crt shop.example.com.crl.pem ca.crl.pem", "shop.example.com.crl.pem")]
    [TestCase("revocations", "/", "shop.example.com.ca.crt ca.crl.pem", null)]
    [TestCase("revocations", "/", "ca.crt ca.crl.pem shop.example.com.crl.pem", "ca.crl.pem")]
    public void TheMostExactFileHolds(string question, string path, string present, string? expected)
    {
        var host = new HostPattern(HostMatch.Exact, "shop.example.com");
        var pattern = path == "/" ? PathPattern.Root : App;
        string KindOf(string name) => question switch
        {
            "passwords" => OperatorFile.Passwords,
            "authority" or "revocations" => name.EndsWith(".crl.pem", StringComparison.Ordinal) ? OperatorFile.Revocations : OperatorFile.Authority,
            _ => OperatorFile.Include,
        };
        var names = present.Split(' ');
        foreach (var order in new[] { names, [.. names.Reverse()] })
        {
            var files = new HostFiles([.. order.Select(name => File(KindOf(name), name))]);
            var found = question switch
            {
                "server" => files.Server(host),
                "location" => files.Location(host, pattern),
                "override" => files.Override(host, pattern),
                "passwords" => files.Passwords(host, pattern),
                "authority" => files.Authority(host),
                _ => files.Revocations(files.Authority(host)!),
            };
            Assert.That(found?.Name, Is.EqualTo(expected));
        }
    }

    [Test]
    public void WhatALabelNamesAndIsNotThereHoldsForNobody()
    {
        var files = new HostFiles([File(OperatorFile.Passwords, "shop.example.com") with { Digest = "", Problem = "there is no such file" }]);
        Assert.That((files.IsEmpty, files.Passwords(new HostPattern(HostMatch.Exact, "shop.example.com"), PathPattern.Root)), Is.EqualTo((true, (OperatorFile?)null)));
    }

    [TestCase("", "")]
    [TestCase("client_max_body_size 1m;", "client_max_body_size")]
    [TestCase("# proxy_read_timeout 1s;\nadd_header A \"b; c {\" always;\n\tadd_header B 'd\\'; e';", "add_header")]
    [TestCase("location /x { proxy_read_timeout 9s; } proxy_buffering off", "location proxy_buffering")]
    [TestCase("if ($a ~ \"{\") { return 403; }\nset $x ${y}z;", "if set")]
    [TestCase("location ^~ /.well-known/acme-challenge/ { root /x; }", "acme-challenge location")]
    [TestCase("location /x { location /.well-known/acme-challenge/ {} }", "location")]
    [TestCase("} } Client_Max_Body_Size 1m; a; \"bb\" c;", "a bb")]
    [TestCase("\"unclosed", "unclosed")]
    public void TheOutermostDirectivesAreKnown(string text, string expected) => Assert.That(NginxWords.Of(text), Is.EqualTo(expected));

    private static OperatorFile File(string kind, string name) => new() { Kind = kind, Name = name, Path = "/x/" + name, Digest = "d", Text = "", Problem = null };
}
