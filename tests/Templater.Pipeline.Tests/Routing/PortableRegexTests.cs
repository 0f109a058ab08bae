using System.Text.RegularExpressions;
using Templater.Pipeline.Rendering.Quoting;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;
using Templater.Pipeline.Tests.Rendering;

namespace Templater.Pipeline.Tests.Routing;

public sealed class PortableRegexTests
{
    [TestCase("^shop[0-9]+\\.example\\.com$")]
    [TestCase("(?i)^(www|api)\\.example\\.(?:com|org)$")]
    [TestCase("a{2,3}b*?c+\\d\\w\\s[^a-z\\d.-]")]
    [TestCase("")]
    [TestCase("^/api/v[12]/")]
    [TestCase("a|b||c")]
    [TestCase("~^x$")]
    [TestCase("[a-z-]")]
    [TestCase("\\{x\\}")]
    [TestCase("é+")]
    public void OrdinaryExpressionsAreFine(string expression) =>
        Assert.That(PortableRegex.Problem(expression), Is.Null);

    [TestCase("(a")]
    [TestCase("a)")]
    [TestCase("[a")]
    [TestCase("[]")]
    [TestCase("[z-a]")]
    [TestCase("[[:alpha:]]")]
    [TestCase("*a")]
    [TestCase("a**")]
    [TestCase("a++")]
    [TestCase("a{")]
    [TestCase("a{2")]
    [TestCase("a{3,2}")]
    [TestCase("a{1001}")]
    [TestCase("(a{100}){100}")]
    [TestCase("((a{50}){50}){50}")]
    [TestCase("a\\")]
    [TestCase("(?<host>a)")]
    [TestCase("(?P<host>a)")]
    [TestCase("(?=a)")]
    [TestCase("(?<!a)b")]
    [TestCase("a(?i)b")]
    [TestCase("(a)\\1")]
    [TestCase("\\p{L}")]
    [TestCase("\\Qa\\E")]
    [TestCase("\\x41")]
    [TestCase("\\<word\\>")]
    [TestCase("^*")]
    [TestCase("a\nb")]
    [TestCase("[é]")]
    public void WhatPcreCouldReadDifferentlyIsRefused(string expression) =>
        Assert.That(PortableRegex.Problem(expression), Is.Not.Null);

    [TestCase("templater.host", "~[[:alpha:]]$", "invalid-host", "templater.host=\"~[[:alpha:]]$\": the expression has a character class with a bracket or a letter outside ASCII.")]
    [TestCase("templater.path", "~^/(?<name>a)", "invalid-path", "templater.path=\"~^/(?<name>a)\": a regular expression that every proxy reads alike (the expression uses a group with '(?', of which only '(?:' is supported, and '(?i)' at the start) was expected.")]
    [TestCase("templater.path", "~^/\\x41", "invalid-path", "the expression uses \\x, which is not supported")]
    public void WhatAProxyMightReadDifferentlyIsRefusedWithItsLabelAndNotWhileRendering(string label, string value, string reason, string message)
    {
        (string, string)[] labels = label == "templater.host" ? [(label, value)] : [("templater.host", "a.example.com"), (label, value)];
        foreach (var kind in new[] { ProxyKind.Nginx, ProxyKind.HAProxy })
            Assert.That(Given.Routed(Given.Snapshot(Given.Proxy(), Given.Container("shop", labels)), kind: kind).Messages(reason).Single(), Does.Contain(message));
        var rendering = new Scenario().Add("shop", labels).Render("nginx");
        Assert.That((rendering.Quarantined.Count, rendering.File is not null), Is.EqualTo((0, true)));
    }

    [Test]
    public void WhateverRoutingAcceptsCanBeQuoted()
    {
        foreach (var expression in NastyText.Random(seed: 5, 20_000).Append(new string('\"', RegexPattern.MaxLength)).Append(new string('名', RegexPattern.MaxLength)).Where(text => RegexPattern.Complaint(text) is null))
        {
            Assert.That(NginxQuoting.Regex("~" + expression).Problem, Is.Null, expression);
            Assert.That(HAProxyQuoting.Regex(expression).Problem, Is.Null, expression);
        }
    }

    [Test]
    public void DeepNestingIsRefusedInsteadOfOverflowing() =>
        Assert.That(PortableRegex.Problem(new string('(', 900) + new string(')', 900)), Does.Contain("nests"));

    [Test]
    public async Task WhatIsFineCompilesInDotNetAndInTheRealNginx()
    {
        var fine = NastyText.Random(seed: 11, 20_000).Where(text => PortableRegex.Problem(text) is null).Distinct().Take(1500).ToList();
        Assert.That(fine, Has.Count.GreaterThan(200));
        foreach (var expression in fine)
            Assert.That(() => new Regex(expression), Throws.Nothing, expression);
        var locations = fine.Select(text => $"    location ~ {NginxQuoting.Regex(text).Text} {{ return 204; }}\n");
        await RealChecker.AcceptsNginx($"events {{}}\nhttp {{\n  access_log off;\n  server {{\n{string.Concat(locations)}  }}\n}}\n");
    }
}
